/**
 * Where the rows of a recording go.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";

/** Takes batches one after the other. Dispose to release what it holds. */
export interface RowSink extends Disposable {
  /** Bytes written so far. */
  readonly writtenBytes: number;
  /** Takes the first `rows` rows of a batch, which may be used again afterwards. */
  append(batch: ColumnBatch, rows: number): void;
  /** Brings what was appended so far onto the disk, where the sink can. */
  closeSegment(): void;
  /** Writes what is left; nothing may be appended afterwards. */
  finish(): FinishedRows;
}

export interface FinishedRows {
  /** Closed segment files in order; none for a stream. */
  readonly segments: readonly string[];
  readonly rows: number;
}
