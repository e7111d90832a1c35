/**
 * What the controlling thread and the writing thread say to each other.
 *
 * @module
 */
import type { BatchQueueMemory } from "../batch/batch_queue.ts";
import type { Attachment } from "../contract/attachment.ts";

/** Where the rows go. */
export type SinkChoice =
  /** Parquet segments in a directory, which exists and is the writer's alone. */
  | { readonly type: "segments"; readonly directory: string }
  /** An Arrow IPC stream on standard output, with metadata in its schema. */
  | { readonly type: "stream"; readonly metadata: Readonly<Record<string, string>> };

/**
 * Posted to the writing thread, in this order: once `start`, and for segments once
 * `join` after `finished`.
 */
export type WriterRequest =
  | {
    readonly type: "start";
    readonly queue: BatchQueueMemory;
    readonly sink: SinkChoice;
    /** Milliseconds to wait before each batch, for tests of a slow writer; else 0. */
    readonly delayMs: number;
    readonly attachments: readonly Attachment[];
  }
  | {
    readonly type: "join";
    readonly segments: readonly string[];
    readonly output: string;
    /** Key/value metadata of the finished file. */
    readonly metadata: Readonly<Record<string, string>>;
  };

/** Posted by the writing thread. */
export type WriterMessage =
  /** DuckDB is up: batches will be taken from the queue. */
  | { readonly type: "ready" }
  /** Rows taken from the queue so far, and bytes written so far. */
  | { readonly type: "progress"; readonly rows: number; readonly bytes: number }
  /** The queue was closed and every row is written. */
  | {
    readonly type: "finished";
    readonly segments: readonly string[];
    readonly rows: number;
    readonly bytes: number;
  }
  | { readonly type: "joined"; readonly rows: number; readonly bytes: number }
  /** Nobody reads standard output any more. */
  | { readonly type: "broken_pipe" }
  | { readonly type: "failed"; readonly message: string; readonly hint: string | undefined };
