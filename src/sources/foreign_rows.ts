/**
 * What reads an input that is no Parquet file: a reader takes the bytes one after the other, so that
 * standard input is as good as a file, and fills column batches.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import type { Attachment } from "../contract/attachment.ts";

/** The bytes of an input, in order. */
export interface ForeignBytes {
  /** The input in messages. */
  readonly label: string;
  /** The next bytes, at least one, in memory of their own; null at the end. */
  next(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The same in memory that the next call may use again. */
  lend(): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** The packets of an input. Dispose to release what it holds, at any time. */
export interface ForeignRows extends Disposable {
  /** What the attachment numbers in the batches mean. Those of a batch are there when it is filled. */
  readonly attachments: readonly Attachment[];
  /**
   * Fills a batch from its first row on.
   *
   * @param batch may hold rows of the last call
   * @returns rows, at most `BATCH_ROWS`; 0 = there are no more
   * @throws {RunError} naming the input and what is wrong with it
   */
  fill(batch: ColumnBatch): Promise<number>;
  /** What is to be said about the input itself. Asked for at the end. */
  findings?(): readonly ForeignFinding[];
  /** What is to be said about the recording, by key of `FILE_METADATA_KEY`. Asked for at the end. */
  metadata(): Readonly<Record<string, string>>;
}

/** Something that the reader of an answer must know about an input. */
export interface ForeignFinding {
  /** Packets are missing or changed; else it is only a remark. */
  readonly isFault: boolean;
  readonly text: string;
  /** The next step, where one is known. */
  readonly hint?: string;
}

/** A kind of input. */
export interface ForeignFormat {
  /** As messages name it: `Arrow IPC`. */
  readonly name: string;
  /** Set if what somebody adds to an input while it is read is no fault of what was there before. */
  readonly grows?: true;
  /** Whether an input that begins like this is one. */
  matches(head: Uint8Array): boolean;
  /**
   * Begins to read.
   *
   * @throws {RunError} naming the input and what is wrong with it
   */
  open(bytes: ForeignBytes): Promise<ForeignRows>;
}
