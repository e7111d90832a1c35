/**
 * Numbers distinct keys in the order of their first appearance: an open-addressing hash table over
 * typed arrays, without an object per key or per look-up.
 *
 * @module
 */

/** 32-bit words of a key, after its tag. */
const KEY_WORDS = 4;

/**
 * Keys that a table takes at most: the largest dictionary whose codes DuckDB keeps in 16 bits
 * (duckdb: src/common/types.cpp, `EnumTypeInfo::DictType`).
 */
export const MAX_KEYS = 65_535;

const INITIAL_CAPACITY = 1024;

/** Keys of up to four words and a tag of 8 bits, mapped to codes 0, 1, 2, ... */
export class KeyTable {
  /**
   * Secret of this table. Addresses come from whoever sends packets; without it they could be chosen
   * to fall into one slot.
   */
  readonly #secret = crypto.getRandomValues(new Uint32Array(KEY_WORDS));
  /** Code + 1 of the key in each slot, 0 = free; at most half full. */
  #slots = new Int32Array(2 * INITIAL_CAPACITY);
  #words = new Uint32Array(KEY_WORDS * INITIAL_CAPACITY);
  #tags = new Uint8Array(INITIAL_CAPACITY);
  #size = 0;
  /** Code of the key looked up last: packets of one flow often follow each other. */
  #last = 0;

  /** Distinct keys so far. */
  get size(): number {
    return this.#size;
  }

  /** Words of all keys, four each, in order of their codes. Valid until the next look-up. */
  get words(): Uint32Array {
    return this.#words.subarray(0, KEY_WORDS * this.#size);
  }

  /** Tags of all keys in order of their codes. Valid until the next look-up. */
  get tags(): Uint8Array {
    return this.#tags.subarray(0, this.#size);
  }

  /** Forgets every key, keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
    this.#last = 0;
  }

  /**
   * Code of a key, which is added if it is new. The caller sees to it that there are never more than
   * {@linkcode MAX_KEYS}.
   *
   * @param tag 8 bits, tells keys with the same words apart
   * @param w0 first of four unsigned 32-bit words; words that a kind of key does not have are 0
   */
  code(tag: number, w0: number, w1: number, w2: number, w3: number): number {
    if (this.#size > 0 && this.#holds(this.#last, tag, w0, w1, w2, w3)) return this.#last;
    const mask = this.#slots.length - 1;
    let slot = this.#hash(tag, w0, w1, w2, w3) & mask;
    for (let code = this.#slots[slot]! - 1; code >= 0; code = this.#slots[slot]! - 1) {
      if (this.#holds(code, tag, w0, w1, w2, w3)) return this.#last = code;
      slot = slot + 1 & mask;
    }
    return this.#last = this.#add(slot, tag, w0, w1, w2, w3);
  }

  #holds(code: number, tag: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const words = this.#words;
    const at = code * KEY_WORDS;
    return words[at] === w0 && words[at + 1] === w1 && words[at + 2] === w2 &&
      words[at + 3] === w3 && this.#tags[code] === tag;
  }

  #add(slot: number, tag: number, w0: number, w1: number, w2: number, w3: number): number {
    const code = this.#size;
    if (code === MAX_KEYS) throw new RangeError("Cannot add a key: the table is full");
    if (code === this.#tags.length) {
      this.#grow();
      slot = this.#freeSlot(this.#hash(tag, w0, w1, w2, w3));
    }
    const at = code * KEY_WORDS;
    this.#words[at] = w0;
    this.#words[at + 1] = w1;
    this.#words[at + 2] = w2;
    this.#words[at + 3] = w3;
    this.#tags[code] = tag;
    this.#slots[slot] = code + 1;
    this.#size = code + 1;
    return code;
  }

  #grow(): void {
    const capacity = 2 * this.#tags.length;
    const words = new Uint32Array(KEY_WORDS * capacity);
    words.set(this.#words);
    this.#words = words;
    const tags = new Uint8Array(capacity);
    tags.set(this.#tags);
    this.#tags = tags;
    this.#slots = new Int32Array(2 * capacity);
    for (let code = 0; code < this.#size; code++) {
      const at = code * KEY_WORDS;
      const hash = this.#hash(
        tags[code]!,
        words[at]!,
        words[at + 1]!,
        words[at + 2]!,
        words[at + 3]!,
      );
      this.#slots[this.#freeSlot(hash)] = code + 1;
    }
  }

  #freeSlot(hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== 0) slot = slot + 1 & mask;
    return slot;
  }

  /**
   * Every word goes through a full mixing step before the next one is added, with a secret each, so
   * that differences between keys do not cancel out, whatever the secret is, as they can where words
   * are only multiplied and added up.
   */
  #hash(tag: number, w0: number, w1: number, w2: number, w3: number): number {
    const secret = this.#secret;
    let hash = mix(secret[0]! + tag ^ w0);
    // Short keys (IPv4) are done here.
    if ((w1 | w2 | w3) === 0) return hash;
    hash = mix(hash ^ w1 ^ secret[1]!);
    if ((w2 | w3) === 0) return hash;
    hash = mix(hash ^ w2 ^ secret[2]!);
    return mix(hash ^ w3 ^ secret[3]!);
  }
}

/** The finaliser of MurmurHash3 (32 bits): every input bit changes every output bit. */
function mix(word: number): number {
  word = Math.imul(word ^ word >>> 16, 0x85ebca6b);
  word = Math.imul(word ^ word >>> 13, 0xc2b2ae35);
  return word ^ word >>> 16;
}
