/**
 * The kinds of sinks that a recording can be given, as what the controlling thread posts to the
 * writing thread.
 *
 * @module
 */

/** One Parquet file. */
export interface ParquetFilePlan {
  readonly type: "parquet";
  /** Directory for the segments; exists, and is this recording's alone. */
  readonly workDirectory: string;
  /** Where the finished file is made; must not exist. */
  readonly path: string;
}

/** An Arrow IPC stream on standard output. */
export interface ArrowStreamPlan {
  readonly type: "arrow";
}

/** One sink of a recording. */
export type SinkPlan = ParquetFilePlan | ArrowStreamPlan;
