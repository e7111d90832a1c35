/**
 * One recording: batches go from a source through a queue to one or several sinks, and every packet
 * is accounted for.
 *
 * @module
 */
import { createQueueMemory } from "../batch/batch_queue.ts";
import type { EarlyEnd } from "../contract/attachment.ts";
import type { Moment } from "../contract/clock_change.ts";
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import type { LiveSecond } from "../contract/live_second.ts";
import { addCounts, type PacketCounts, withoutUnwritten } from "../contract/packet_counts.ts";
import type { RecordingReport, RecordingSnapshot } from "../contract/recording_report.ts";
import { addRowCounts, type RowCounts } from "../contract/row_counts.ts";
import { RunError } from "../core/errors.ts";
import { type StartWorker, startWorker } from "../core/worker_thread.ts";
import type { SinkPlan } from "../sinks/sink_plan.ts";
import { WriterThread } from "../sinks/writer_thread.ts";
import type { ClosedPart } from "../sinks/row_sink.ts";
import type { BatchSource, BrokenEnd, SourceEnd } from "../sources/batch_source.ts";
import { ClockAccount, recordedChanges } from "./clock_account.ts";
import { LossLog } from "./loss_log.ts";
import { type LossReader, LossWatch } from "./loss_watch.ts";
import { SeriesAccount } from "./series_account.ts";
import { interfaceReports } from "./interface_reports.ts";
import {
  durationSeconds,
  earlyMetadata,
  eventMetadata,
  recordingMetadata,
} from "./recording_metadata.ts";

/**
 * Batches between source and sinks, about 48 MB: 524,288 packets, more than arrive at full rate while
 * DuckDB writes one segment. A power of two.
 */
const QUEUE_DEPTH = 32;

/** What becomes of the files of a recording of several. */
export interface SeriesPlan {
  /** Tells recordings apart. */
  readonly id: string;
  /** A file has begun. */
  onBegin(file: OpenFile): void;
  /**
   * A file has ended: it lacks its footer and its name.
   *
   * @returns its bytes
   */
  finish(file: OpenFile): Promise<number>;
}

/** A file of a series. */
export interface OpenFile {
  /** The first is 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface RecordingPlan {
  /** Not yet open. Its owner disposes of it, after the recording. */
  readonly source: BatchSource;
  /** At least one. The report tells the bytes of the first. */
  readonly sinks: readonly SinkPlan[];
  /** The output as the user named it, for the report. */
  readonly output: string;
  /** Of a recording of several files. */
  readonly series?: SeriesPlan;
  /**
   * What the sink has left that was not made whole, if that can be told: rows in files by attachment,
   * from the part with this number on.
   */
  readonly countLeft?: (part: number) => RowCounts;
  /** Called when a sink cannot write. */
  readonly onTrouble?: (error: RunError) => void;
  /** Called when it can again. */
  readonly onResumed?: () => void;
  /** Called with metadata that is known of the open file, from time to time when packets are lost. */
  readonly onLosses?: (metadata: Readonly<Record<string, string>>) => void;
  /** Called with each second, if a sink is a live table. */
  readonly onSecond?: (second: LiveSecond) => void;
}

const NOTHING = addCounts([]);

/** Senders that a snapshot names. */
const TOP_SENDERS = 3;

/** A running recording. Dispose to release what it holds; a recording that was not finished is lost. */
export class Recording implements Disposable {
  readonly #source: BatchSource;
  readonly #output: string;
  readonly #writer: WriterThread;
  readonly #failed = Promise.withResolvers<never>();
  readonly #troubled = Promise.withResolvers<void>();
  readonly #onTrouble: ((error: RunError) => void) | undefined;
  readonly #series: SeriesPlan | undefined;
  readonly #countLeft: RecordingPlan["countLeft"];
  readonly #clock: ClockAccount;
  readonly #onLosses: (metadata: Readonly<Record<string, string>>) => void;
  /** Of a recording of one file. */
  #losses: LossLog | null = null;
  #watch: LossWatch | null = null;
  #account: SeriesAccount | null = null;
  /** Of all files that have ended. */
  #parts = 0;
  #partCounts: RowCounts = [];
  /** Files that have ended since nothing comes in any more: only the last of them is the last. */
  readonly #lastParts: ClosedPart[] = [];
  #isEnding = false;
  /** Settles when every file that has ended so far is finished. */
  #finishing: Promise<void> = Promise.resolve();
  #finishFailure: { readonly error: unknown } | null = null;
  #files = 0;
  #fileBytes = 0;
  #startedAt = 0;
  /** Why something could not be written, the first time. */
  trouble: RunError | null = null;
  /** Whether it still cannot be written. */
  isTroubled = false;

