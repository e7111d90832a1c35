/**
 * A source that hands nothing on: when it is ready, ends or fails is the test's.
 *
 * @module
 */
import type { ClockChange, Moment } from "../../src/contract/clock_change.ts";
import type { PacketCounts } from "../../src/contract/packet_counts.ts";
import type { BatchSource, BrokenEnd, SourceEnd } from "../../src/sources/batch_source.ts";
import { FAKE_ATTACHMENTS, FAKE_COUNTS } from "./fake_counts.ts";

const FAKE_END: BrokenEnd = {
  startedNs: 1_000_000_000n,
  endedNs: 3_000_000_000n,
  durationNs: 2_000_000_000n,
  earlyEnds: [],
  attachments: FAKE_ATTACHMENTS,
};

/** In place of a live capture. */
export class FakeSource implements BatchSource {
  readonly attachments = FAKE_ATTACHMENTS;
  readonly sampleRate = 10;
  readonly filter = "tcp port 443";
  /** What it was asked for, in this order. */
  readonly events: string[] = [];
  /** Its time. */
  readonly time = { wallNs: 1_000_000_000n, steadyNs: 0n };
  readonly clockChanges: ClockChange[] = [];
  clockAheadNs = 0n;
  /** Settle what {@linkcode open}, {@linkcode start} and {@linkcode stop} have returned. */
  readonly opened = Promise.withResolvers<void>();
  readonly ended = Promise.withResolvers<void>();
  readonly stopped = Promise.withResolvers<SourceEnd>();
  /** What {@linkcode takeTopSenders} was asked for. */
  topSenders: number | null = null;

  open(): Promise<void> {
    this.events.push("open");
    return this.opened.promise;
  }

  start(): Promise<void> {
    this.events.push("start");
    return this.ended.promise;
  }

  now(): Moment {
    return { ...this.time };
  }

  followClock(): void {
    this.events.push("follow");
  }

  cut(): void {
    this.events.push("cut");
  }

  stop(): Promise<SourceEnd> {
    this.events.push("stop");
    return this.stopped.promise;
  }

  breakOff(): BrokenEnd {
    this.events.push("breakOff");
    return FAKE_END;
  }

  /** Ends {@linkcode stop} two seconds after the start, with so many rows. */
  end(rows: number): void {
    this.stopped.resolve({ rows, ...FAKE_END });
  }

  counts(): PacketCounts[] {
    return [...FAKE_COUNTS];
  }

  takeTopSenders(limit: number): [] {
    this.topSenders = limit;
    return [];
  }

  [Symbol.dispose](): void {
    this.events.push("release");
  }
}
