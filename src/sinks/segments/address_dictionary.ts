/**
 * Dictionary codes for addresses: while packets arrive a row costs a table look-up, and the text of an
 * address is made once.
 *
 * @module
 */
import { ipv4Text, ipv6Text, macText } from "../../contract/address_text.ts";
import { EVENT_FLAG, PRESENT } from "../../contract/record_layout.ts";
import type { ColumnBatch } from "../../batch/column_batch.ts";
import { KeyTable } from "./key_table.ts";

const IPV4 = 0;
const IPV6 = 1;

/** A text column whose values are numbered in the order of their first appearance. */
export interface TextDictionary {
  /** Distinct values so far. */
  readonly size: number;
  /** Makes the distinct values in order of their codes. */
  texts(): string[];
  /** Forgets all values. */
  clear(): void;
  /**
   * Codes rows of a batch. A row whose value is not there gets code 0, which means nothing.
   *
   * @param batch where the rows are
   * @param first index of the first row
   * @param rows number of rows
   * @param codes receives the codes, from `offset` on
   */
  encode(
    batch: ColumnBatch,
    first: number,
    rows: number,
    codes: Uint16Array,
    offset: number,
  ): void;
}

/** Source or destination IP addresses of both families. */
export class AddressDictionary implements TextDictionary {
  readonly #keys = new KeyTable();
  readonly #column: "sourceAddress" | "destinationAddress";

  constructor(column: "sourceAddress" | "destinationAddress") {
    this.#column = column;
  }

  get size(): number {
    return this.#keys.size;
  }

  clear(): void {
    this.#keys.clear();
  }

  texts(): string[] {
    const { words, tags } = this.#keys;
    return Array.from(
      tags,
      (family, code) => family === IPV6 ? ipv6Text(words, 4 * code) : ipv4Text(words[4 * code]!),
    );
  }

  encode(batch: ColumnBatch, first: number, rows: number, codes: Uint16Array, offset: number) {
    const keys = this.#keys;
    const words = batch[this.#column];
    const { present, flags } = batch;
    for (let index = 0; index < rows; index++) {
      const row = first + index;
      let code = 0;
      if (present[row]! & PRESENT.IP) {
        code = flags[row]! & EVENT_FLAG.IPV6
          ? keys.code(IPV6, words, 4 * row, 4)
          : keys.code(IPV4, words, 4 * row, 1);
      }
      codes[offset + index] = code;
    }
  }
}

/** Entries of the small table in front of a {@linkcode MacDictionary}'s. */
const RECENT_BITS = 6;
const RECENT = 1 << RECENT_BITS;

const MAC_WORDS = 2;

/** No code. */
const NONE = -1;

/** Source or destination MAC addresses. */
export class MacDictionary implements TextDictionary {
  readonly #keys = new KeyTable();
  readonly #column: "source" | "destination";
  /**
   * The address last seen in each of these places, and its code. An interface sees few addresses, as
   * a rule: they are found here.
   */
  readonly #recent = new Uint32Array(MAC_WORDS * RECENT);
  readonly #recentCodes = new Int32Array(RECENT).fill(NONE);

  constructor(column: "source" | "destination") {
    this.#column = column;
  }

  get size(): number {
    return this.#keys.size;
  }

  clear(): void {
    this.#keys.clear();
    this.#recentCodes.fill(NONE);
  }

  texts(): string[] {
    const { words, size } = this.#keys;
    return Array.from(
      { length: size },
      (_, code) => macText(words[4 * code]!, words[4 * code + 1]!),
    );
  }

  encode(batch: ColumnBatch, first: number, rows: number, codes: Uint16Array, offset: number) {
    const recent = this.#recent;
    const recentCodes = this.#recentCodes;
    const { macs, present } = batch;
    const isSource = this.#column === "source";
    for (let index = 0; index < rows; index++) {
      const row = first + index;
      let code = 0;
      if (present[row]! & PRESENT.MAC) {
        // Three little-endian words: d0 d1 d2 d3 | d4 d5 s0 s1 | s2 s3 s4 s5.
        const at = 3 * row;
        const middle = macs[at + 1]!;
        const last = macs[at + 2]!;
        const start = (isSource ? middle >>> 16 | last << 16 : macs[at]!) >>> 0;
        const end = isSource ? last >>> 16 : middle & 0xffff;
        const place = Math.imul(start ^ end, 0x9e3779b1) >>> 32 - RECENT_BITS;
        const near = MAC_WORDS * place;
        code = recentCodes[place]!;
        if (code === NONE || recent[near] !== start || recent[near + 1] !== end) {
          recent[near] = start;
          recent[near + 1] = end;
          code = recentCodes[place] = this.#keys.code(0, recent, near, MAC_WORDS);
        }
      }
      codes[offset + index] = code;
    }
  }
}
