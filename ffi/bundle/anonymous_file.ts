/**
 * Native code from inside the compiled program, put where the dynamic loader can open it and nobody
 * else can: in a file without a name.
 *
 * A library that is unpacked under a name can be prepared, or exchanged between the check and the
 * loading, by whoever may write there. A file that only this process holds an fd of can not, nor does
 * it stay behind. The loader opens it as `/proc/self/fd/<number>`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { RunError, UnsupportedError } from "../../src/core/errors.ts";
import { cString } from "../linux/cstring.ts";
import { checkLibc, ERRNO, SystemError } from "../linux/errno.ts";
import { AT_FDCWD, O_CLOEXEC, O_CREAT, O_EXCL, O_RDWR } from "../linux/open_flags.ts";
import { LIBRARY_DIRECTORY_VARIABLE } from "./library_directory.ts";

/** Begins the name that `/proc/self/maps` shows for a file of ours. */
const NAME_PREFIX = "xdp-inspector";

/** `linux/memfd.h`. */
const MFD_CLOEXEC = 0x1;
const MFD_ALLOW_SEALING = 0x2;
/** Linux 6.3. The sysctl `vm.memfd_noexec` may demand it; it does not keep code from being mapped. */
const MFD_NOEXEC_SEAL = 0x8;

/** `linux/fcntl.h`. */
const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 0x1;
const F_SEAL_SHRINK = 0x2;
const F_SEAL_GROW = 0x4;
const F_SEAL_WRITE = 0x8;
const ALL_SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

/** Of `st_mode`: others may write, but remove only what is their own (inode(7)). */
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

const BLOCK_BYTES = 256 * 1024;

/** What is copied. */
export interface Original {
  /** Name that the copy goes by in messages and in `/proc/self/maps`. */
  readonly name: string;
  /** File that is read: the compiled program, or one inside it. */
  readonly source: string | URL;
  /** Where in it the bytes begin. */
  readonly offset: number;
  /** How many they are. */
  readonly bytes: number;
  /** SHA-256 that its bytes must have, hexadecimal. */
  readonly sha256: string;
}

/**
 * Copies a file and returns a path under which only this process can open the copy: in memory and
 * sealed against changes, or on the disk that {@linkcode LIBRARY_DIRECTORY_VARIABLE} names.
 *
 * The fd stays open for good. Under the number of a closed one the dynamic loader would take the
 * next file for the library that it knows by that path.
 *
 * @throws {RunError} if the bytes are not those of the build, or the disk is full or read-only
 * @throws {UnsupportedError} if this system gives no memory files
 */
export function copyToAnonymousFile(original: Original, directory?: string): string {
  const fd = directory === undefined
    ? createInMemory(original.name)
    : createOnDisk(original.name, directory);
  try {
    const sha256 = copy(original, fd);
    if (sha256 !== original.sha256) {
      throw new RunError(
        `Cannot load "${original.name}": its SHA-256 is "${sha256}", not "${original.sha256}"`,
        { hint: "The program file is damaged: download it again and compare its checksum" },
      );
    }
    if (directory === undefined) {
      checkLibc("seal a file in memory", (libc) => libc.fcntl(fd, F_ADD_SEALS, ALL_SEALS));
    }
  } catch (error) {
    checkLibc("close a file", (libc) => libc.close(fd));
    throw error instanceof SystemError ? explained(original.name, directory, error) : error;
  }
  return `/proc/self/fd/${fd}`;
}

/** Whether a copy of `name` is mapped in this process, by whatever thread. */
export function isMapped(name: string): boolean {
  const mappings = Deno.readTextFileSync("/proc/self/maps").split("\n");
  return mappings.some((line) => line.includes(NAME_PREFIX) && line.endsWith(`:${name} (deleted)`));
}

function createInMemory(name: string): number {
  const label = cString(`${NAME_PREFIX}:${name}`);
  const create = (flags: number) =>
    checkLibc("create a file in memory", (libc) => libc.memfd_create(label, MFD_CLOEXEC | flags));
  try {
    return create(MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.errno !== ERRNO.EINVAL) throw explained(name, undefined, error);
  }
  try {
    return create(MFD_ALLOW_SEALING);
  } catch (error) {
    throw error instanceof SystemError ? explained(name, undefined, error) : error;
  }
}

/** A new file that loses its name at once. O_EXCL: whatever is there already is left alone. */
function createOnDisk(name: string, directory: string): number {
  checkDirectory(directory);
  const path = join(directory, `.${NAME_PREFIX}-${crypto.randomUUID()}:${name}`);
  let fd: number;
  try {
    const flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    fd = checkLibc(
      "create a file",
      (libc) => libc.openat(AT_FDCWD, cString(path), flags, 0o600),
    );
  } catch (error) {
    throw error instanceof SystemError ? explained(name, directory, error) : error;
  }
  Deno.removeSync(path);
  return fd;
}

/** Whoever owns a directory or its file system could hand us other bytes than were written. */
function checkDirectory(directory: string): void {
  const refuse = (reason: string, cause?: unknown): never => {
    throw new RunError(`Cannot use ${LIBRARY_DIRECTORY_VARIABLE} "${directory}": ${reason}`, {
      hint: `Unset ${LIBRARY_DIRECTORY_VARIABLE}, or name a directory that is yours alone (0700)`,
      cause,
    });
  };
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(directory);
  } catch (error) {
    return refuse("it cannot be looked at", error);
  }
  if (info.isSymlink) refuse("it is a symbolic link");
  if (!info.isDirectory) refuse("it is not a directory");
  if (info.uid !== 0 && info.uid !== Deno.uid()) refuse(`it belongs to user ${info.uid}`);
  const mode = info.mode ?? 0;
  if ((mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0) {
    refuse("other users may write into it");
  }
}

/** @returns the SHA-256 of what was copied */
function copy({ source, offset, bytes }: Original, fd: number): string {
  const hash = createHash("sha256");
  const block = new Uint8Array(BLOCK_BYTES);
  using file = Deno.openSync(source);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let left = bytes; left > 0;) {
    const count = file.readSync(block.subarray(0, left));
    // A file that was cut short has another SHA-256.
    if (count === null) break;
    left -= count;
    hash.update(block.subarray(0, count));
    for (let written = 0; written < count;) {
      const rest = block.subarray(written, count);
      written += Number(
        checkLibc("write a file", (libc) => libc.write(fd, rest, BigInt(rest.length))),
      );
    }
  }
  return hash.digest("hex");
}

function explained(name: string, directory: string | undefined, error: SystemError): Error {
  const text = error.message.slice(error.message.indexOf(": ") + 2);
  if (directory === undefined) {
    return new UnsupportedError(`Cannot unpack "${name}" into memory: ${text}`, {
      hint:
        `Set ${LIBRARY_DIRECTORY_VARIABLE} to a directory that is yours alone, on a disk with ` +
        "room and not mounted noexec",
      cause: error,
    });
  }
  return new RunError(`Cannot unpack "${name}" into "${directory}": ${text}`, {
    hint: `Set ${LIBRARY_DIRECTORY_VARIABLE} to another directory, or unset it: then nothing is ` +
      "written to a disk",
    cause: error,
  });
}
