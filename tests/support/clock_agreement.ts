/**
 * Two clocks held against each other by the times that they gave to the same packets.
 *
 * @module
 */
import { deepEqual, ok } from "node:assert/strict";

/** Most that the times of one packet may differ, nanoseconds. */
export const CLOCK_TOLERANCE_NS = 1_000_000n;

/**
 * Most that they may differ where the machine did not run between the two hooks (an interrupt, a host
 * that took the CPU away): so rare that of a hundred packets one may be such.
 */
const INTERRUPTED_TOLERANCE_NS = 100_000_000n;

/** The times that both clocks gave to one packet, nanoseconds. */
export interface PacketTimes {
  readonly packet: string;
  readonly ours: bigint;
  readonly theirs: bigint;
}

/** Expects the clocks to agree. A clock that is wrong is wrong for more than one packet in a hundred. */
export function clocksAgree(times: readonly PacketTimes[]): void {
  const apart = times.map(({ packet, ours, theirs }) => ({
    packet,
    ns: ours > theirs ? ours - theirs : theirs - ours,
  }));
  deepEqual(apart.filter(({ ns }) => ns >= INTERRUPTED_TOLERANCE_NS), []);
  const late = apart.filter(({ ns }) => ns >= CLOCK_TOLERANCE_NS);
  const shown = late.map(({ packet, ns }) => `${packet}: ${ns} ns apart`).join("\n");
  ok(late.length <= Math.ceil(times.length / 100), shown);
}
