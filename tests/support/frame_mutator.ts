/**
 * Spoils good frames: flipped bits, cut and padded ends, spliced halves, and numbers at the edges of
 * what length, type and protocol fields mean.
 *
 * @module
 */
import type { Prng } from "./prng.ts";

/** The shortest frame that the kernel runs a program on. */
const LEAST_BYTES = 14;

/** Most of the headers of most frames lie before this. */
const HEADER_REGION_BYTES = 100;

/** A frame gets at most so many bytes appended or inserted at once. */
const GROWTH_BYTES = 64;

/**
 * Offsets of fields that decide what follows, without VLAN tags: the ethertype; version, lengths,
 * fragment and protocol of IP; the first bytes behind both IP headers.
 */
const DECIDING_OFFSETS = [
  ...[12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 34, 35, 36, 37, 46],
  ...[54, 55, 56, 57, 62, 63, 64, 65, 66, 70, 71, 72],
];

/** Versions with header lengths, sizes of headers, protocol numbers, and the ends of a byte. */
const EDGE_BYTES = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 19, 20, 21, 32, 33, 39, 40, 41, 43, 44, 50, 51],
  ...[58, 59, 60, 63, 64, 0x40, 0x44, 0x45, 0x46, 0x4f, 0x50, 0x5f, 0x60, 0x6f],
  ...[127, 128, 132, 135, 136, 139, 140, 240, 254, 255],
];

/** Ethertypes and their lower bound, PPP's numbers of IP, starts of PPPoE, SNAP and a jumbogram's option,
 * fragment words, sizes of headers, and the ends of 16 bits. */
const EDGE_WORDS = [
  ...[0, 1, 2, 3, 4, 7, 8, 11, 12, 19, 20, 21, 39, 40, 41, 1500, 0x05ff, 0x0600, 0x0601],
  ...[0x0800, 0x0806, 0x8100, 0x8864, 0x86dd, 0x88a8, 0x88cc, 0x9100, 0x9200],
  ...[0x0021, 0x0057, 0x1100, 0xaaaa, 0xc204],
  ...[0x1fff, 0x2000, 0x2001, 0x3fff, 0x4000, 0x8000, 0x7fff, 0xfff8, 0xfffe, 0xffff],
];

/** Bytes before what a length field counts: behind up to two tags, with and without an IP header. */
const COUNTED_FROM = [14, 18, 22, 34, 38, 42, 54, 58, 62];

/** Makes frames in the caller's memory; as many as wanted, each independent of the ones before. */
export class FrameMutator {
  readonly #corpus: readonly Uint8Array[];
  readonly #random: Prng;
  readonly #target: Uint8Array;
  #length = 0;

  /** Seldom first, so that no kind of change drowns the others. */
  readonly #changes: readonly (() => void)[] = [
    () => this.#cut(),
    () => this.#append(),
    () => this.#splice(),
    () => this.#insert(),
    () => this.#remove(),
    () => this.#flipBit(),
    () => this.#flipBit(),
    () => this.#setByte(this.#random.uint32()),
    () => this.#setByte(this.#random.pick(EDGE_BYTES)),
    () => this.#setByte(this.#random.pick(EDGE_BYTES)),
    () => this.#setByte(this.#random.pick(EDGE_BYTES)),
    () => this.#setWord(this.#random.pick(EDGE_WORDS)),
    () => this.#setWord(this.#random.pick(EDGE_WORDS)),
    () => this.#setWord(this.#remainingLength()),
    () => this.#setWord(this.#remainingLength()),
  ];

  /** @param target where the frames are made; frames of the corpus that do not fit are cut */
  constructor(corpus: readonly Uint8Array[], random: Prng, target: Uint8Array) {
    this.#corpus = corpus;
    this.#random = random;
    this.#target = target;
  }

  /** Makes the next frame and returns its length, at least 14: one in eight is a good one. */
  next(): number {
    const good = this.#random.pick(this.#corpus).subarray(0, this.#target.length);
    this.#target.set(good);
    this.#length = good.length;
    const changes = this.#random.below(8);
    for (let change = 0; change < changes; change++) this.#random.pick(this.#changes)();
    while (this.#length < LEAST_BYTES) this.#target[this.#length++] = this.#random.uint32();
    return this.#length;
  }

  #offset(): number {
    const kind = this.#random.below(8);
    if (kind === 0) return this.#random.below(this.#length);
    if (kind < 4) return this.#random.below(Math.min(this.#length, HEADER_REGION_BYTES));
    const tagBytes = 4 * Math.max(0, this.#random.below(5) - 2);
    return Math.min(this.#random.pick(DECIDING_OFFSETS) + tagBytes, this.#length - 1);
  }

  #flipBit(): void {
    const offset = this.#offset();
    this.#target[offset] = this.#target[offset]! ^ 1 << this.#random.below(8);
  }

  #setByte(value: number): void {
    this.#target[this.#offset()] = value;
  }

  #setWord(value: number): void {
    const offset = Math.min(this.#offset() & ~1, this.#length - 2);
    this.#target[offset] = value >>> 8;
    this.#target[offset + 1] = value;
  }

  /** What a length field may say truly, or nearly so. */
  #remainingLength(): number {
    return (this.#length - this.#random.pick(COUNTED_FROM) + this.#random.below(9) - 4) & 0xffff;
  }

  #cut(): void {
    const least = Math.min(LEAST_BYTES, this.#length);
    this.#length = least + this.#random.below(this.#length - least + 1);
  }

  #append(): void {
    const end = Math.min(this.#length + 1 + this.#random.below(GROWTH_BYTES), this.#target.length);
    const zeros = this.#random.oneIn(2);
    while (this.#length < end) this.#target[this.#length++] = zeros ? 0 : this.#random.uint32();
  }

  /** Goes on with the end of another frame. */
  #splice(): void {
    const other = this.#random.pick(this.#corpus);
    const at = Math.max(LEAST_BYTES, this.#offset());
    // Mostly at the same place, so that what follows is a header again.
    const from = this.#random.oneIn(3) ? this.#random.below(other.length) : at;
    const tail = other.subarray(from, from + this.#target.length - at);
    if (at >= this.#length || tail.length === 0) return;
    this.#target.set(tail, at);
    this.#length = at + tail.length;
  }

  /** Repeats some bytes: a tag, an extension header. */
  #insert(): void {
    const at = this.#random.oneIn(3) ? Math.min(12, this.#length) : this.#offset();
    const bytes = this.#random.pick([4, 4, 8, 8, 16, 20, 40]);
    if (at + bytes > this.#length || this.#length + bytes > this.#target.length) return;
    this.#target.copyWithin(at + bytes, at, this.#length);
    this.#length += bytes;
  }

  #remove(): void {
    const at = this.#offset();
    const bytes = this.#random.pick([1, 2, 4, 4, 8, 8, 20]);
    if (this.#length - bytes < LEAST_BYTES || at + bytes > this.#length) return;
    this.#target.copyWithin(at, at + bytes, this.#length);
    this.#length -= bytes;
  }
}
