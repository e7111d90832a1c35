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

const SLOT_WORDS = 2;

/** Bits of a slot's first word: 17 for the code + 1, then whether the key is short, then its tag. */
const KIND_SHIFT = 17;
const CODE_MASK = (1 << KIND_SHIFT) - 1;

/** Kind of a key with no word but the first one, as IPv4 addresses are. */
const SHORT = 1;

/** Keys of up to four words and a tag of 7 bits, mapped to codes 0, 1, 2, ... */
export class KeyTable {
  /**
   * Secret of this table. Addresses come from whoever sends packets; without it they could be chosen
   * to fall into one slot.
   */
  readonly #secret = crypto.getRandomValues(new Uint32Array(KEY_WORDS));
  /**
   * Two words for each slot, at most half of the slots in use. The first one is 0 in a free slot, else
   * the code + 1 below `KIND_SHIFT`, and above it the kind of the key. The second one is the first
   * word of a short key, which is then known without another access to memory, or the hash of a long
   * one.
   */
  #slots = new Uint32Array(SLOT_WORDS * 2 * INITIAL_CAPACITY);
  #words = new Uint32Array(KEY_WORDS * INITIAL_CAPACITY);
  #tags = new Uint8Array(INITIAL_CAPACITY);
  #size = 0;

  /** Distinct keys so far. */
  get size(): number {
    return this.#size;
  }

  /** Words of all keys, four each with zeros behind, in order of their codes. Valid until the next look-up. */
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
  }

  /**
   * Code of a key, which is added if it is new. The caller sees to it that there are never more than
   * {@linkcode MAX_KEYS}.
   *
   * Keys are passed where they lie: as arguments of a call, numbers of more than 31 bits would become
   * objects.
   *
   * @param tag 7 bits, tells keys with the same words apart
   * @param words where the key is
   * @param at index of its first word
   * @param count of its words, 1 to 4; all keys of one tag have as many
   */
  code(tag: number, words: Uint32Array, at: number, count: number): number {
    return count === 1 ? this.#shortCode(tag, words, at) : this.#longCode(tag, words, at, count);
  }

  #shortCode(tag: number, words: Uint32Array, at: number): number {
    const word = words[at]!;
    const kind = tag << 1 | SHORT;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = mix(this.#secret[0]! + tag ^ word);
    let slot = hash << 1 & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (slots[slot + 1] === word && entry >>> KIND_SHIFT === kind) return (entry & CODE_MASK) - 1;
      slot = slot + SLOT_WORDS & mask;
    }
    return this.#add(hash, kind, words.subarray(at, at + 1));
  }

  #longCode(tag: number, words: Uint32Array, at: number, count: number): number {
    const kind = tag << 1;
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = this.#hash(tag, words, at, count);
    let slot = hash << 1 & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (slots[slot + 1] === hash >>> 0 && entry >>> KIND_SHIFT === kind) {
        const code = (entry & CODE_MASK) - 1;
        if (this.#holds(code, words, at, count)) return code;
      }
      slot = slot + SLOT_WORDS & mask;
    }
    return this.#add(hash, kind, words.subarray(at, at + count));
  }

  #holds(code: number, words: Uint32Array, at: number, count: number): boolean {
    const known = this.#words;
    for (let index = 0; index < count; index++) {
      if (known[code * KEY_WORDS + index] !== words[at + index]) return false;
    }
    return true;
  }

  #add(hash: number, kind: number, key: Uint32Array): number {
    const code = this.#size;
    if (code === MAX_KEYS) throw new RangeError("Cannot add a key: the table is full");
    if (code === this.#tags.length) this.#grow();
    this.#words.fill(0, code * KEY_WORDS, (code + 1) * KEY_WORDS);
    this.#words.set(key, code * KEY_WORDS);
    this.#tags[code] = kind >> 1;
    this.#occupy(hash, kind << KIND_SHIFT | code + 1, kind & SHORT ? key[0]! : hash);
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
    const old = this.#slots;
    this.#slots = new Uint32Array(SLOT_WORDS * 2 * capacity);
    for (let slot = 0; slot < old.length; slot += SLOT_WORDS) {
      const entry = old[slot]!;
      const check = old[slot + 1]!;
      if (entry === 0) continue;
      const kind = entry >>> KIND_SHIFT;
      const hash = kind & SHORT ? mix(this.#secret[0]! + (kind >> 1) ^ check) : check;
      this.#occupy(hash, entry, check);
    }
  }

  /** Puts an entry into the first free slot for its hash. */
  #occupy(hash: number, entry: number, check: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash << 1 & mask;
    while (slots[slot] !== 0) slot = slot + SLOT_WORDS & mask;
    slots[slot] = entry;
    slots[slot + 1] = check;
  }

  /**
   * Every word goes through a full mixing step before the next one is added, with a secret each, so
   * that differences between keys do not cancel out, whatever the secret is, as they can where words
   * are only multiplied and added up.
   */
  #hash(tag: number, words: Uint32Array, at: number, count: number): number {
    const secret = this.#secret;
    let hash = mix(secret[0]! + tag ^ words[at]!);
    for (let index = 1; index < count; index++) {
      hash = mix(hash ^ words[at + index]! ^ secret[index]!);
    }
    return hash;
  }
}

/** The finaliser of MurmurHash3 (32 bits): every input bit changes every output bit. */
function mix(word: number): number {
  word = Math.imul(word ^ word >>> 16, 0x85ebca6b);
  word = Math.imul(word ^ word >>> 13, 0xc2b2ae35);
  return word ^ word >>> 16;
}
