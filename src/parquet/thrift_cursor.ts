/**
 * Walks through Thrift's compact protocol without making objects (apache/thrift:
 * doc/specs/thrift-compact-protocol.md). Lengths and depth are checked before they are believed.
 *
 * @module
 */

/** Types on the wire. */
export const WIRE = {
  TRUE: 1,
  FALSE: 2,
  BYTE: 3,
  I16: 4,
  I32: 5,
  I64: 6,
  DOUBLE: 7,
  BINARY: 8,
  LIST: 9,
  SET: 10,
  MAP: 11,
  STRUCT: 12,
  UUID: 13,
} as const;

const STOP = 0;
/** Parquet needs 8. */
const MAX_DEPTH = 24;
const DECODER = new TextDecoder();

export class ThriftCursor {
  readonly #bytes: Uint8Array;
  #position = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes that were read. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads a structure.
   *
   * @param field called for each field; reads its value, or skips it
   * @throws {RangeError} if it is damaged, here and below
   */
  struct(field: (id: number, type: number) => void): void {
    if (++this.#depth > MAX_DEPTH) throw new RangeError("its footer is nested too deeply");
    let id = 0;
    for (;;) {
      const header = this.#byte();
      if (header === STOP) break;
      const delta = header >> 4;
      id = delta === 0 ? this.integer() : id + delta;
      field(id, header & 0xf);
    }
    this.#depth--;
  }

  /**
   * Reads a list of structures.
   *
   * @param element called for each one; reads it
   * @returns how many there are; -1 if they are more than `max`, and none was read
   */
  structs(element: () => void, max = Infinity): number {
    const { size, type } = this.#listHeader();
    if (type !== WIRE.STRUCT && size > 0) {
      throw new RangeError("its footer has a list of another type");
    }
    if (size > max) return -1;
    for (let index = 0; index < size; index++) element();
    return size;
  }

  /** A whole number of any width. Exact up to 2^53; beyond that, none of a footer is valid. */
  integer(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0;; count++) {
      if (count === 10) throw new RangeError("its footer has a number that is too long");
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 128;
    }
    // Zigzag: the lowest bit is the sign.
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A text. */
  text(): string {
    return DECODER.decode(this.bytes());
  }

  /** Bytes, valid as long as those that are walked through. */
  bytes(): Uint8Array {
    const length = this.#length();
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** Passes over a value. */
  skip(type: number): void {
    switch (type) {
      case WIRE.TRUE:
      case WIRE.FALSE:
        return;
      case WIRE.BYTE:
        return this.#advance(1);
      case WIRE.I16:
      case WIRE.I32:
      case WIRE.I64:
        return void this.#unsigned();
      case WIRE.DOUBLE:
        return this.#advance(8);
      case WIRE.UUID:
        return this.#advance(16);
      case WIRE.BINARY:
        return this.#advance(this.#length());
      case WIRE.STRUCT:
        return this.struct((_, inner) => this.skip(inner));
      case WIRE.LIST:
      case WIRE.SET:
        return this.#skipList();
      default:
        throw new RangeError(`its footer has a value of an unknown type`);
    }
  }

  #skipList(): void {
    if (++this.#depth > MAX_DEPTH) throw new RangeError("its footer is nested too deeply");
    const { size, type } = this.#listHeader();
    // In a list, unlike a field, a boolean takes a byte.
    const isBoolean = type === WIRE.TRUE || type === WIRE.FALSE;
    for (let index = 0; index < size; index++) this.skip(isBoolean ? WIRE.BYTE : type);
    this.#depth--;
  }

  /** Every element takes at least a byte, so a length that does not fit is not believed. */
  #listHeader(): { size: number; type: number } {
    const header = this.#byte();
    const size = header >> 4 === 15 ? this.#unsigned() : header >> 4;
    if (size > this.#bytes.length - this.#position) {
      throw new RangeError("its footer ends too early");
    }
    return { size, type: header & 0xf };
  }

  #length(): number {
    const length = this.#unsigned();
    if (length > this.#bytes.length - this.#position) {
      throw new RangeError("its footer ends too early");
    }
    return length;
  }

  #advance(count: number): void {
    if (count > this.#bytes.length - this.#position) {
      throw new RangeError("its footer ends too early");
    }
    this.#position += count;
  }

  #unsigned(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new RangeError("its footer has a number that is too long");
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new RangeError("its footer ends too early");
    return byte;
  }
}
