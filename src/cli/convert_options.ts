/**
 * What the command line of `convert` asks for.
 *
 * @module
 */
import type { Selection } from "../query/selection.ts";

/** Formats of what is written. */
export type ConvertFormat = "parquet" | "arrow" | "csv" | "ndjson";

export interface ConvertOptions {
  /** Files, globs, directories and `-`, as written by the user; at least one. */
  readonly files: readonly string[];
  readonly selection: Selection;
  readonly format: ConvertFormat;
  /** Path of the output; null = standard output. */
  readonly output: string | null;
  /** Replace a file that is no recording. */
  readonly force: boolean;
  readonly quiet: boolean;
}
