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

const { __errno_location, close, memfd_create, mmap, sigaction, syscall, write } = LIBC_SYMBOLS;

/** What every run takes, to look at its privileges and to give them up. */
const STARTING_SYMBOLS = {
  __errno_location,
  close,
  memfd_create,
  mmap,
  sigaction,
  syscall,
  write,
};

type Functions = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
type StartingFunctions = Deno.DynamicLibrary<typeof STARTING_SYMBOLS>["symbols"];

let all: Functions | undefined;
let starting: StartingFunctions | undefined;

/**
 * The functions of the C library.
 *
 * @throws {UnsupportedError} if this system has no GNU C library
 */
export function libc(): Functions {
  return all ??= open(SYMBOLS);
}

/**
 * Those that every run needs: binding all of them takes longer than the rest of what is done with these.
 *
 * @throws {UnsupportedError} as {@linkcode libc}
 */
export function startingLibc(): StartingFunctions {
  return all ?? (starting ??= open(STARTING_SYMBOLS));
}

function open<S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): Deno.DynamicLibrary<S>["symbols"] {
  try {
    return Deno.dlopen(LIBC_SONAME, symbols).symbols;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new UnsupportedError(
      `Cannot load the C library: tried "${LIBC_SONAME}": ${reason(error)}`,
      { hint: "Use a Linux distribution with the GNU C library", cause: error },
    );
  }
}
