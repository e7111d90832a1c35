/**
 * The writing thread, seen from the controlling one.
 *
 * @module
 */
import type { BatchQueueMemory } from "../batch/batch_queue.ts";
import { type StartWorker, WorkerThread } from "../core/worker_thread.ts";
import type { LiveSecond } from "../contract/live_second.ts";
import { addRowCounts, type RowCounts } from "../contract/row_counts.ts";
import { RunError } from "../core/errors.ts";
import type { ClosedPart, RowSinkOptions } from "./row_sink.ts";
import type { SinkPlan } from "./sink_plan.ts";
import type { FinishedSink, WriterMessage, WriterRequest } from "./writer_protocol.ts";

/** Empties a queue into sinks. Dispose to end it at once. */
export class WriterThread implements Disposable {
  /** Rows taken from the queue so far. */
  rows = 0;
  /** Bytes that the first sink has written so far. */
  bytes = 0;
  /** Rows that could not be written, as far as is known. */
  lost: RowCounts = [];
  /** Called when something cannot be written, and when it can be again. */
  onTrouble: (error: RunError) => void = () => {};
  onResumed: () => void = () => {};
  /** Called when a part of a series has ended. */
  onPart: (part: ClosedPart) => void = () => {};
  /** Called with each second of a live view. */
  onSecond: (second: LiveSecond) => void = () => {};
  #lostOfParts: RowCounts = [];
  readonly #thread: WorkerThread<WriterRequest, WriterMessage>;
  readonly #finished: Promise<FinishedSink>;

  /** @param start starts the thread, or what stands in for it */
  constructor(start: StartWorker) {
    this.#thread = new WorkerThread(new URL("./writer_worker.ts", import.meta.url), start);
    this.#finished = this.#thread.next("finished");
    this.#thread.on("progress", ({ rows, bytes, lost = [] }) => {
      this.lost = lost;
      this.rows = rows;
      this.bytes = bytes;
    });
    this.#thread.on("trouble", ({ message, hint }) => {
      this.onTrouble(new RunError(message, hint === undefined ? {} : { hint }));
    });
    this.#thread.on("resumed", () => this.onResumed());
    this.#thread.on("part", ({ part }) => {
      this.#lostOfParts = addRowCounts(this.#lostOfParts, part.lost);
      this.lost = this.#lostOfParts;
      this.onPart(part);
    });
    this.#thread.on("second", ({ second }) => this.onSecond(second));
  }

  /** Rejects when the thread or a sink fails; never resolves. */
  get failure(): Promise<never> {
    return this.#thread.failure;
  }

  /**
   * Opens the sinks; from then on batches are taken from the queue, of which it is the only consumer.
   *
   * @param sinks at least one
   */
  async open(
    queue: BatchQueueMemory,
    sinks: readonly SinkPlan[],
    options: RowSinkOptions,
  ): Promise<void> {
    const ready = this.#thread.next("ready");
    this.#thread.post({ type: "start", queue, sinks, options });
    await ready;
  }

  /** Settles with the rows of every sink when the queue was closed and all of it is written, or lost. */
  async finished(): Promise<{ rows: number; lost: RowCounts; newAddresses: number }> {
    const { rows, lost = [], newAddresses = 0 } = await this.#finished;
    return { rows, lost, newAddresses };
  }

  /**
   * Makes every output whole. Once, after {@linkcode finished}.
   *
   * @param metadata the whole of what is to be said about the recording, by key
   * @returns bytes of the first output
   */
  async complete(metadata: Readonly<Record<string, string>>): Promise<number> {
    const completed = this.#thread.next("completed");
    this.#thread.post({ type: "complete", metadata });
    return (await completed).bytes;
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}
