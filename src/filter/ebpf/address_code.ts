/**
 * Addresses and nets as comparisons of what lies in the record.
 *
 * @module
 */
import { byteMask, type Net } from "../address_literals.ts";
import type { Assembler, Exits } from "./assembler.ts";
import { jumpIf, load, operate } from "./instructions.ts";

/** Bytes of an address that are compared at once, as a number as they lie in memory. */
interface Piece {
  readonly offset: number;
  readonly size: 1 | 2 | 4;
  readonly mask: number;
  readonly value: number;
}

/** Compares the address at `offset` of the record. Packets that come here have one of that length. */
export function testAddress(code: Assembler, offset: number, net: Net, exits: Exits): void {
  for (const piece of pieces(net)) {
    code.add(load(0, 1, offset + piece.offset, piece.size));
    if (piece.mask !== wholeMask(piece.size)) code.add(operate("&", 0, piece.mask));
    code.jump(jumpIf("!=", 0, piece.value), exits.no);
  }
  code.goto(exits.yes, exits.next);
}

/** The last bytes first: addresses in one place differ there. */
function pieces({ bytes, bits }: Net): Piece[] {
  const found: Piece[] = [];
  const used = Math.ceil(bits / 8);
  for (let offset = 0; offset < used;) {
    const left = used - offset;
    const size = left >= 4 || left === 3 ? 4 : left as 1 | 2;
    const fits = offset + size <= bytes.length ? size : left as 1 | 2;
    let [mask, value] = [0, 0];
    for (let index = fits - 1; index >= 0; index--) {
      const byte = byteMask(bits - 8 * (offset + index));
      mask = (mask * 256 + byte) >>> 0;
      value = (value * 256 + bytes[offset + index]!) >>> 0;
    }
    found.unshift({ offset, size: fits, mask, value });
    offset += fits;
  }
  return found;
}

function wholeMask(size: number): number {
  return 2 ** (8 * size) - 1;
}
