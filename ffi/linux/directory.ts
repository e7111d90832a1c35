/**
 * An open directory. Names are looked up in it and in nothing else: a name is one component, never a
 * path, and a symbolic link is not followed. So what was checked is what is used, whoever renames the
 * directory, or the names above it, in between.
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { checkLibc, ERRNO, SystemError } from "./errno.ts";
import { FileDescriptor, type FileStatus, readLinkAt, statusAt } from "./file_descriptor.ts";
import {
  AT_FDCWD,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  O_WRONLY,
} from "./open_flags.ts";

/** `linux/fcntl.h`. */
const AT_REMOVEDIR = 0x200;
/** `linux/fs.h`. */
const RENAME_NOREPLACE = 1;

/** An open directory, and what can be done with the names in it. */
export class Directory extends FileDescriptor {
  /** The directory in which relative paths begin, or the one in which absolute ones do. */
  static begin(path: string): Directory {
    return openDirectory(AT_FDCWD, path.startsWith("/") ? "/" : ".");
  }

  /**
   * The directory `name` in this one, or `..`.
   *
   * @throws {SystemError} `ENOTDIR` or `ELOOP` for a symbolic link
   */
  openDirectory(name: string): Directory {
    return openDirectory(this.fd, component(name));
  }

  /**
   * Status of what has this name.
   *
   * @returns null if nothing has
   * @throws {SystemError}
   */
  statusOf(name: string): FileStatus | null {
    try {
      return statusAt(this.fd, component(name));
    } catch (error) {
      if (error instanceof SystemError && error.errno === ERRNO.ENOENT) return null;
      throw error;
    }
  }

  /**
   * What a symbolic link holds.
   *
   * @returns null if it is not UTF-8: as a string it would be another name
   * @throws {SystemError} `EINVAL` if it is no symbolic link
   */
  readLink(name: string): string | null {
    const bytes = readLinkAt(this.fd, component(name));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return null;
    }
  }

  /**
   * Opens a file to read, or a FIFO or device without waiting for it.
   *
   * @throws {SystemError} `ELOOP` for a symbolic link
   */
  openFile(name: string): FileDescriptor {
    return this.#open(name, O_RDONLY | O_NONBLOCK, 0);
  }

  /**
   * Makes a file to write; the umask takes from `mode`.
   *
   * @throws {SystemError} `EEXIST` if the name is taken, if only by a symbolic link
   */
  createFile(name: string, mode: number): FileDescriptor {
    return this.#open(name, O_WRONLY | O_CREAT | O_EXCL, mode);
  }

  /**
   * Makes a directory; the umask takes from `mode`.
   *
   * @throws {SystemError}
   */
  makeDirectory(name: string, mode: number): void {
    const path = cString(component(name));
    checkLibc("make a directory", ({ mkdirat }) => mkdirat(this.fd, path, mode));
  }

  /**
   * Moves an entry of this directory into another. What has the new name is replaced, a symbolic link
   * itself and not what it points at.
   *
   * @throws {SystemError}
   */
  move(name: string, into: Directory, newName: string): void {
    this.#rename(name, into, newName, 0);
  }

  /**
   * As {@linkcode move}, but fails if the new name is taken.
   *
   * @throws {SystemError} `EEXIST` if it is; `EINVAL` if this file system cannot do it in one step
   */
  moveWithoutReplacing(name: string, into: Directory, newName: string): void {
    this.#rename(name, into, newName, RENAME_NOREPLACE);
  }

  /**
   * Gives a file of this directory a second name in another.
   *
   * @throws {SystemError} `EEXIST` if the new name is taken
   */
  link(name: string, into: Directory, newName: string): void {
    const [from, to] = [cString(component(name)), cString(component(newName))];
    checkLibc("link a file", ({ linkat }) => linkat(this.fd, from, into.fd, to, 0));
  }

  /**
   * Removes a name that is no directory's.
   *
   * @throws {SystemError}
   */
  removeFile(name: string): void {
    this.#unlink(name, 0);
  }

  /**
   * Removes an empty directory.
   *
   * @throws {SystemError} `ENOTEMPTY` if it is not empty
   */
  removeDirectory(name: string): void {
    this.#unlink(name, AT_REMOVEDIR);
  }

  /**
   * Names in the directory.
   *
   * @throws {Error} one of Deno's, if it may not be read
   */
  names(): string[] {
    return Array.from(Deno.readDirSync(this.path), ({ name }) => name);
  }

  #open(name: string, flags: number, mode: number): FileDescriptor {
    const path = cString(component(name));
    const fd = checkLibc(
      "open a file",
      ({ openat }) => openat(this.fd, path, flags | O_NOFOLLOW | O_CLOEXEC, mode),
    );
    return new FileDescriptor(fd);
  }

  #rename(name: string, into: Directory, newName: string, flags: number): void {
    const [from, to] = [cString(component(name)), cString(component(newName))];
    checkLibc(
      "rename a file",
      ({ renameat2 }) => renameat2(this.fd, from, into.fd, to, flags),
    );
  }

  #unlink(name: string, flags: number): void {
    const path = cString(component(name));
    checkLibc("remove a file", ({ unlinkat }) => unlinkat(this.fd, path, flags));
  }
}

function openDirectory(parent: number, name: string): Directory {
  const path = cString(name);
  const open = (access: number) =>
    new Directory(checkLibc("open a directory", ({ openat }) => {
      return openat(parent, path, access | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    }));
  try {
    return open(O_RDONLY);
  } catch (error) {
    // Names in a directory that may be searched but not listed can be used all the same.
    if (!(error instanceof SystemError) || error.errno !== ERRNO.EACCES) throw error;
    return open(O_PATH);
  }
}

function component(name: string): string {
  if (name !== "" && !name.includes("/")) return name;
  throw new TypeError(`Cannot use ${JSON.stringify(name)} as a name in a directory`);
}
