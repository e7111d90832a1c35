/**
 * Settings that follow from the ring's size.
 *
 * @module
 */
import { RECORD_BYTES } from "../event/layout.ts";

/** Bytes that one record takes in the ring: its 8-byte header, then the data, 8-byte aligned. */
export const RING_RECORD_BYTES = (8 + RECORD_BYTES + 7) & ~7;

/** Most records of one CPU between two wake-ups. More brings no speed, only delay. */
const LONGEST_WAKEUP_INTERVAL = 4096;

/**
 * How many records each CPU writes between two wake-ups of the reader. Even if every producer holds
 * back its wake-up until the last moment, the ring is at most a quarter full when the first comes.
 *
 * @param ringBytes size of the ring
 * @param producers CPUs times attachments
 * @returns a power of two, at least 1
 */
export function wakeupInterval(ringBytes: number, producers: number): number {
  const share = ringBytes / RING_RECORD_BYTES / 4 / producers;
  const interval = Math.min(LONGEST_WAKEUP_INTERVAL, Math.max(1, share));
  return 2 ** Math.floor(Math.log2(interval));
}
