/**
 * Which rows of a chunk have a value, as DuckDB's bit masks: bit `i` of word `i / 64` is set when row
 * `i` has one (duckdb: src/include/duckdb/common/types/validity_mask.hpp).
 *
 * @module
 */
import { COLUMNS } from "../../contract/columns.ts";

const BITS_PER_WORD = 32;

/** A mask per group of columns that are there or missing together. */
export class ValidityMasks {
  /** By presence bit. */
  readonly #masks = new Map<number, Uint32Array<ArrayBuffer>>();
  /** Bits that every row, and that any row of the chunk has. */
  #inAll = 0;
  #inAny = 0;

  /** @param chunkRows most rows of a chunk, a multiple of 64 */
  constructor(chunkRows: number) {
    for (const { presence } of COLUMNS) {
      if (presence) this.#masks.set(presence, new Uint32Array(chunkRows / BITS_PER_WORD));
    }
  }

  /**
   * Makes the masks of one chunk.
   *
   * @param present `present` of all rows
   * @param first first row of the chunk
   * @param rows rows of the chunk
   */
  build(present: Uint16Array, first: number, rows: number): void {
    let inAll = 0xffff;
    let inAny = 0;
    for (let row = first; row < first + rows; row++) {
      inAll &= present[row]!;
      inAny |= present[row]!;
    }
    this.#inAll = inAll;
    this.#inAny = inAny;
    for (const [presence, mask] of this.#masks) {
      // All or none of the rows: the usual case in a chunk of similar packets.
      if (inAll & presence) continue;
      if (inAny & presence) fillMask(mask, present, first, rows, presence);
      else mask.fill(0);
    }
  }

  /**
   * The mask of a group of columns; null when every row has a value. Valid until the next `build`.
   *
   * @param presence the group's bit of `present`; 0 = always there
   */
  mask(presence: number): Uint8Array<ArrayBuffer> | null {
    if (presence === 0 || this.#inAll & presence) return null;
    return new Uint8Array(this.#masks.get(presence)!.buffer);
  }

  /** Whether any row has a value of this group. */
  any(presence: number): boolean {
    return presence === 0 || (this.#inAny & presence) !== 0;
  }
}

function fillMask(
  mask: Uint32Array,
  present: Uint16Array,
  first: number,
  rows: number,
  presence: number,
): void {
  for (let word = 0; word * BITS_PER_WORD < rows; word++) {
    const start = first + word * BITS_PER_WORD;
    const count = Math.min(BITS_PER_WORD, first + rows - start);
    let bits = 0;
    for (let bit = 0; bit < count; bit++) {
      bits |= (present[start + bit]! & presence ? 1 : 0) << bit;
    }
    mask[word] = bits;
  }
}
