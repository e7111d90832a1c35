/**
 * Where recordings are written and read unless told otherwise.
 *
 * @module
 */

/** The file that `record` writes and `stats` reads when none is named, in the working directory. */
export const DEFAULT_FILE = "traffic.parquet";

/** The name that stands for standard input. A file of this name is `./-`. */
export const STANDARD_INPUT = "-";
