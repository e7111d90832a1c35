/**
 * Settings that follow from the size of the rings.
 *
 * @module
 */
import { SLOT_BYTES } from "../contract/record_layout.ts";

/** Records of one CPU between two wake-ups, at most. More brings no speed, only delay. */
const MAX_WAKEUP_INTERVAL = 4096;

/**
 * Slots of a ring at least, if there is more than one. A CPU whose ring is full goes to those of others,
 * and they to its own: rings for many CPUs are shared rather than made so small that this is the rule.
 */
const MIN_SLOTS_OF_SEVERAL = 32_768;

/**
 * Programs that one CPU can be in the middle of: one in process context, interrupted by one in a soft
 * interrupt, by one in a hard interrupt and by one in a non-maskable one.
 */
const NESTED_PROGRAMS = 4;

/** How many rings there are and how many records each of them holds. */
export interface RingShape {
  /** A power of two. */
  readonly rings: number;
  /** Of each ring, a power of two. */
  readonly slots: number;
  /** Of each ring, in use at most. */
  readonly limit: number;
}

/**
 * The rings that fit into so much memory: one for each CPU, unless they would be small.
 *
 * @param bytes a power of two. A ring for many CPUs has a minimum size, which may be more.
 * @param processors CPUs that this machine can have, whether they are online or not
 */
export function ringShape(bytes: number, processors: number): RingShape {
  const all = floorPowerOfTwo(bytes / SLOT_BYTES);
  const maxRings = Math.max(1, all / MIN_SLOTS_OF_SEVERAL);
  const rings = Math.min(maxRings, floorPowerOfTwo(processors));
  // Programs that look at the same time whether there is room may all go on: see bpf/ring.h.
  // All CPUs can be at work in the same ring, because of those whose own is full.
  const spare = NESTED_PROGRAMS * processors;
  const slots = Math.max(all / rings, 2 * floorPowerOfTwo(2 * spare));
  return { rings, slots, limit: slots - spare };
}

/**
 * How many records each CPU writes between two wake-ups of the reader. Even if every producer holds
 * back its wake-up until the last moment, no ring is more than a quarter full when the first comes.
 *
 * @param shape of the rings
 * @param producers CPUs times attachments
 * @returns a power of two, at least 1
 */
export function wakeupInterval({ rings, limit }: RingShape, producers: number): number {
  const share = limit / 4 / Math.ceil(producers / rings);
  return floorPowerOfTwo(Math.min(MAX_WAKEUP_INTERVAL, Math.max(1, share)));
}

/** The largest power of two that is not above `value`; 1 for what is below 1. */
function floorPowerOfTwo(value: number): number {
  return 2 ** Math.floor(Math.log2(Math.max(1, value)));
}
