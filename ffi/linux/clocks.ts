/**
 * The kernel's clocks, read together.
 *
 * @module
 */

import { checkLibc } from "./errno.ts";
import { allocate } from "./native_memory.ts";

/** Values of `clockid_t`: `include/uapi/linux/time.h`. */
const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** `struct timespec` of 64-bit Linux: i64 seconds, i64 nanoseconds. */
const TIMESPEC_BYTES = 16;

const NS_PER_SECOND = 1_000_000_000n;

/** Readings to choose from: the thread may be interrupted between the clocks. */
const ATTEMPTS = 5;

/** Nanoseconds that one reading takes at most where nothing interrupts it; then there is no need of others. */
const CLOSE_NS = 5_000n;

export interface ClockReading {
  /** CLOCK_MONOTONIC, the clock of `bpf_ktime_get_ns`. It stands still while the machine sleeps. */
  monotonicNs: bigint;
  /** Wall clock at the same instant: nanoseconds since 1970 (UTC). */
  realtimeNs: bigint;
  /** CLOCK_BOOTTIME at the same instant: the monotonic clock, and the time that the machine slept. */
  boottimeNs: bigint;
}

/**
 * One instant on all clocks: the others lie between two readings of the monotonic clock, whose midpoint
 * is taken. Of several attempts the one with the closest readings is returned; its error is below half
 * their distance, normally less than a microsecond.
 */
export function readClocks(): ClockReading {
  const timespec = allocate(TIMESPEC_BYTES);
  const view = new DataView(timespec.buffer);
  const read = (clock: number): bigint => {
    checkLibc("read the clock", (symbols) => symbols.clock_gettime(clock, timespec));
    return view.getBigInt64(0, true) * NS_PER_SECOND + view.getBigInt64(8, true);
  };
  let best: ClockReading | undefined;
  let closest: bigint | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = read(CLOCK_MONOTONIC);
    const realtimeNs = read(CLOCK_REALTIME);
    const boottimeNs = read(CLOCK_BOOTTIME);
    const distance = read(CLOCK_MONOTONIC) - before;
    if (best === undefined || closest === undefined || distance < closest) {
      closest = distance;
      best = { monotonicNs: before + distance / 2n, realtimeNs, boottimeNs };
    }
    if (closest < CLOSE_NS) break;
  }
  if (best === undefined) throw new Error("Cannot read the clock: no attempt was made");
  return best;
}
