/**
 * Opens libbpf at its first use in a thread and not before.
 *
 * The one that the user names comes first, then the one that the compiled program carries, then the
 * system's: the program was tested with its own, but a system with an older C library needs the
 * system's.
 *
 * @module
 */

import { UnsupportedError } from "../../src/core/errors.ts";
import { LIBBPF_MINIMUM, LIBBPF_SYMBOLS } from "./libbpf_symbols.ts";
import { isRefusal, reason } from "../bundle/loader_error.ts";
import { hasNativeBundle, openBundled } from "../bundle/native_bundle.ts";
import { trustedVariable } from "../bundle/secure_execution.ts";

/** Environment variable with the path of the libbpf to use. */
const LIBBPF_VARIABLE = "XDP_INSPECTOR_LIBBPF";

/** The ABI of libbpf 1.x; libbpf 0.x (`libbpf.so.0`) reports errors differently. */
const LIBBPF_SONAME = "libbpf.so.1";

type Libbpf = Deno.DynamicLibrary<typeof LIBBPF_SYMBOLS>;

let libbpfLibrary: Libbpf | undefined;

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
    library.symbols.libbpf_set_print(null);
    libbpfLibrary = library;
  }
  return libbpfLibrary.symbols;
}

/** Release of the libbpf in use, such as `"1.1"`. */
export function libbpfVersion(): string {
  const symbols = libbpf();
  return `${symbols.libbpf_major_version()}.${symbols.libbpf_minor_version()}`;
}

function openLibbpf(): Libbpf {
  const override = trustedVariable(LIBBPF_VARIABLE);
  const path = override ?? LIBBPF_SONAME;
  const wanted = `libbpf ${LIBBPF_MINIMUM.major}.${LIBBPF_MINIMUM.minor} or newer`;
  const hint = override
    ? `Set ${LIBBPF_VARIABLE} to the path of ${LIBBPF_SONAME}, or unset it to use the system's`
    : `Install it (Debian, Ubuntu: apt install libbpf1; Fedora: dnf install libbpf), or set ` +
      `${LIBBPF_VARIABLE} to the path of ${LIBBPF_SONAME}`;
  let tried = `tried "${path}"${override ? ` from ${LIBBPF_VARIABLE}` : ""}`;
  if (override === undefined && hasNativeBundle()) {
    try {
      return openBundled(LIBBPF_SONAME, LIBBPF_SYMBOLS);
    } catch (error) {
      // The loader's refusal is a TypeError. What the user can act on, such as a full disk, is not.
      if (!isRefusal(error)) throw error;
      tried = `tried the one in this program (${reason(error)}) and "${path}"`;
    }
  }
  let library: Libbpf;
  try {
    library = Deno.dlopen(path, LIBBPF_SYMBOLS);
  } catch (error) {
    // A refused permission is about the way that the program was started, not about libbpf.
    if (!isRefusal(error)) throw error;
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
