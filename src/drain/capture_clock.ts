/**
 * Wall-clock time of packets. The kernel stamps them with CLOCK_MONOTONIC, from which the wall clock
 * drifts (NTP slew, steps), so the difference is measured again every second.
 *
 * @module
 */
import { type ClockOffset, splitClockOffset } from "../batch/decode.ts";

/** Both clocks, read as close together as possible; nanoseconds. */
export interface ClockReading {
  readonly monotonicNs: bigint;
  readonly realtimeNs: bigint;
}

/** How long a measured difference is used, in nanoseconds. */
const ANCHOR_LIFETIME_NS = 1_000_000_000n;

/** Keeps the difference between wall clock and monotonic clock fresh. */
export class CaptureClock {
  /** What to add to a monotonic time, by the last measurement. */
  readonly offset: ClockOffset = { low: 0, high: 0 };
  readonly #read: () => ClockReading;
  #measuredAtNs: bigint | undefined;

  constructor(read: () => ClockReading) {
    this.#read = read;
  }

  /** Measures again if the last measurement is a second old. Meant to be called once per wake-up. */
  refresh(): void {
    const { monotonicNs, realtimeNs } = this.#read();
    if (
      this.#measuredAtNs !== undefined && monotonicNs - this.#measuredAtNs < ANCHOR_LIFETIME_NS
    ) return;
    this.#measuredAtNs = monotonicNs;
    Object.assign(this.offset, splitClockOffset(realtimeNs - monotonicNs));
  }
}
