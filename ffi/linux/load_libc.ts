/**
 * Opens the C library at its first use in a thread and not before.
 *
 * @module
 */

import { UnsupportedError } from "../../src/core/errors.ts";
import { DATA_FILE_SYMBOLS } from "./data_file_symbols.ts";
import { LIBC_SYMBOLS } from "./libc_symbols.ts";
import { isRefusal, reason } from "../bundle/loader_error.ts";

/** Name of the C library. */
export const LIBC_SONAME = "libc.so.6";

const SYMBOLS = { ...LIBC_SYMBOLS, ...DATA_FILE_SYMBOLS };

type Libc = Deno.DynamicLibrary<typeof SYMBOLS>;

let libcLibrary: Libc | undefined;

/**
 * The functions of the C library.
 *
 * @throws {UnsupportedError} if this system has no GNU C library
 */
export function libc(): Libc["symbols"] {
  if (libcLibrary === undefined) {
    try {
      libcLibrary = Deno.dlopen(LIBC_SONAME, SYMBOLS);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new UnsupportedError(
        `Cannot load the C library: tried "${LIBC_SONAME}": ${reason(error)}`,
        { hint: "Use a Linux distribution with the GNU C library", cause: error },
      );
    }
  }
  return libcLibrary.symbols;
}
