/**
 * One recording: the capture in the kernel, the thread that drains it, the thread that writes it.
 *
 * @module
 */
import { EventFd, readClocks } from "../../ffi/mod.ts";
import { createQueueMemory } from "../batch/batch_queue.ts";
import type { AttachedHook } from "../attach/attach_plan.ts";
import { readBpfElf } from "../attach/bpf_elf.ts";
import { CaptureSession, type CaptureSettings } from "../sources/capture_session.ts";
import {
  CONTROL,
  CONTROL_BYTES,
  type DrainMessage,
  type DrainStart,
} from "../drain/drain_protocol.ts";
import type { LostHooks } from "../attach/interface_watch.ts";
import { SLOT_BYTES } from "../contract/record_layout.ts";
import type { RecordingReport, RecordingSnapshot } from "../contract/recording_report.ts";
import type { WriterMessage, WriterRequest } from "../sinks/writer_protocol.ts";
import { keepHeapsSmall } from "./heap_growth.ts";
import { recordingMetadata, STREAM_METADATA } from "./recording_metadata.ts";
import { accountByHook, accountTotal } from "./accounting.ts";
import { queueDepth, writerDelayMs } from "./slow_writer.ts";
import { type StartWorker, startWorker, WorkerThread } from "./worker_thread.ts";

/**
 * Batches between the two threads, about 48 MB: 524,288 packets, more than arrive at full rate while
 * DuckDB writes one segment. A power of two.
 */
const QUEUE_DEPTH = 32;

export interface RecordingPlan {
  readonly capture: CaptureSettings;
  /** The output as the user named it, for the report. */
  readonly output: string;
  /** Where a file is made before it gets its final name; null = an Arrow stream on standard output. */
  readonly file: {
    /** Directory for the segments; exists, and is this recording's alone. */
    readonly workDirectory: string;
    readonly temporaryPath: string;
  } | null;
}

/** The kernel side of a recording. */
export type Capture = Pick<CaptureSession, keyof CaptureSession>;

/** What a recording is made of. */
export interface RecordingParts {
  /** Loads the programs; nothing is attached yet. */
  loadCapture(settings: CaptureSettings): Capture;
  /** Called before the first thread starts. */
  keepHeapsSmall(): void;
  readonly startWorker: StartWorker;
  /** Nanoseconds since 1970. */
  wallClockNs(): bigint;
}

const PARTS: RecordingParts = {
  loadCapture: (settings) => CaptureSession.load(readBpfElf(), settings),
  keepHeapsSmall,
  startWorker,
  wallClockNs: () => readClocks().realtimeNs,
};

/** Sources that a snapshot names. */
const TOP_SOURCES = 3;

/** A running recording. Dispose to release what it holds; a recording that was not finished is lost. */
export class Recording implements Disposable {
  /** What is attached; empty until {@linkcode attach}. */
  hooks: readonly AttachedHook[] = [];
  readonly #plan: RecordingPlan;
  readonly #resources = new DisposableStack();
  readonly #parts: RecordingParts;
  readonly #session: Capture;
  readonly #wake: EventFd;
  readonly #control = new SharedArrayBuffer(CONTROL_BYTES);
  readonly #drain: WorkerThread<DrainStart, DrainMessage>;
  readonly #writer: WorkerThread<WriterRequest, WriterMessage>;
  #startedNs = 0n;
  #startedAt = 0;
  #rowsWritten = 0;
  #fileBytes = 0;