  private constructor(plan: RecordingPlan, start: StartWorker) {
    const { source, output, onTrouble, onResumed, onSecond, onLosses = () => {} } = plan;
    // Whoever waits for the end learns of it.
    this.#failed.promise.catch(() => {});
    this.#source = source;
    this.#clock = new ClockAccount(source);
    this.#output = output;
    this.#onLosses = onLosses;
    this.#writer = new WriterThread(start);
    this.#onTrouble = onTrouble;
    this.#writer.onTrouble = (error) => this.#trouble(error);
    this.#series = plan.series;
    this.#countLeft = plan.countLeft;
    this.#writer.onPart = (part) => {
      this.#parts++;
      this.#partCounts = addRowCounts(this.#partCounts, part.counts);
      if (this.#isEnding) this.#lastParts.push(part);
      else this.#closeFile(part, source.counts(), source.now(), source.earlyEnds ?? [], false);
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
    const options = {
      attachments: source.attachments,
      metadata: earlyMetadata(source),
      ...source.clockMemory && { clock: source.clockMemory },
    };
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
    this.#beginSeries();
    this.#watchLosses();
    return Promise.race([ended, this.#writer.failure, this.#failed.promise]);
  }

  #beginSeries(): void {
    if (this.#series === undefined) return;
    const source = this.#source;
    const { id } = this.#series;
    const { sampleRate, filter } = source;
    const facts = {
      ...{ id, sampleRate, filter },
      get attached() {
        return source.attached ?? [];
      },
    };
    this.#account = new SeriesAccount(
      facts,
      source.now(),
      source.counts().map(() => NOTHING),
    );
    this.#series.onBegin(this.#account.open);
  }

  #watchLosses(): void {
    const account = this.#account;
    const losses = new LossLog(this.#source.now().wallNs);
    if (account === null) this.#losses = losses;
    const reader: LossReader = {
      read: (at) => {
        const counts = this.#source.counts().map((one, number) => {
          return withoutUnwritten(one, this.#writer.lost[number] ?? [0, 0]);
        });
        if (account === null) losses.read(at.wallNs, counts);
        else account.read(at, counts);
      },
      get losses() {
        return account?.losses ?? losses;
      },
    };
    this.#watch = new LossWatch(() => this.#source.now(), reader, this.#onLosses);
  }

  #closeFile(
    part: ClosedPart,
    counted: readonly PacketCounts[],
    at: Moment,
    earlyEnds: readonly EarlyEnd[],
    isLast: boolean,
  ): void {
    const series = this.#series!;
    const { number, startedMs } = this.#account!.open;
    try {
      const more = {
        ...this.#clock.take(),
        ...eventMetadata(this.#source.takeInterfaceEvents?.()),
      };
      if (!isLast) this.#source.followClock?.();
      const next = isLast ? null : this.#isEnding ? at : this.#source.now();
      const metadata = this.#account!.close(part, { at, counted, earlyEnds, more, next });
      if (!isLast) series.onBegin(this.#account!.open);
      this.#finishing = this.#finishing.then(async () => {
        this.#fileBytes += await series.finish({ number, startedMs, metadata });
        this.#files++;
      }).catch((error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A file that cannot be finished is trouble; those behind it are finished all the same. */
  #fail(error: unknown): void {
    if (!(error instanceof RunError)) {
      this.#finishFailure ??= { error };
      return this.#failed.reject(error);
    }
    this.#trouble(error);
  }

  #trouble(error: RunError): void {
    this.trouble ??= error;
    this.isTroubled = true;
    this.#troubled.resolve();
    this.#onTrouble?.(error);
  }

  /** Settles when something cannot be written. */
  get troubled(): Promise<void> {
    return this.#troubled.promise;
  }

  /** How it stands now; the senders are those since the last snapshot. */
  snapshot(): RecordingSnapshot {
    if (this.#source.hasBegun === false) this.#startedAt = performance.now();
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
    this.#isEnding = true;
    this.#watch?.[Symbol.dispose]();
    const end = await Promise.race([this.#source.stop(), this.#writer.failure]);
    const { rows, lost, newAddresses } = await this.#writer.finished();

    const captured = this.#source.counts();
    const counts = captured.map((one, number) => withoutUnwritten(one, lost[number] ?? [0, 0]));
    const total = addCounts(counts);
    const { packets_captured: all } = addCounts(captured);
    if (end.rows !== all || rows !== total.packets_captured) {
      const what = [`${all} captured`, `${end.rows} drained`, `${rows} written`];
      if (total.packets_captured < all) what.push(`${all - total.packets_captured} not written`);
      throw new Error(`Cannot account for every packet: ${what.join(", ")}`);
    }
    const fileBytes = this.#series === undefined
      ? await this.#writer.complete({
        ...recordingMetadata(end, counts, this.#source),
        ...this.#lossesOf(end, counts),
        ...this.#clock.take(),
      })
      : await this.#finishSeries(end, captured);
    const report = this.#report(end, counts, fileBytes);
    return total.drops.queue_full > 0 ? { ...report, new_addresses: newAddresses } : report;
  }

  /**
   * Ends a recording that has failed, by whatever: nothing comes in any more, and no thread works on it.
   * What is in files counts as written, the rest as not written.
   *
   * @returns null if it had not begun, or nobody can tell what is in files
   */
  async breakOff(): Promise<RecordingReport | null> {
    const [source, countLeft] = [this.#source, this.#countLeft];
    if (this.#startedAt === 0 || source.breakOff === undefined || countLeft === undefined) {
      return null;
    }
    this.#isEnding = true;
    this.#writer[Symbol.dispose]();
    const end = source.breakOff();
    await this.#finishing;
    const kept = addRowCounts(this.#partCounts, countLeft(this.#parts + 1));
    const counts = source.counts().map((one, number) => {
      const [rows, bytes] = kept[number] ?? [0, 0];
      const [lostRows, lostBytes] = [one.packets_captured - rows, one.bytes_captured - bytes];
      return withoutUnwritten(one, [Math.max(0, lostRows), Math.max(0, lostBytes)]);
    });
    return this.#report(end, counts, this.#fileBytes);
  }

  #report(end: BrokenEnd, counts: readonly PacketCounts[], fileBytes: number): RecordingReport {
    const { sampleRate, filter } = this.#source;
    const total = addCounts(counts);
    // The keys in the order in which they are documented.
    return {
      output: this.#output,
      interfaces: interfaceReports(end, counts),
      duration_seconds: durationSeconds(end),
      ...total,
      rows_written: total.packets_captured,
      file_bytes: fileBytes,
      sample_rate: sampleRate,
      filter,
      interface_events: end.interfaceEvents?.events ?? [],
      interface_events_left_out: end.interfaceEvents?.leftOut ?? 0,
      clock_changes: recordedChanges(this.#source.clockChanges ?? []),
      ...this.#series !== undefined && { files: this.#files },
    };
  }

  /** Metadata of a recording of one file. */
  #lossesOf({ endedNs }: SourceEnd, counts: readonly PacketCounts[]): Record<string, string> {
    if (this.#losses === null) return {};
    this.#losses.end(endedNs, counts);
    return { [FILE_METADATA_KEY.lossIntervals]: this.#losses.text };
  }

  /** @returns bytes of all files */
  async #finishSeries(end: SourceEnd, counts: readonly PacketCounts[]): Promise<number> {
    await this.#writer.complete({});
    const moment = { ...this.#source.now(), wallNs: end.endedNs };
    this.#lastParts.forEach((part, index) => {
      const isLast = index === this.#lastParts.length - 1;
      this.#closeFile(part, counts, moment, end.earlyEnds, isLast);
    });
    await this.#finishing;
    if (this.#finishFailure !== null) throw this.#finishFailure.error;
    return this.#fileBytes;
  }

  /** Ends the writing thread. Idempotent. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#writer[Symbol.dispose]();
  }
}
