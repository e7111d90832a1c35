/**
 * Options of pcapng blocks: draft-ietf-opsawg-pcapng, 3.5.
 *
 * @module
 */
import type { PcapngBlock } from "./pcapng_block.ts";

/** Code of the last option of a list, in every block. */
const END_OF_OPTIONS = 0;
const HEADER_BYTES = 4;

/** Looks at options one after the other, of which there may be none. */
export class Options {
  /** Code, place and length of the present option. */
  code = 0;
  at = 0;
  length = 0;
  #next = 0;
  #end = 0;
  #block: PcapngBlock;

  /** @param block where the options are */
  constructor(block: PcapngBlock) {
    this.#block = block;
  }

  /** Begins a list that lies between two places of the block's bytes. */
  begin(at: number, end: number): void {
    this.#next = at;
    this.#end = end;
  }

  /** Goes to the next option; false at the end of the list, and where one is longer than what is left. */
  next(): boolean {
    const { view, isLittle } = this.#block;
    const left = this.#end - this.#next;
    if (left < HEADER_BYTES) return false;
    this.code = view.getUint16(this.#next, isLittle);
    this.length = view.getUint16(this.#next + 2, isLittle);
    this.at = this.#next + HEADER_BYTES;
    if (this.code === END_OF_OPTIONS || this.length > left - HEADER_BYTES) return false;
    this.#next = this.at + Math.ceil(this.length / 4) * 4;
    return true;
  }

  /** The option as a number of 32 bits; undefined if it has another length. */
  uint32(): number | undefined {
    return this.length === 4
      ? this.#block.view.getUint32(this.at, this.#block.isLittle)
      : undefined;
  }

  /** The option as a number of 64 bits, exact below 2^53; undefined if it has another length. */
  uint64(): number | undefined {
    return this.length === 8
      ? Number(this.#block.view.getBigUint64(this.at, this.#block.isLittle))
      : undefined;
  }

  /** The option as text, at most `maxBytes` of its bytes. */
  text(maxBytes: number): string {
    const end = this.at + Math.min(this.length, maxBytes);
    return new TextDecoder().decode(this.#block.bytes.subarray(this.at, end)).replace(/\0.*$/s, "");
  }
}