  private constructor(plan: RecordingPlan, parts: RecordingParts) {
    this.#plan = plan;
    this.#parts = parts;
    const start = parts.startWorker;
    try {
      this.#session = this.#resources.use(parts.loadCapture(plan.capture));
      this.#wake = this.#resources.use(EventFd.create());
      parts.keepHeapsSmall();
      this.#drain = this.#resources.use(
        new WorkerThread(new URL("../drain/drain_worker.ts", import.meta.url), start),
      );
      this.#writer = this.#resources.use(
        new WorkerThread(new URL("../sinks/writer_worker.ts", import.meta.url), start),
      );
    } catch (error) {
      this.#resources.dispose();
      throw error;
    }
  }

  /**
   * Loads the programs and starts both threads. Nothing is attached before they are ready to take
   * what arrives.
   */
  static async prepare(
    plan: RecordingPlan,
    parts: RecordingParts = PARTS,
  ): Promise<Recording> {
    const recording = new Recording(plan, parts);
    try {
      await recording.#startThreads();
      return recording;
    } catch (error) {
      recording[Symbol.dispose]();
      throw error;
    }
  }

  async #startThreads(): Promise<void> {
    const { capture, file } = this.#plan;
    const queue = createQueueMemory(queueDepth(QUEUE_DEPTH));
    const ready = Promise.all([this.#drain.next("ready"), this.#writer.next("ready")]);
    this.#writer.on("progress", ({ rows, bytes }) => {
      this.#rowsWritten = rows;
      this.#fileBytes = bytes;
    });
    this.#writer.post({
      type: "start",
      queue,
      delayMs: writerDelayMs(),
      sink: file
        ? { type: "segments", directory: file.workDirectory }
        : { type: "stream", metadata: STREAM_METADATA },
      attachments: capture.points.map((point, slot) => ({
        slot,
        interface: point.interface,
        direction: point.direction,
      })),
    });
    this.#drain.post({
      ring: this.#session.ring,
      writerBehindFd: this.#session.writerBehindFd,
      controlFd: this.#wake.fd,
      control: this.#control,
      queue,
      captureLimit: capture.captureLimit,
    });
    await ready;
  }

  /**
   * Attaches the programs: from here on packets are recorded.
   *
   * @returns settles when the capture limit is reached, or rejects when a thread fails; otherwise
   * stays pending
   */
  attach(): Promise<void> {
    const limit = this.#drain.next("limit").then(() => {});
    this.hooks = this.#session.attach();
    this.#startedNs = this.#parts.wallClockNs();
    this.#startedAt = performance.now();
    return Promise.race([limit, this.#drain.failure, this.#writer.failure]);
  }

  /** Memory of the rings. */
  get ringBytes(): number {
    const { rings, slots } = this.#session.ring;
    return rings * slots * SLOT_BYTES;
  }

  /** How it stands now; the sources are those since the last snapshot. */
  snapshot(): RecordingSnapshot {
    return {
      elapsedMs: performance.now() - this.#startedAt,
      accounting: accountTotal(this.#session.counters()),
      rowsWritten: this.#rowsWritten,
      fileBytes: this.#fileBytes,
      topSources: this.#session.takeTopSources(TOP_SOURCES),
    };
  }

  /** What stopped recording since the last call because its interface has gone; cheap to ask. */
  takeLostHooks(): LostHooks[] {
    return this.#session.takeLostHooks();
  }

  /** Whether every interface has gone. */
  get hasLostAllHooks(): boolean {
    return this.#session.hasLostAllHooks;
  }

  /** Packets captured so far at some of the hooks. */
  packetsOf(hooks: readonly { readonly slot: number }[]): number {
    const counters = this.#session.counters();
    return hooks.reduce((sum, { slot }) => sum + counters[slot]!.captured, 0);
  }

  /**
   * Detaches, drains what is in the ring, writes it and joins the file at the plan's temporary path.
   *
   * @throws {RunError} if a thread fails or a record is unaccounted for
   */
  async finish(): Promise<RecordingReport> {
    const drained = this.#drain.next("drained");
    const finished = this.#writer.next("finished");
    this.#session.detach();
    const endedNs = this.#parts.wallClockNs();
    this.#tell(CONTROL.STOP);
    const { records } = await Promise.race([drained, this.#writer.failure]);
    const { segments, rows, bytes } = await finished;

    const counters = this.#session.counters();
    const accounting = accountTotal(counters);
    if (rows !== records || rows !== accounting.packets_captured) {
      throw new Error(
        `Cannot account for every packet: ${accounting.packets_captured} captured, ${records} drained, ${rows} written`,
      );
    }
    const summary = {
      ...accounting,
      output: this.#plan.output,
      interfaces: accountByHook(this.hooks, counters),
      duration_seconds: Number(endedNs - this.#startedNs) / 1e9,
      sample_rate: this.#plan.capture.sampleRate,
    };
    const fileBytes = this.#plan.file
      ? await this.#join(
        this.#plan.file.temporaryPath,
        segments,
        recordingMetadata(summary, this.hooks, this.#startedNs, endedNs),
      )
      : bytes;
    return reportInOrder({ ...summary, rows_written: rows, file_bytes: fileBytes });
  }

  /** Closes the open segment, so that a crash from here on does not cost it. */
  closeSegment(): void {
    this.#tell(CONTROL.CUT);
  }

  #tell(word: (typeof CONTROL)[keyof typeof CONTROL]): void {
    Atomics.add(new Int32Array(this.#control), word, 1);
    this.#wake.signal();
  }

  async #join(
    output: string,
    segments: readonly string[],
    metadata: Record<string, string>,
  ): Promise<number> {
    const joined = this.#writer.next("joined");
    this.#writer.post({ type: "join", segments, output, metadata });
    return (await joined).bytes;
  }

  /** Detaches and ends both threads. Idempotent. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}

/** The keys in the order in which they are documented. */
function reportInOrder(report: RecordingReport): RecordingReport {
  return {
    output: report.output,
    interfaces: report.interfaces,
    duration_seconds: report.duration_seconds,
    packets_seen: report.packets_seen,
    packets_captured: report.packets_captured,
    packets_dropped: report.packets_dropped,
    drops: report.drops,
    packets_sampled_out: report.packets_sampled_out,
    packets_filtered: report.packets_filtered,
    bytes_captured: report.bytes_captured,
    rows_written: report.rows_written,
    file_bytes: report.file_bytes,
    sample_rate: report.sample_rate,
  };
}
