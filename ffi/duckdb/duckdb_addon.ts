/**
 * Where the compiled program gets DuckDB's native code from.
 *
 * Left to itself, Deno writes a native addon of a compiled program to a place that other users can
 * guess (denoland/deno, ext/rt_helper/lib.rs), and without the library beside it that it needs
 * (denoland/deno#29203).
 *
 * @module
 */

import module from "node:module";
import { basename } from "node:path";
import { DUCKDB_LIBRARY } from "./load_duckdb.ts";
import { hasNativeBundle, openBundled, unpack } from "../bundle/native_bundle.ts";

const ADDON = "duckdb.node";

/** Loads the addon in `path` and fills `target.exports`. */
type AddonLoader = (target: unknown, path: string) => void;

/** The part of Node.js's module system that loads files by their extension. */
interface ExtensionLoaders {
  _extensions: Record<string, AddonLoader>;
}

let isProvided = false;

/**
 * Makes the packages of DuckDB usable in this thread. Call it before the first of them is imported;
 * run from the sources it does nothing, and so does a second call.
 *
 * Nothing is loaded yet: that happens when the package asks for its addon.
 */
export function provideDuckdb(): void {
  if (isProvided || !hasNativeBundle()) return;
  isProvided = true;
  const loaders = (module as unknown as ExtensionLoaders)._extensions;
  const load = loaders[".node"];
  if (load === undefined) throw new Error("Cannot load DuckDB: no loader of native addons");
  loaders[".node"] = (target, path) => {
    // What the package holds under this name is an empty file: the build keeps the addon elsewhere.
    if (basename(path) !== ADDON) throw new Error(`Cannot load "${path}": not in this program`);
    openBundled(DUCKDB_LIBRARY, {});
    load(target, unpack(ADDON));
  };
}
