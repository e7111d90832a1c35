/**
 * Dictionary codes for addresses: while packets arrive a row costs a table look-up, and the text of an
 * address is made once.
 *
 * @module
 */
import { ipv4Text, ipv6Text, macText } from "../event/address_text.ts";
import { EVENT_FLAG, PRESENT } from "../event/layout.ts";
import type { ColumnBatch } from "../batch/column_batch.ts";
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
        const at = 4 * row;
        code = flags[row]! & EVENT_FLAG.IPV6
          ? keys.code(IPV6, words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!)
          : keys.code(IPV4, words[at]!, 0, 0, 0);
      }
      codes[offset + index] = code;
    }
  }
}

/** Source or destination MAC addresses. */
export class MacDictionary implements TextDictionary {
  readonly #keys = new KeyTable();
  readonly #column: "source" | "destination";

  constructor(column: "source" | "destination") {
    this.#column = column;
  }

  get size(): number {
    return this.#keys.size;
  }

  clear(): void {
    this.#keys.clear();
  }

  texts(): string[] {
    const { words, size } = this.#keys;
    return Array.from(
      { length: size },
      (_, code) => macText(words[4 * code]!, words[4 * code + 1]!),
    );
  }

  encode(batch: ColumnBatch, first: number, rows: number, codes: Uint16Array, offset: number) {
    const keys = this.#keys;
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
        code = isSource
          ? keys.code(0, (middle >>> 16 | last << 16) >>> 0, last >>> 16, 0, 0)
          : keys.code(0, macs[at]!, middle & 0xffff, 0, 0);
      }
      codes[offset + index] = code;
    }
  }
}
