/**
 * The part of the C library that every start needs, as data: opening the whole table of
 * `libc_symbols.ts` takes some milliseconds.
 *
 * @module
 */

export const STARTUP_SYMBOLS = {
  // Signals: signal(2).
  signal: {
    parameters: [
      "i32", // int signum
      "pointer", // sighandler_t handler
    ],
    result: "pointer", // sighandler_t
  },
} as const satisfies Deno.ForeignLibraryInterface;
