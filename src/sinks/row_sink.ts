/**
 * Where the rows of a recording go.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import type { Attachment } from "../contract/attachment.ts";
import type { LiveSecond } from "../contract/live_second.ts";
import type { RowCounts } from "../contract/row_counts.ts";
import type { RunError } from "../core/errors.ts";

/** What every sink is told when it is opened. */
export interface RowSinkOptions {
  /** Meaning of the attachment numbers in the batches. */
  readonly attachments: readonly Attachment[];
  /** What can be said about the recording before its first packet, by key. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Memory of the clock of the recording; without it, it is the wall clock. */
  readonly clock?: SharedArrayBuffer;
}

/** One file of a series, without its footer. */
export interface ClosedPart {
  /** The first is 1. */
  readonly number: number;
  readonly rows: number;
  readonly counts: RowCounts;
  /** What could not be written while it was open. */
  readonly lost: RowCounts;
}

/** What a sink says on its way. */
export interface SinkEvents {
  /** Something cannot be written; rows are lost until {@linkcode SinkEvents.onResumed}. */
  onTrouble(error: RunError): void;
  /** Rows are written again. */
  onResumed(): void;
  /** A part of a series has ended; what comes belongs to the next. */
  onPart(part: ClosedPart): void;
  /** A second of a live view is over. */
  onSecond(second: LiveSecond): void;
}

/**
 * Takes batches one after the other, in the writing thread. At the end `finish` is called, then
 * `complete`. Dispose to release what it holds, at any time.
 */
export interface RowSink extends Disposable {
  /** Bytes written so far. */
  readonly writtenBytes: number;
  /** What was appended and could not be written; without it, nothing. */
  readonly lost?: RowCounts;
  /** Addresses that it had to write out, if it counts them: MAC and IP, as often as they were new. */
  readonly newAddresses?: number;
  /** Takes the first `rows` rows of a batch, which may be used again afterwards. */
  append(batch: ColumnBatch, rows: number): void;
  /** Brings what was appended so far onto the disk, where the sink can. */
  closeSegment(): void;
  /**
   * Does what is due, which is nothing unless it says so.
   *
   * @returns milliseconds after which to call again
   */
  tend?(): number;
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
