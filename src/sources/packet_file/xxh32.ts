/**
 * The checksum of LZ4 frames: https://github.com/Cyan4973/xxHash/blob/v0.8.1/doc/xxhash_spec.md, "XXH32".
 *
 * @module
 */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

const STRIPE_BYTES = 16;

/** XXH32 with seed 0. */
export class Xxh32 {
  readonly #lanes = Int32Array.of(PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1);
  /** Bytes that make no whole stripe yet. */
  readonly #rest = new Uint8Array(STRIPE_BYTES);
  #restBytes = 0;
  #bytes = 0;

  update(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    let at = 0;
    if (this.#restBytes > 0) {
      at = Math.min(STRIPE_BYTES - this.#restBytes, bytes.length);
      this.#rest.set(bytes.subarray(0, at), this.#restBytes);
      this.#restBytes += at;
      if (this.#restBytes < STRIPE_BYTES) return;
      this.#stripes(this.#rest, 0, STRIPE_BYTES);
      this.#restBytes = 0;
    }
    const end = at + Math.floor((bytes.length - at) / STRIPE_BYTES) * STRIPE_BYTES;
    this.#stripes(bytes, at, end);
    this.#rest.set(bytes.subarray(end));
    this.#restBytes = bytes.length - end;
  }

  /** The checksum of all bytes so far. */
  digest(): number {
    const [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    let hash = this.#bytes >= STRIPE_BYTES
      ? rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18) | 0
      : PRIME_5;
    hash = hash + this.#bytes | 0;
    let at = 0;
    for (; at + 4 <= this.#restBytes; at += 4) {
      hash = Math.imul(rotate(hash + Math.imul(word(this.#rest, at), PRIME_3) | 0, 17), PRIME_4);
    }
    for (; at < this.#restBytes; at++) {
      hash = Math.imul(rotate(hash + Math.imul(this.#rest[at]!, PRIME_5) | 0, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ hash >>> 15, PRIME_2);
    hash = Math.imul(hash ^ hash >>> 13, PRIME_3);
    return (hash ^ hash >>> 16) >>> 0;
  }

  #stripes(bytes: Uint8Array, from: number, end: number): void {
    let [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    for (let at = from; at < end; at += STRIPE_BYTES) {
      a = Math.imul(rotate(a + Math.imul(word(bytes, at), PRIME_2) | 0, 13), PRIME_1);
      b = Math.imul(rotate(b + Math.imul(word(bytes, at + 4), PRIME_2) | 0, 13), PRIME_1);
      c = Math.imul(rotate(c + Math.imul(word(bytes, at + 8), PRIME_2) | 0, 13), PRIME_1);
      d = Math.imul(rotate(d + Math.imul(word(bytes, at + 12), PRIME_2) | 0, 13), PRIME_1);
    }
    this.#lanes.set([a, b, c, d]);
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
}

function rotate(value: number, bits: number): number {
  return value << bits | value >>> 32 - bits;
}
