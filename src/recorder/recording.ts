/**
 * One recording: batches go from a source through a queue to one or several sinks, and every packet
 * is accounted for.
 *
 * @module
 */
import { createQueueMemory } from "../batch/batch_queue.ts";
import type { LiveSecond } from "../contract/live_second.ts";
import { addCounts, withoutUnwritten } from "../contract/packet_counts.ts";
import type { RecordingReport, RecordingSnapshot } from "../contract/recording_report.ts";
import type { RunError } from "../core/errors.ts";
import { type StartWorker, startWorker } from "../core/worker_thread.ts";
import type { SinkPlan } from "../sinks/sink_plan.ts";
import { WriterThread } from "../sinks/writer_thread.ts";
import type { BatchSource } from "../sources/batch_source.ts";
import { interfaceReports } from "./interface_reports.ts";
import { durationSeconds, earlyMetadata, recordingMetadata } from "./recording_metadata.ts";

/**
 * Batches between source and sinks, about 48 MB: 524,288 packets, more than arrive at full rate while
 * DuckDB writes one segment. A power of two.
 */
const QUEUE_DEPTH = 32;

export interface RecordingPlan {
  /** Not yet open. Its owner disposes of it, after the recording. */
  readonly source: BatchSource;
  /** At least one. The report tells the bytes of the first. */
  readonly sinks: readonly SinkPlan[];
  /** The output as the user named it, for the report. */
  readonly output: string;
  /** Called when a sink cannot write. */
  readonly onTrouble?: (error: RunError) => void;
  /** Called when it can again. */
  readonly onResumed?: () => void;
  /** Called with each second, if a sink is a live table. */
  readonly onSecond?: (second: LiveSecond) => void;
}

/** Senders that a snapshot names. */
const TOP_SENDERS = 3;

/** A running recording. Dispose to release what it holds; a recording that was not finished is lost. */
export class Recording implements Disposable {
  readonly #source: BatchSource;
  readonly #output: string;
  readonly #writer: WriterThread;
  readonly #troubled = Promise.withResolvers<void>();
  #startedAt = 0;
  /** Why something could not be written, the first time. */
  trouble: RunError | null = null;
  /** Whether it still cannot be written. */
  isTroubled = false;

  private constructor(plan: RecordingPlan, start: StartWorker) {
    const { source, output, onTrouble, onResumed, onSecond } = plan;
    this.#source = source;
    this.#output = output;
    this.#writer = new WriterThread(start);
    this.#writer.onTrouble = (error) => {
      this.trouble ??= error;
      this.isTroubled = true;
      this.#troubled.resolve();
      onTrouble?.(error);
    };
    if (onSecond !== undefined) this.#writer.onSecond = onSecond;
    this.#writer.onResumed = () => {
      this.isTroubled = false;
      onResumed?.();
    };
  }

  /** Opens the source and the sinks. The source does not start before all are ready. */
  static async prepare(
    plan: RecordingPlan,
    start: StartWorker = startWorker,
  ): Promise<Recording> {
    const recording = new Recording(plan, start);
    try {
      await recording.#open(plan);
      return recording;
    } catch (error) {
      recording[Symbol.dispose]();
      throw error;
    }
  }

  async #open({ source, sinks }: RecordingPlan): Promise<void> {
    const queue = createQueueMemory(QUEUE_DEPTH);
    const options = { attachments: source.attachments, metadata: earlyMetadata(source) };
    await Promise.all([source.open(queue), this.#writer.open(queue, sinks, options)]);
  }

  /**
   * Starts the source: from here on packets are recorded.
   *
   * @returns settles when the source comes to its own end, or rejects when a side fails; otherwise
   * stays pending
   */
  start(): Promise<void> {
    const ended = this.#source.start();
    this.#startedAt = performance.now();
    return Promise.race([ended, this.#writer.failure]);
  }

  /** Settles when something cannot be written. */
  get troubled(): Promise<void> {
    return this.#troubled.promise;
  }

  /** How it stands now; the senders are those since the last snapshot. */
  snapshot(): RecordingSnapshot {
    return {
      elapsedMs: performance.now() - this.#startedAt,
      counts: addCounts(this.#source.counts()),
      rowsWritten: this.#writer.rows,
      fileBytes: this.#writer.bytes,
      topSenders: this.#source.takeTopSenders(TOP_SENDERS),
    };
  }

  /** Closes the open segment, so that a crash from here on does not cost it. */
  closeSegment(): void {
    this.#source.cut();
  }

  /**
   * Stops the source, has everything written that it has handed on, and makes the outputs whole.
   *
   * @throws {RunError} if a side fails
   * @throws {Error} if a packet is unaccounted for
   */
  async finish(): Promise<RecordingReport> {
    const end = await Promise.race([this.#source.stop(), this.#writer.failure]);
    const { rows, lost } = await this.#writer.finished();

    const { sampleRate, filter } = this.#source;
    const captured = this.#source.counts();
    const counts = captured.map((one, number) => withoutUnwritten(one, lost[number] ?? [0, 0]));
    const total = addCounts(counts);
    const { packets_captured: all } = addCounts(captured);
    if (end.rows !== all || rows !== total.packets_captured) {
      const what = [`${all} captured`, `${end.rows} drained`, `${rows} written`];
      if (total.packets_captured < all) what.push(`${all - total.packets_captured} not written`);
      throw new Error(`Cannot account for every packet: ${what.join(", ")}`);
    }
    const fileBytes = await this.#writer.complete(recordingMetadata(end, counts, this.#source));
    // The keys in the order in which they are documented.
    return {
      output: this.#output,
      interfaces: interfaceReports(end, counts),
      duration_seconds: durationSeconds(end),
      ...total,
      rows_written: rows,
      file_bytes: fileBytes,
      sample_rate: sampleRate,
      filter,
    };
  }

  /** Ends the writing thread. Idempotent. */
  [Symbol.dispose](): void {
    this.#writer[Symbol.dispose]();
  }
}
