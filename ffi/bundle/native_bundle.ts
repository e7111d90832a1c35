/**
 * The native libraries that the compiled program carries. Run from the sources there are none: then
 * the system's are used.
 *
 * @module
 */

import { copyToAnonymousFile, isMapped } from "./anonymous_file.ts";
import { LIBRARY_DIRECTORY_VARIABLE } from "./library_directory.ts";
import { trustedVariable } from "./secure_execution.ts";

/** Where the build puts what it knows of the libraries: `native/`, beside the sources inside the program. */
const DIRECTORY = new URL("../../native/", import.meta.url);
/** The file that this program was started from, whatever has its name now (proc_pid_exe(5)). */
const OWN_FILE = "/proc/self/exe";
const MANIFEST = "manifest.json";

/**
 * What each library needs of the others (DT_NEEDED). The dynamic loader finds what a library needs
 * among those already open, by SONAME: so these are opened first, in this order.
 */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  "libelf.so.1": ["libz.so.1"],
  "libbpf.so.1": ["libz.so.1", "libelf.so.1"],
  "libduckdb.so": ["libstdc++.so.6"],
};

/**
 * Taken from the system where it is there: the one in the program asks for a newer C library than all
 * else in it, and every system with so new a C++ program as DuckDB's has its own.
 */
const SYSTEM_FIRST: readonly string[] = ["libstdc++.so.6"];

/** native/manifest.json: the build writes it. */
export interface NativeManifest {
  readonly files: readonly NativeFile[];
}

export interface NativeFile {
  /** SONAME and file name. */
  readonly name: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Where it begins in the program's own file. Else it lies beside the manifest. */
  readonly offset?: number;
}

/** Whether this is the compiled program. */
export function hasNativeBundle(): boolean {
  return Deno.build.standalone;
}

/**
 * Opens a library of the program, after those that it needs. Threads share one copy.
 *
 * @throws {RunError} if the program file is damaged, or it cannot be unpacked
 * @throws {TypeError} of Deno if the dynamic loader refuses it: an older C library, a missing symbol
 */
export function openBundled<S extends Deno.ForeignLibraryInterface>(
  name: string,
  symbols: S,
): Deno.DynamicLibrary<S> {
  // Once it is mapped, the dynamic loader knows it by its SONAME.
  if (isMapped(name)) return Deno.dlopen(name, symbols);
  for (const need of NEEDS[name] ?? []) openNeeded(need);
  return Deno.dlopen(unpack(name), symbols);
}

/** A path under which only this process can open a copy of the program's file `name`. */
export function unpack(name: string): string {
  const file = manifest().files.find((one) => one.name === name);
  if (file === undefined) throw new TypeError(`Cannot unpack "${name}": not in ${MANIFEST}`);
  const source = file.offset === undefined ? new URL(name, DIRECTORY) : OWN_FILE;
  const original = { offset: 0, ...file, source };
  return copyToAnonymousFile(original, trustedVariable(LIBRARY_DIRECTORY_VARIABLE));
}

/** The handle is never closed: the library stays for those that need it. */
function openNeeded(name: string): void {
  if (SYSTEM_FIRST.includes(name)) {
    try {
      Deno.dlopen(name, {});
      return;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
  }
  openBundled(name, {});
}

let manifestOfThread: NativeManifest | undefined;

function manifest(): NativeManifest {
  manifestOfThread ??= JSON.parse(
    Deno.readTextFileSync(new URL(MANIFEST, DIRECTORY)),
  ) as NativeManifest;
  return manifestOfThread;
}
