/**
 * An open file of this process: what is asked and changed through it concerns that file, whatever its
 * names lead to by now.
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { checkLibc, ERRNO, SystemError } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { allocate, closedError } from "./native_memory.ts";
import { AT_FDCWD } from "./open_flags.ts";

/** `linux/fcntl.h`. */
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

/** `linux/stat.h`: STATX_BASIC_STATS, and where `struct statx` has what. The same on every machine. */
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;
const STATX = { links: 16, uid: 20, gid: 24, mode: 28, inode: 32, size: 40, device: 136 } as const;

/** `linux/stat.h`: the kind of file in its mode. */
const S_IFMT = 0o170000;
const KINDS: ReadonlyMap<number, FileStatus["kind"]> = new Map([
  [0o140000, "socket"],
  [0o120000, "symbolic link"],
  [0o100000, "regular file"],
  [0o060000, "block device"],
  [0o040000, "directory"],
  [0o020000, "character device"],
  [0o010000, "FIFO"],
]);

/** `asm-generic/fcntl.h`. */
const LOCK_EX = 2;
const LOCK_NB = 4;
const LOCK_UN = 8;

/** `linux/limits.h`. */
const PATH_MAX = 4096;

/** What inode(7) knows of a file. */
export interface FileStatus {
  readonly kind:
    | "regular file"
    | "directory"
    | "symbolic link"
    | "FIFO"
    | "socket"
    | "block device"
    | "character device";
  /** Permission bits with set-user-ID, set-group-ID and sticky bit. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  /** Tells files apart, with the file system they are in. */
  readonly identity: string;
}

/** An open file. Dispose closes it, once. */
export class FileDescriptor implements Disposable {
  #fd: number;

  /** @param fd taken over: it is closed by dispose */
  constructor(fd: number) {
    this.#fd = fd;
  }

  get fd(): number {
    if (this.#fd < 0) throw closedError(this.constructor.name);
    return this.#fd;
  }

  /** Path by which any thread of this process opens the file again, until this is disposed: proc(5). */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** The file's name now, for a user to read. It may be another's the moment after. */
  get shownPath(): string {
    return new TextDecoder().decode(readLinkAt(AT_FDCWD, this.path));
  }

  /** @throws {SystemError} */
  status(): FileStatus {
    return readStatus(this.fd, "", AT_EMPTY_PATH);
  }

  /**
   * Gives the file to another user and group.
   *
   * @throws {SystemError}
   */
  giveTo(user: number, group: number): void {
    checkLibc("change the owner of a file", ({ fchown }) => fchown(this.fd, user, group));
  }

  /**
   * Sets the permission bits.
   *
   * @throws {SystemError}
   */
  setMode(mode: number): void {
    checkLibc("change the mode of a file", ({ fchmod }) => fchmod(this.fd, mode));
  }

  /**
   * Brings the file onto the disk: fsync(2).
   *
   * @throws {SystemError}
   */
  sync(): void {
    checkLibc("bring a file onto the disk", ({ fsync }) => fsync(this.fd));
  }

  /**
   * Writes all of `bytes` at the end of what was written before.
   *
   * @throws {SystemError}
   */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.subarray(done);
      done += Number(
        checkLibc("write a file", ({ write }) => write(this.fd, rest, BigInt(rest.length))),
      );
    }
  }

  /**
   * Locks the file against other openings of it until this is disposed, or the process ends: flock(2).
   *
   * @returns false if another has the lock
   * @throws {SystemError} if this file system has no such locks
   */
  tryLock(): boolean {
    try {
      checkLibc("lock a file", ({ flock }) => flock(this.fd, LOCK_EX | LOCK_NB));
      return true;
    } catch (error) {
      if (error instanceof SystemError && error.errno === ERRNO.EAGAIN) return false;
      throw error;
    }
  }

  /** Gives the lock back. */
  unlock(): void {
    checkLibc("unlock a file", ({ flock }) => flock(this.fd, LOCK_UN));
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    libc().close(this.#fd);
    this.#fd = -1;
  }
}

/**
 * Status of what `name` is in an open directory; a symbolic link's own.
 *
 * @throws {SystemError}
 */
export function statusAt(directory: number, name: string): FileStatus {
  return readStatus(directory, name, AT_SYMLINK_NOFOLLOW);
}

/**
 * The bytes of a symbolic link.
 *
 * @throws {SystemError}
 */
export function readLinkAt(directory: number, name: string): Uint8Array<ArrayBuffer> {
  const memory = allocate(PATH_MAX);
  const path = cString(name);
  const length = checkLibc(
    "read a symbolic link",
    ({ readlinkat }) => readlinkat(directory, path, memory, BigInt(memory.length)),
  );
  return memory.subarray(0, Number(length));
}

function readStatus(fd: number, name: string, flags: number): FileStatus {
  const memory = allocate(STATX_BYTES);
  const path = cString(name);
  checkLibc(
    "look at a file",
    ({ statx }) => statx(fd, path, flags, STATX_BASIC_STATS, memory),
  );
  const view = new DataView(memory.buffer);
  const mode = view.getUint16(STATX.mode, true);
  const device = view.getBigUint64(STATX.device, true);
  return {
    kind: KINDS.get(mode & S_IFMT) ?? "regular file",
    mode: mode & ~S_IFMT,
    uid: view.getUint32(STATX.uid, true),
    gid: view.getUint32(STATX.gid, true),
    links: view.getUint32(STATX.links, true),
    size: Number(view.getBigUint64(STATX.size, true)),
    identity: `${device}:${view.getBigUint64(STATX.inode, true)}`,
  };
}
