/**
 * Packets of interfaces, as they pass: the programs in the kernel, and the thread that drains their
 * rings.
 *
 * @module
 */
import {
  type CapabilityName,
  type ClockReading,
  EventFd,
  ownThread,
  readClocks,
} from "../../ffi/mod.ts";
import { readBpfElf } from "../attach/bpf_elf.ts";
import type { BatchQueueMemory } from "../batch/batch_queue.ts";
import type { Attachment, ChosenAttachment, EarlyEnd } from "../contract/attachment.ts";
import type { ClockChange, Moment } from "../contract/clock_change.ts";
import type { InterfaceEvents } from "../contract/interface_event.ts";
import type { PacketCounts } from "../contract/packet_counts.ts";
import { SLOT_BYTES } from "../contract/record_layout.ts";
import type { SenderCount } from "../contract/recording_report.ts";
import { type StartWorker, startWorker, WorkerThread } from "../core/worker_thread.ts";
import { clockMemory, RecordingClock } from "../drain/capture_clock.ts";
import {
  CONTROL,
  CONTROL_BYTES,
  type DrainMessage,
  type DrainStart,
} from "../drain/drain_protocol.ts";
import type { BatchSource, BrokenEnd, SourceEnd } from "./batch_source.ts";
import { CaptureSession, type CaptureSettings } from "./capture_session.ts";
import { InterfaceLog, type InterfaceNotice } from "./interface_log.ts";

/** The kernel side of a capture. */
export type KernelSide = Pick<CaptureSession, keyof CaptureSession>;

/** What a capture is made of. */
export interface LiveCaptureParts {
  /** Loads the programs; nothing is attached yet. */
  loadSession(settings: CaptureSettings): KernelSide;
  readonly startWorker: StartWorker;
  readClocks(): ClockReading;
}

const PARTS: LiveCaptureParts = {
  loadSession: (settings) => CaptureSession.load(readBpfElf(), settings),
  startWorker,
  readClocks,
};

/** What a capture takes that is started. */
export interface NeededRights {
  readonly reading: readonly CapabilityName[];
  /** The kernel's numbers of the threads. */
  readonly readers: readonly number[];
  readonly ending: readonly CapabilityName[];
}

/** A capture whose programs are loaded. */
export class LiveCapture implements BatchSource {
  readonly attachments: readonly Attachment[];
  /** Settles when the first program is in place. */
  readonly begun: Promise<void>;
  /** Settles when every program is in place, the first time. */
  readonly complete: Promise<void>;
  readonly #settings: CaptureSettings;
  readonly #resources = new DisposableStack();
  readonly #session: KernelSide;
  readonly #wake: EventFd;
  readonly #control = new SharedArrayBuffer(CONTROL_BYTES);
  readonly #drain: WorkerThread<DrainStart, DrainMessage>;
  readonly #log = new InterfaceLog();
  readonly #begun = Promise.withResolvers<void>();
  readonly #complete = Promise.withResolvers<void>();
  #isStarted = false;
  /** How it was at the end. */
  #wasAttached: readonly ChosenAttachment[] | null = null;
  #started: Moment | null = null;
  readonly clockMemory = clockMemory();
  readonly clockChanges: ClockChange[] = [];
  /** Called when something was done to the clock of the machine. */
  onClockChange: (change: ClockChange) => void = () => {};
  readonly #clock: RecordingClock;
  #drainThread = 0;
  #end: BrokenEnd | null = null;

