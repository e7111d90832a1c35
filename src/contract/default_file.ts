/**
 * Where recordings are written and read unless told otherwise.
 *
 * @module
 */

/** The file that `record` writes and `stats` reads when none is named, in the working directory. */
export const DEFAULT_FILE = "traffic.parquet";
