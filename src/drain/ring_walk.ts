/**
 * The walk over a ring's slots, as a pure function over memory: no system call, no native library.
 * Mapping and waiting live in `ffi/`; the programs' side is `bpf/ring.h`.
 *
 * A record has a position, counted from 0 when the ring is made. Its slot is the position modulo the
 * number of slots. The record is complete when the slot's `ready` is the low half of its position plus
 * one: what an earlier lap left there is another number.
 *
 * @module
 */
import { SLOT_BYTES, SLOT_OFFSET } from "../contract/record_layout.ts";

const READY = SLOT_OFFSET.ready >> 2;
const DISCARDED = SLOT_OFFSET.discarded >> 2;
const SLOT_WORDS = SLOT_BYTES >> 2;

/** Finds the complete records between two positions. Reused from turn to turn. */
export class RingWalk {
  /** Byte offset of each found record in the ring's memory; the first {@linkcode count} are valid. */
  readonly offsets: Uint32Array;
  /** Records found by the last {@linkcode walk}. */
  count = 0;
  /** Position behind the last slot that was looked at: what the consumer may commit. */
  position = 0;

  readonly #words: Int32Array;
  readonly #slots: number;

  /**
   * @param data the slots of all rings, {@linkcode SLOT_BYTES} each, one ring after the other
   * @param slots of one ring
   * @param capacity most records that one walk finds
   */
  constructor(data: ArrayBuffer, slots: number, capacity: number) {
    this.#words = new Int32Array(data);
    this.#slots = slots;
    this.offsets = new Uint32Array(capacity);
  }

  /**
   * Looks at a ring's slots from `consumer` up to `producer` and stops early at a record that is still being
   * written (it never waits for one) or when `limit` records were found.
   *
   * @param ring number of the ring
   * @param consumer position of the first record not yet consumed
   * @param producer position behind the last one that was claimed
   * @param limit most records to find, at most the capacity
   * @returns whether it stopped before `producer`
   */
  walk(ring: number, consumer: number, producer: number, limit: number): boolean {
    const words = this.#words;
    const offsets = this.offsets;
    const first = ring * this.#slots;
    const end = first + this.#slots;
    const max = Math.min(limit, offsets.length);
    let left = producer - consumer;
    let slot = first + consumer % this.#slots;
    // Wraps around as `ready` does.
    let ready = (consumer + 1) | 0;
    let count = 0;
    while (left > 0 && count < max) {
      const word = slot * SLOT_WORDS;
      // Acquire load: pairs with the barrier in publish_record().
      if (Atomics.load(words, word + READY) !== ready) break;
      if (words[word + DISCARDED] === 0) offsets[count++] = slot * SLOT_BYTES + SLOT_OFFSET.event;
      left--;
      ready = (ready + 1) | 0;
      if (++slot === end) slot = first;
    }
    this.count = count;
    this.position = producer - left;
    return left > 0;
  }
}
