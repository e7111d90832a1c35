/**
 * Errors of system calls and of libbpf: a number becomes a name and a text.
 *
 * @module
 */

import { ERROR_NUMBERS } from "./errno_names.ts";
import { libc, startingLibc } from "./load_libc.ts";

const entries = new Map(ERROR_NUMBERS.map(([number, name, text]) => [number, { name, text }]));

/** Error numbers that code decides by, named as in C. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EINVAL: 22,
  EMFILE: 24,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EMLINK: 31,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  ENOBUFS: 105,
  EDQUOT: 122,
  /** Of the kernel alone: include/linux/errno.h. */
  ENOTSUPP: 524,
} as const;

/** A failed system call or libbpf function. */
export class SystemError extends Error {
  /** Positive error number. */
  readonly errno: number;
  /** Its name, such as `"EBUSY"`, or `"E<number>"` for an unknown number. */
  readonly code: string;
  /** What was attempted, as in `Cannot <operation>`. */
  readonly operation: string;
  /** The system's word for it, such as `no such file or directory`. */
  readonly reason: string;

  constructor(operation: string, errno: number, options?: ErrorOptions) {
    super(`Cannot ${operation}: ${errorText(errno)} (${errorName(errno)})`, options);
    this.name = new.target.name;
    this.operation = operation;
    this.reason = errorText(errno);
    this.errno = errno;
    this.code = errorName(errno);
  }
}

/** Name of a positive error number, such as `"ENOENT"`; `"E<number>"` if it has none. */
export function errorName(errno: number): string {
  return entries.get(errno)?.name ?? `E${errno}`;
}

/** Text of a positive error number, such as `no such file or directory`. */
export function errorText(errno: number): string {
  return entries.get(errno)?.text ?? `unknown error ${errno}`;
}

let errnoOfThread: Int32Array | undefined;

/**
 * `errno` of this thread. Only meaningful directly after the failed call: any other native call in
 * between may overwrite it. That is why this is a plain memory read: `prepareErrno` has asked for
 * the address beforehand.
 */
export function lastErrno(): number {
  return prepareErrno()[0] ?? 0;
}

/**
 * Looks up the address of this thread's `errno` once. Call it before a function whose error number
 * is of interest; an isolate never changes its thread, so the address stays right.
 */
export function prepareErrno(): Int32Array {
  if (errnoOfThread === undefined) {
    const location = startingLibc().__errno_location();
    if (location === null) throw new Error("Cannot find errno: the C library returned NULL");
    errnoOfThread = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(location, 4));
  }
  return errnoOfThread;
}

/**
 * The result of a C library function, if it is not -1.
 *
 * @throws {SystemError} with this thread's `errno` if it is
 */
export function checkLibc<T extends number | bigint>(
  operation: string,
  call: (symbols: ReturnType<typeof libc>) => T,
): T {
  return checked(operation, () => call(libc()));
}

/** As {@linkcode checkLibc}, of the functions that every run needs. */
export function checkStartingLibc<T extends number | bigint>(
  operation: string,
  call: (symbols: ReturnType<typeof startingLibc>) => T,
): T {
  return checked(operation, () => call(startingLibc()));
}

function checked<T extends number | bigint>(operation: string, call: () => T): T {
  prepareErrno();
  const result = call();
  if (Number(result) === -1) throw new SystemError(operation, lastErrno());
  return result;
}

/**
 * The result of a libbpf function that returns a negative error number on failure, as all of
 * libbpf 1.x does that return `int`.
 *
 * @throws {SystemError} if it is negative
 */
export function checkLibbpf(operation: string, result: number): number {
  if (result < 0) throw new SystemError(operation, -result);
  return result;
}
