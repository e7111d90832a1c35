/**
 * The time of a recording: the wall clock as it was when the recording began, which goes on whatever is
 * done to it meanwhile.
 *
 * The kernel stamps packets with CLOCK_MONOTONIC. NTP makes that clock run faster or slower together with
 * the wall clock, so their difference changes only when somebody sets the wall clock, at a leap second, and
 * when the machine has slept, which CLOCK_MONOTONIC does not count and CLOCK_BOOTTIME does
 * (`wall_to_monotonic` and `offs_boot` in the kernel's `kernel/time/timekeeping.c`). Sleep is followed at
 * once. A step is not: it is told, and the next file of a recording begins by the new time, if that is
 * later. So times never go back within a recording.
 *
 * @module
 */
import { type ClockOffset, splitClockOffset } from "../batch/decode.ts";
import type { ClockChange, Moment } from "../contract/clock_change.ts";

/** The kernel's clocks, read as close together as possible; nanoseconds. */
export interface ClockReading {
  readonly monotonicNs: bigint;
  readonly realtimeNs: bigint;
  readonly boottimeNs: bigint;
}

/**
 * A smaller change is none: a thread may be interrupted while it reads the clocks. Small steps add up, and
 * are one when they reach it.
 */
const MIN_CHANGE_NS = 10_000_000n;

/** The time of a recording, for every thread that has its memory. */
export class RecordingClock {
  /** Nanoseconds from CLOCK_BOOTTIME to the time of the recording. */
  readonly #base: BigInt64Array;
  readonly #read: () => ClockReading;

  /** @param memory of {@linkcode clockMemory}; before {@linkcode begin} its time is that since boot */
  constructor(memory: SharedArrayBuffer, read: () => ClockReading) {
    this.#base = new BigInt64Array(memory);
    this.#read = read;
  }

  /** What the wall clock says now is the time of the recording. */
  begin(): void {
    const { realtimeNs, boottimeNs } = this.#read();
    Atomics.store(this.#base, 0, realtimeNs - boottimeNs);
  }

  /** Nanoseconds to add to CLOCK_BOOTTIME. */
  get baseNs(): bigint {
    return Atomics.load(this.#base, 0);
  }

  now(): Moment {
    const { monotonicNs, boottimeNs } = this.#read();
    return { wallNs: this.baseNs + boottimeNs, steadyNs: monotonicNs };
  }

  /** Nanoseconds that the wall clock is ahead of the recording; 0 unless somebody set it. */
  aheadNs(): bigint {
    const { realtimeNs, boottimeNs } = this.#read();
    const aheadNs = realtimeNs - boottimeNs - this.baseNs;
    return isChange(aheadNs) ? aheadNs : 0n;
  }

  /** Goes on by the wall clock, if that is ahead: between two files. */
  follow(): void {
    const aheadNs = this.aheadNs();
    if (aheadNs > 0n) Atomics.add(this.#base, 0, aheadNs);
  }
}

/** Memory for a {@linkcode RecordingClock}. */
export function clockMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
}

/** Gives packets the time of the recording, and watches the clocks for that. */
export class CaptureClock {
  /** What to add to a monotonic time, by the last look. */
  readonly offset: ClockOffset = { low: 0, high: 0 };
  readonly #clock: Pick<RecordingClock, "baseNs">;
  readonly #read: () => ClockReading;
  readonly #onChange: (change: ClockChange) => void;
  #sleptNs: bigint;
  #steppedNs: bigint;
  #offsetNs: bigint | undefined;

  /** @param onChange called by {@linkcode refresh} */
  constructor(
    clock: Pick<RecordingClock, "baseNs">,
    read: () => ClockReading,
    onChange: (change: ClockChange) => void,
  ) {
    this.#clock = clock;
    this.#read = read;
    this.#onChange = onChange;
    const { monotonicNs, realtimeNs, boottimeNs } = read();
    this.#sleptNs = boottimeNs - monotonicNs;
    this.#steppedNs = realtimeNs - boottimeNs;
    this.refresh();
  }

  /** Looks at the clocks. Meant to be called once per wake-up, before records are taken. */
  refresh(): void {
    const { monotonicNs, realtimeNs, boottimeNs } = this.#read();
    const atNs = this.#clock.baseNs + boottimeNs;
    const sleptNs = boottimeNs - monotonicNs - this.#sleptNs;
    if (isChange(sleptNs)) {
      this.#sleptNs += sleptNs;
      this.#onChange({ kind: "slept", atNs, byNs: sleptNs });
    }
    const steppedNs = realtimeNs - boottimeNs - this.#steppedNs;
    if (isChange(steppedNs)) {
      this.#steppedNs += steppedNs;
      this.#onChange({ kind: "set", atNs, byNs: steppedNs });
    }
    const offsetNs = this.#clock.baseNs + this.#sleptNs;
    if (offsetNs === this.#offsetNs) return;
    this.#offsetNs = offsetNs;
    Object.assign(this.offset, splitClockOffset(offsetNs));
  }
}

function isChange(ns: bigint): boolean {
  return ns >= MIN_CHANGE_NS || ns <= -MIN_CHANGE_NS;
}