  private constructor(settings: CaptureSettings, parts: LiveCaptureParts) {
    this.#settings = settings;
    this.begun = this.#begun.promise;
    this.complete = this.#complete.promise;
    this.#clock = new RecordingClock(this.clockMemory, () => parts.readClocks());
    // From the first packet on there is a time; the draining thread does not wait for it.
    this.#clock.begin();
    this.attachments = settings.points.map((point, attachment) => ({
      attachment,
      interface: point.interface,
      direction: point.direction,
    }));
    try {
      this.#session = this.#resources.use(parts.loadSession(settings));
      this.#wake = this.#resources.use(EventFd.create());
      const url = new URL("../drain/drain_worker.ts", import.meta.url);
      this.#drain = this.#resources.use(new WorkerThread(url, parts.startWorker));
      this.#drain.on("clock", ({ change }) => {
        this.clockChanges.push(change);
        this.onClockChange(change);
      });
    } catch (error) {
      this.#resources.dispose();
      throw error;
    }
  }

  /**
   * Loads the programs. Nothing is attached yet.
   *
   * @throws {UnsupportedError} if privilege, kernel or libbpf do not allow it
   */
  static load(settings: CaptureSettings, parts: LiveCaptureParts = PARTS): LiveCapture {
    return new LiveCapture(settings, parts);
  }

  /** What is attached, or waited for; empty until {@linkcode start}. */
  get attached(): readonly ChosenAttachment[] {
    return this.#wasAttached ?? (this.#isStarted ? this.#session.attached : []);
  }

  get sampleRate(): number {
    return this.#settings.sampleRate;
  }

  get filter(): string {
    return this.#settings.filter?.text ?? "";
  }

  /** Memory of the rings. */
  get ringBytes(): number {
    const { rings, slots } = this.#session.ring;
    return rings * slots * SLOT_BYTES;
  }

  /** Settles when the draining thread listens: from then on programs may be attached. */
  async open(queue: BatchQueueMemory): Promise<void> {
    const ready = this.#drain.next("ready");
    this.#drain.post({
      ring: this.#session.ring,
      writerBehindFd: this.#session.writerBehindFd,
      controlFd: this.#wake.fd,
      control: this.#control,
      clock: this.clockMemory,
      queue,
      captureLimit: this.#settings.captureLimit,
    });
    this.#drainThread = (await ready).thread;
  }

  /**
   * Attaches the programs.
   *
   * @returns settles when the capture limit is reached
   * @throws {RunError} if an interface refuses its program; then none is attached
   */
  start(): Promise<void> {
    const limit = this.#drain.next("limit").then(() => {});
    // It was set while the programs were loaded.
    if (this.clockAheadNs !== 0n) this.#clock.begin();
    this.clockChanges.length = 0;
    const attached = this.#session.attach();
    this.#isStarted = true;
    const now = this.now();
    this.#log.await(attached.filter(({ hook }) => hook === null), now);
    if (attached.some(({ hook }) => hook !== null)) this.#begin(now);
    if (!this.#session.isWaiting) this.#complete.resolve();
    return Promise.race([limit, this.#drain.failure]);
  }

  #begin(now: Moment): void {
    this.#started ??= now;
    this.#begun.resolve();
  }

  /**
   * What the rest of a capture takes, once it is started: capabilities(7) to read the maps, all the time,
   * and in which threads; and those that this thread needs to take the programs off.
   */
  neededRights(): NeededRights {
    const { reading, ending } = this.#session.neededCapabilities();
    return { reading, readers: [ownThread(), this.#drainThread], ending };
  }

  cut(): void {
    this.#tell(CONTROL.CUT);
  }

  /** Detaches the programs, then drains what is in the rings. */
  async stop(): Promise<SourceEnd> {
    const drained = this.#drain.next("drained");
    const end = this.breakOff();
    this.#tell(CONTROL.STOP);
    const { records } = await drained;
    return { rows: records, ...end };
  }

  breakOff(): BrokenEnd {
    return this.#end ??= this.#detach();
  }

  #detach(): BrokenEnd {
    // What went since somebody last asked went before the end.
    this.#log.note(this.#session.notice(), () => this.now());
    const attached = this.#wasAttached = this.attached;
    this.#session.detach();
    const ended = this.now();
    // Of what nothing has come, no time was recorded.
    const started = this.#started ?? ended;
    return {
      startedNs: started.wallNs,
      endedNs: ended.wallNs,
      durationNs: ended.steadyNs - started.steadyNs,
      attachments: attached,
      earlyEnds: this.earlyEnds,
      interfaceEvents: this.#log.all,
    };
  }

  now(): Moment {
    return this.#clock.now();
  }

  /** When the first program was in place, by its own clock; now, if none is. */
  get startedNs(): bigint {
    return (this.#started ?? this.now()).wallNs;
  }

  get clockAheadNs(): bigint {
    return this.#clock.aheadNs();
  }

  followClock(): void {
    this.#clock.follow();
  }

  counts(): PacketCounts[] {
    return this.#session.counts();
  }

  takeTopSenders(limit: number): SenderCount[] {
    return this.#session.takeTopSenders(limit);
  }

  /**
   * What has happened to the interfaces since the last call, once what is waited for and has come is
   * attached; cheap to ask.
   */
  look(): InterfaceNotice[] {
    const clock = () => this.now();
    const notices = this.#log.note(this.#session.notice(), clock);
    const arrivals = this.#session.attachWaiting();
    if (arrivals.length === 0) return notices;
    const came = this.#log.noteArrivals(arrivals, this.attached, clock);
    if (arrivals.some(({ kind }) => kind === "arrival")) this.#begin(clock());
    if (!this.#session.isWaiting) this.#complete.resolve();
    return [...notices, ...came];
  }

  get earlyEnds(): readonly EarlyEnd[] {
    return this.#log.earlyEnds;
  }

  takeInterfaceEvents(): InterfaceEvents {
    return this.#log.takeOfFile();
  }

  /** Whether a program was in place already. */
  get hasBegun(): boolean {
    return this.#started !== null;
  }

  /** Whether an interface is waited for. */
  get isWaiting(): boolean {
    return this.#session.isWaiting;
  }

  /** Whether nothing records any more. */
  get hasLostAll(): boolean {
    return this.#session.hasLostAll;
  }

  /** Packets captured so far at some of the attachments. */
  packetsOf(attachments: readonly { readonly attachment: number }[]): number {
    const counts = this.#session.counts();
    return attachments.reduce(
      (sum, { attachment }) => sum + counts[attachment]!.packets_captured,
      0,
    );
  }

  #tell(word: (typeof CONTROL)[keyof typeof CONTROL]): void {
    Atomics.add(new Int32Array(this.#control), word, 1);
    this.#wake.signal();
  }

  /** Detaches, ends the draining thread and releases everything. Idempotent. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
