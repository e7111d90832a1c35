/**
 * Opens DuckDB's C API at its first use in a thread and not before.
 *
 * The compiled program carries the library. Run from the sources, the addon of the npm package
 * `@duckdb/node-bindings` brings it: once that is loaded, the dynamic loader knows it by its name.
 *
 * @module
 */

import { DUCKDB_SYMBOLS } from "./duckdb_symbols.ts";
import { hasNativeBundle, openBundled } from "../bundle/native_bundle.ts";

/** File name and SONAME. */
export const DUCKDB_LIBRARY = "libduckdb.so";

export type DuckdbLibrary = Deno.DynamicLibrary<typeof DUCKDB_SYMBOLS>["symbols"];

let duckdbLibrary: DuckdbLibrary | undefined;

/**
 * The functions of DuckDB. The library stays open until the thread ends.
 *
 * @throws {RunError} if the program file is damaged, or it cannot be unpacked
 * @throws {TypeError} of Deno if the dynamic loader refuses it
 */
export async function loadDuckdb(): Promise<DuckdbLibrary> {
  if (duckdbLibrary === undefined) {
    duckdbLibrary = (await open()).symbols;
  }
  return duckdbLibrary;
}

async function open(): Promise<Deno.DynamicLibrary<typeof DUCKDB_SYMBOLS>> {
  if (hasNativeBundle()) return openBundled(DUCKDB_LIBRARY, DUCKDB_SYMBOLS);
  await import("@duckdb/node-bindings");
  return Deno.dlopen(DUCKDB_LIBRARY, DUCKDB_SYMBOLS);
}
