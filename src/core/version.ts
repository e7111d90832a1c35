/**
 * The program's name and version, and that of DuckDB. They are written in deno.json and nowhere else.
 *
 * @module
 */
import manifest from "../../deno.json" with { type: "json" };

/** Name of the program, as users type it and as messages begin. */
export const PROGRAM_NAME = "xdp-inspector";

/** Version of the program, `0.1.0`. */
export const VERSION: string = manifest.version;

/** Version of DuckDB, `1.5.5`: that of its package, whose own release follows behind a hyphen. */
export const DUCKDB_VERSION: string =
  /@([\d.]+)-r/.exec(manifest.imports["@duckdb/node-api"])?.[1] ?? "unknown";
