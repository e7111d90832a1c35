/**
 * A file of data that grows at its end, read and written at positions.
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { checkLibc, ERRNO, SystemError } from "./errno.ts";
import { FileDescriptor } from "./file_descriptor.ts";
import { allocate } from "./native_memory.ts";
import {
  AT_FDCWD,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
} from "./open_flags.ts";

const PRIVATE_MODE = 0o600;

/** Bytes copied at a time where the kernel does not copy by itself. */
const COPY_BYTES = 1024 * 1024;

/** `linux/falloc.h`. */
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
/** `linux/fs.h`. */
const SYNC_FILE_RANGE_WRITE = 2;

/** Errors of copy_file_range(2) where reading and writing does: two file systems, or it is not known. */
const NOT_COPIED: readonly number[] = [
  ERRNO.EXDEV,
  ERRNO.EINVAL,
  ERRNO.ENOSYS,
  ERRNO.EOPNOTSUPP,
  ERRNO.EPERM,
];

/** An open file of data. Positions and lengths are bytes. */
export class DataFile extends FileDescriptor {
  /**
   * Opens a file.
   *
   * @param how `create` makes a new one, which must not exist
   * @throws {SystemError} `ELOOP` for a symbolic link
   */
  static openPath(path: string, how: "create" | "write" | "read"): DataFile {
    const flags = { create: O_RDWR | O_CREAT | O_EXCL, write: O_RDWR, read: O_RDONLY }[how];
    const name = cString(path);
    const fd = checkLibc("open a file", ({ openat }) => {
      return openat(AT_FDCWD, name, flags | O_NOFOLLOW | O_CLOEXEC, PRIVATE_MODE);
    });
    return new DataFile(fd);
  }

  /**
   * Reads up to `length` bytes.
   *
   * @returns less only at the end of the file
   * @throws {SystemError}
   */
  readAt(position: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = allocate(length);
    let done = 0;
    while (done < length) {
      const rest = bytes.subarray(done);
      const count = Number(checkLibc("read a file", ({ pread }) => {
        return pread(this.fd, rest, BigInt(rest.length), BigInt(position + done));
      }));
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  }

  /**
   * Writes all of `bytes`.
   *
   * @throws {SystemError} some of it may be written then
   */
  writeAt(position: number, bytes: Uint8Array<ArrayBuffer>): void {
    for (let done = 0; done < bytes.length;) {
      const rest = bytes.subarray(done);
      done += Number(checkLibc("write a file", ({ pwrite }) => {
        return pwrite(this.fd, rest, BigInt(rest.length), BigInt(position + done));
      }));
    }
  }

  /**
   * Copies from another file, without a second copy of the data where the file system can share it.
   *
   * @param copied called with the bytes that are there so far
   * @throws {SystemError} some of it may be written then; `EIO` if the other file is shorter
   */
  copyFrom(
    source: DataFile,
    from: number,
    position: number,
    length: number,
    copied: (bytes: number) => void = () => {},
  ): void {
    for (let done = 0; done < length; copied(done)) {
      const count = this.#copySome(source, from + done, position + done, length - done);
      if (count === 0) throw new SystemError("copy a file", ERRNO.EIO);
      done += count;
    }
  }

  #copySome(source: DataFile, from: number, position: number, length: number): number {
    const [input, output] = [BigInt64Array.of(BigInt(from)), BigInt64Array.of(BigInt(position))];
    const bytes = (words: BigInt64Array) => new Uint8Array(words.buffer as ArrayBuffer);
    try {
      return Number(checkLibc("copy a file", ({ copy_file_range }) => {
        return copy_file_range(
          source.fd,
          bytes(input),
          this.fd,
          bytes(output),
          BigInt(length),
          0,
        );
      }));
    } catch (error) {
      if (!(error instanceof SystemError) || !NOT_COPIED.includes(error.errno)) throw error;
    }
    const piece = source.readAt(from, Math.min(length, COPY_BYTES));
    this.writeAt(position, piece);
    return piece.length;
  }

  /** @throws {SystemError} */
  truncate(length: number): void {
    checkLibc("truncate a file", ({ ftruncate }) => ftruncate(this.fd, BigInt(length)));
  }

  /**
   * Takes space for the file, whose length stays.
   *
   * @throws {SystemError} `EOPNOTSUPP` where the file system cannot
   */
  reserve(position: number, length: number): void {
    this.#allocate(FALLOC_FL_KEEP_SIZE, position, length);
  }

  /**
   * Gives back the space of a part of the file, which reads as zeros afterwards.
   *
   * @throws {SystemError} `EOPNOTSUPP` where the file system cannot
   */
  punch(position: number, length: number): void {
    this.#allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, position, length);
  }

  #allocate(mode: number, position: number, length: number): void {
    checkLibc("take space for a file", ({ fallocate }) => {
      return fallocate(this.fd, mode, BigInt(position), BigInt(length));
    });
  }

  /**
   * Brings the data onto the disk, and the length: fdatasync(2).
   *
   * @throws {SystemError}
   */
  syncData(): void {
    checkLibc("bring a file onto the disk", ({ fdatasync }) => fdatasync(this.fd));
  }

  /** Has the disk begin with a part, so that a later {@linkcode syncData} waits less. */
  beginSync(position: number, length: number): void {
    try {
      checkLibc("write a file", ({ sync_file_range }) => {
        return sync_file_range(
          this.fd,
          BigInt(position),
          BigInt(length),
          SYNC_FILE_RANGE_WRITE,
        );
      });
    } catch {
      // Only a hint: some file systems do not know it, and an error comes again from fdatasync(2).
    }
  }
}
