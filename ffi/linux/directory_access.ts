/**
 * Directories as the calling thread may use them.
 *
 * @module
 */

import { cString } from "./cstring.ts";
import { prepareErrno } from "./errno.ts";
import { libc } from "./load_libc.ts";
import { AT_FDCWD } from "./open_flags.ts";

/** `fcntl.h`, `unistd.h`; the same on x86-64 and arm64. */
const AT_EACCESS = 0x200;
const W_OK = 2;
const X_OK = 1;

/** Whether files may be made, renamed and removed in a directory, sticky ones aside. */
export function mayWriteIn(directory: string): boolean {
  prepareErrno();
  return libc().faccessat(AT_FDCWD, cString(directory), W_OK | X_OK, AT_EACCESS) === 0;
}
