/**
 * The program's name and version. The version is written in deno.json and nowhere else.
 *
 * @module
 */
import manifest from "../../deno.json" with { type: "json" };

/** Name of the program, as users type it and as messages begin. */
export const PROGRAM_NAME = "xdp-inspector";

/** Version of the program, `0.1.0`. */
export const VERSION: string = manifest.version;
