/**
 * Where the rows of a recording go.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import type { Attachment } from "../contract/attachment.ts";

/** What every sink is told when it is opened. */
export interface RowSinkOptions {
  /** Meaning of the attachment numbers in the batches. */
  readonly attachments: readonly Attachment[];
  /** What can be said about the recording before its first packet, by key. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Takes batches one after the other, in the writing thread. At the end `finish` is called, then
 * `complete`. Dispose to release what it holds, at any time.
 */
export interface RowSink extends Disposable {
  /** Bytes written so far. */
  readonly writtenBytes: number;
  /** Takes the first `rows` rows of a batch, which may be used again afterwards. */
  append(batch: ColumnBatch, rows: number): void;
  /** Brings what was appended so far onto the disk, where the sink can. */
  closeSegment(): void;
  /**
   * Writes the rows that are left; nothing may be appended afterwards.
   *
   * @returns rows that were written in all
   */
  finish(): number;
  /**
   * Makes the output whole, now that everything about the recording is known.
   *
   * @param metadata the whole of what is to be said about the recording, by key
   * @returns bytes of the output
   */
  complete(metadata: Readonly<Record<string, string>>): number;
}
