/**
 * The kinds of sinks that a recording can be given, as what the controlling thread posts to the
 * writing thread.
 *
 * @module
 */

/** One Parquet file, or a series of them. */
export interface ParquetFilePlan {
  readonly type: "parquet";
  /** Directory for everything in the making; exists, and is this recording's alone. */
  readonly workDirectory: string;
  /** Where the finished file is made: in that directory, and must not exist. Not used for a series. */
  readonly path: string;
  /** Milliseconds after which a row is on the disk, at most; 0 = when its segment is full. */
  readonly flushMs?: number;
  /** What happens when something cannot be written; `stop` unless said otherwise. */
  readonly onError?: "stop" | "drop";
  /** Bytes that stay free where the file is; 0 = all may be taken. */
  readonly minFreeBytes?: number;
  /** Makes a file of each part, which ends at a cut; else the parts become one file. */
  readonly series?: {
    /** Bytes after which a part ends by itself; 0 = never. */
    readonly partBytes: number;
  };
}

/** An Arrow IPC stream on standard output. */
export interface ArrowStreamPlan {
  readonly type: "arrow";
}

/** A table per second, for a live view. */
export interface LiveTablePlan {
  readonly type: "live";
  /** Which packets it counts, by `src/sinks/live/filter_cell.ts`. */
  readonly filter: SharedArrayBuffer;
}

/** One sink of a recording. */
export type SinkPlan = ParquetFilePlan | ArrowStreamPlan | LiveTablePlan;
