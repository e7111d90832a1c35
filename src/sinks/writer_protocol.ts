/**
 * What the controlling thread and the writing thread say to each other.
 *
 * @module
 */
import type { BatchQueueMemory } from "../batch/batch_queue.ts";
import type { LiveSecond } from "../contract/live_second.ts";
import type { RowCounts } from "../contract/row_counts.ts";
import type { ClosedPart, RowSinkOptions } from "./row_sink.ts";
import type { SinkPlan } from "./sink_plan.ts";

/** Posted to the writing thread, in this order: `start`, and after `finished` once `complete`. */
export type WriterRequest =
  | {
    readonly type: "start";
    readonly queue: BatchQueueMemory;
    readonly sinks: readonly SinkPlan[];
    readonly options: RowSinkOptions;
  }
  | {
    readonly type: "complete";
    /** The whole of what is to be said about the recording, by key. */
    readonly metadata: Readonly<Record<string, string>>;
  };

/** What a sink has made of the queue. */
export interface FinishedSink {
  readonly rows: number;
  readonly lost?: RowCounts;
  readonly newAddresses?: number;
}

/** Posted by the writing thread. */
export type WriterMessage =
  /** The sinks are open: batches will be taken from the queue. */
  | { readonly type: "ready" }
  /** Rows taken from the queue so far, and bytes written so far. */
  | {
    readonly type: "progress";
    readonly rows: number;
    readonly bytes: number;
    /** Those of the rows that could not be written; left out if all could. */
    readonly lost?: RowCounts;
  }
  /** Something cannot be written: rows are lost until `resumed`. */
  | { readonly type: "trouble"; readonly message: string; readonly hint: string | undefined }
  | { readonly type: "resumed" }
  /** A part of a series has ended. */
  | { readonly type: "part"; readonly part: ClosedPart }
  /** A second of a live view is over. */
  | { readonly type: "second"; readonly second: LiveSecond }
  /** The queue was closed and every row is written that is not lost. */
  | ({ readonly type: "finished" } & FinishedSink)
  /** The output is whole. */
  | { readonly type: "completed"; readonly bytes: number }
  /** Nobody reads standard output any more. */
  | { readonly type: "broken_pipe" }
  | { readonly type: "failed"; readonly message: string; readonly hint: string | undefined };
