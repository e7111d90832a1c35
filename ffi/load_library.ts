/**
 * Opens libbpf and the C library, each at its first use in a thread and not before.
 *
 * @module
 */

import { UnsupportedError } from "../src/core/errors.ts";
import { LIBBPF_MINIMUM, LIBBPF_SYMBOLS } from "./libbpf_symbols.ts";
import { LIBC_SYMBOLS } from "./libc_symbols.ts";

/** Environment variable with the path of the libbpf to use instead of the system's. */
export const LIBBPF_VARIABLE = "XDP_INSPECTOR_LIBBPF";

/** The ABI of libbpf 1.x; libbpf 0.x (`libbpf.so.0`) reports errors differently. */
const LIBBPF_SONAME = "libbpf.so.1";

const LIBC_SONAME = "libc.so.6";

type Libbpf = Deno.DynamicLibrary<typeof LIBBPF_SYMBOLS>;
type Libc = Deno.DynamicLibrary<typeof LIBC_SYMBOLS>;

let libbpfLibrary: Libbpf | undefined;
let libbpfPrinter: Deno.PointerValue = null;
let libcLibrary: Libc | undefined;

/**
 * The functions of libbpf. The library stays open until the thread ends.
 *
 * From the first call on, libbpf prints nothing in this process: its messages would tear the
 * status line, and errors are reported by exceptions.
 *
 * @throws {UnsupportedError} if libbpf is missing, too old or not a libbpf
 */
export function libbpf(): Libbpf["symbols"] {
  if (libbpfLibrary === undefined) {
    const library = openLibbpf();
    libbpfPrinter = library.symbols.libbpf_set_print(null);
    libbpfLibrary = library;
  }
  return libbpfLibrary.symbols;
}

/**
 * Runs `action` with libbpf's own messages on stderr, for people who look for the cause of a
 * failure. The setting is one for all threads of the process.
 */
export function withLibbpfMessages<T>(action: () => T): T {
  const symbols = libbpf();
  // Another thread may have silenced libbpf before us: then its default printer is not known here
  // and the messages stay off.
  symbols.libbpf_set_print(libbpfPrinter);
  try {
    return action();
  } finally {
    symbols.libbpf_set_print(null);
  }
}

/**
 * The functions of the C library.
 *
 * @throws {UnsupportedError} if this system has no GNU C library
 */
export function libc(): Libc["symbols"] {
  if (libcLibrary === undefined) {
    try {
      libcLibrary = Deno.dlopen(LIBC_SONAME, LIBC_SYMBOLS);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      throw new UnsupportedError(
        `Cannot load the C library: tried "${LIBC_SONAME}": ${reason(error)}`,
        { hint: "Use a Linux distribution with the GNU C library", cause: error },
      );
    }
  }
  return libcLibrary.symbols;
}

/** Release of the libbpf in use, such as `"1.1"`. */
export function libbpfVersion(): string {
  const symbols = libbpf();
  return `${symbols.libbpf_major_version()}.${symbols.libbpf_minor_version()}`;
}

function openLibbpf(): Libbpf {
  const override = Deno.env.get(LIBBPF_VARIABLE);
  const path = override || LIBBPF_SONAME;
  const wanted = `libbpf ${LIBBPF_MINIMUM.major}.${LIBBPF_MINIMUM.minor} or newer`;
  const hint = override
    ? `Set ${LIBBPF_VARIABLE} to the path of ${LIBBPF_SONAME}, or unset it to use the system's`
    : `Install it (Debian, Ubuntu: apt install libbpf1; Fedora: dnf install libbpf), or set ` +
      `${LIBBPF_VARIABLE} to the path of ${LIBBPF_SONAME}`;
  const tried = `tried "${path}"${override ? ` from ${LIBBPF_VARIABLE}` : ""}`;
  let library: Libbpf;
  try {
    library = Deno.dlopen(path, LIBBPF_SYMBOLS);
  } catch (error) {
    // A refused permission is about the way that the program was started, not about libbpf.
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UnsupportedError(`Cannot load ${wanted}: ${tried}: ${reason(error)}`, {
      hint,
      cause: error,
    });
  }
  const major = library.symbols.libbpf_major_version();
  const minor = library.symbols.libbpf_minor_version();
  const usable = major === LIBBPF_MINIMUM.major && minor >= LIBBPF_MINIMUM.minor;
  if (!usable) {
    library.close();
    throw new UnsupportedError(`Cannot use libbpf "${major}.${minor}": need ${wanted}, ${tried}`, {
      hint,
    });
  }
  return library;
}

/** The loader's own words, without what Deno puts before them. */
function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(
    /^(Could not open library: |Failed to register symbol \w+: |Could not obtain symbol from the library: )+/,
    "",
  );
}
