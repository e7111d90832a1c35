/**
 * Where the batches of a recording come from.
 *
 * @module
 */
import type { BatchQueueMemory } from "../batch/batch_queue.ts";
import type { Attachment, EarlyEnd, PlacedAttachment } from "../contract/attachment.ts";
import type { InterfaceEvents } from "../contract/interface_event.ts";
import type { ClockChange, Moment } from "../contract/clock_change.ts";
import type { PacketCounts } from "../contract/packet_counts.ts";
import type { SenderCount } from "../contract/recording_report.ts";

/**
 * Fills a queue with batches, in whatever thread it likes. Called in this order: `open`, `start`,
 * `stop`. Dispose to release what it holds and end its threads, at any time.
 */
export interface BatchSource extends Disposable {
  /** What the attachment numbers in the batches mean; all of them are known from the beginning. */
  readonly attachments: readonly Attachment[];
  /** One packet in how many it keeps, by chance; 1 = all. */
  readonly sampleRate: number;
  /** The expression that packets have to match; empty = all are taken. */
  readonly filter: string;
  /** Gets ready to fill `queue`, of which it is the only producer. Nothing comes before `start`. */
  open(queue: BatchQueueMemory): Promise<void>;
  /**
   * Begins: packets come from here on.
   *
   * @returns settles when the source comes to an end by itself, or rejects when it fails; otherwise
   * stays pending
   * @throws {InspectorError} at once, if it cannot begin
   */
  start(): Promise<void>;
  /** How each attachment was made, once it has started; for a source that has more to say than {@linkcode attachments}. */
  readonly attached?: readonly PlacedAttachment[];
  /** Whether a packet could come so far; left out = yes, once it has started. */
  readonly hasBegun?: boolean;
  /** What happened to interfaces since the last call, for a source that records some. */
  takeInterfaceEvents?(): InterfaceEvents;
  /** Attachments that have ended before the source did, so far. */
  readonly earlyEnds?: readonly EarlyEnd[];
  /** The time by which packets are stamped. */
  now(): Moment;
  /** What was done to the clock of the machine so far; empty for a source that has none. */
  readonly clockChanges?: readonly ClockChange[];
  /** Nanoseconds that the wall clock is ahead of {@linkcode now}. */
  readonly clockAheadNs?: bigint;
  /** Memory by which a sink can know {@linkcode now}. */
  readonly clockMemory?: SharedArrayBuffer;
  /** Goes on by the wall clock where that is ahead: another file has begun. */
  followClock?(): void;
  /** Has what came so far handed on, and an empty batch behind it: a segment ends here. */
  cut(): void;
  /**
   * Ends. When it returns nothing more comes in.
   *
   * @returns settles when the last batch is in the queue and the queue is closed
   */
  stop(): Promise<SourceEnd>;
  /**
   * Ends at once, in whatever state it is, also after `stop`: nothing more comes in, and what is under way
   * is given up. {@linkcode BatchSource.counts} are final then.
   */
  breakOff?(): BrokenEnd;
  /** Counts so far, by number of the attachment; final when `stop` has settled. */
  counts(): PacketCounts[];
  /**
   * Who has sent most bytes since the last call; empty if the source does not count that.
   *
   * @param limit most addresses to return
   */
  takeTopSenders(limit: number): SenderCount[];
}

/** What a source says at its end. */
export interface SourceEnd {
  /** Rows of all batches. */
  readonly rows: number;
  /** Nanoseconds since 1970, by {@linkcode BatchSource.now}, of the first moment in which a packet could come. */
  readonly startedNs: bigint;
  /** The same for the last one. */
  readonly endedNs: bigint;
  /** Nanoseconds between both moments, without those that the machine slept. */
  readonly durationNs: bigint;
  /** The attachments, and how each of them was made. */
  readonly attachments: readonly PlacedAttachment[];
  /** Those of them that ended before the recording did. */
  readonly earlyEnds: readonly EarlyEnd[];
  /** All that happened to interfaces, for a source that records some. */
  readonly interfaceEvents?: InterfaceEvents;
}

/** What a source knows at its end although it has failed. */
export type BrokenEnd = Omit<SourceEnd, "rows">;
