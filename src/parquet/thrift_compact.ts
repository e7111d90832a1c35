/**
 * Thrift's compact protocol, without a schema: structures are read into fields and written back byte
 * for byte, also those that nobody here knows
 * (apache/thrift: doc/specs/thrift-compact-protocol.md).
 *
 * @module
 */

/** Type codes of struct fields and of list elements. */
export const THRIFT = {
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

/** A value by type: integers up to 32 bits are numbers, 64 bits bigint; double, binary, UUID bytes. */
export type ThriftValue =
  | boolean
  | number
  | bigint
  | Uint8Array
  | ThriftList
  | ThriftMap
  | ThriftStruct;

export interface ThriftField {
  readonly id: number;
  /** One of {@linkcode THRIFT}. */
  readonly type: number;
  readonly value: ThriftValue;
}

/** Lists and sets. */
export interface ThriftList {
  readonly elementType: number;
  readonly elements: readonly ThriftValue[];
}

export interface ThriftMap {
  readonly keyType: number;
  readonly valueType: number;
  readonly entries: readonly (readonly [ThriftValue, ThriftValue])[];
}

/** Fields in ascending order of their ids. */
export class ThriftStruct {
  readonly fields: ThriftField[];

  constructor(fields: Iterable<ThriftField> = []) {
    this.fields = [...fields].sort((a, b) => a.id - b.id);
  }

  /** A structure of fields by their ids: type and value. */
  static of(
    fields: Readonly<Record<number, readonly [type: number, value: ThriftValue]>>,
  ): ThriftStruct {
    return new ThriftStruct(
      Object.entries(fields).map(([id, [type, value]]) => ({ id: Number(id), type, value })),
    );
  }

  /** The value of a field; undefined when it is not there. */
  get(id: number): ThriftValue | undefined {
    return this.fields.find((field) => field.id === id)?.value;
  }

  /** A copy in which a field has this value. */
  with(id: number, type: number, value: ThriftValue): ThriftStruct {
    return new ThriftStruct([...this.without(id).fields, { id, type, value }]);
  }

  /** A copy that lacks some fields. */
  without(...ids: readonly number[]): ThriftStruct {
    return new ThriftStruct(this.fields.filter((field) => !ids.includes(field.id)));
  }
}

/** Structures within structures; Parquet's footer has about six levels. */
const MAX_DEPTH = 64;

/**
 * Reads one structure.
 *
 * @returns the structure; its byte strings are views of `bytes`
 * @throws {RangeError} if the bytes are no complete structure
 */
export function readThriftStruct(bytes: Uint8Array): ThriftStruct {
  return new CompactReader(bytes).struct(0);
}

/** Writes one structure. */
export function writeThriftStruct(struct: ThriftStruct): Uint8Array<ArrayBuffer> {
  const writer = new CompactWriter();
  writer.struct(struct);
  return writer.finish();
}

class CompactReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new RangeError("Cannot read Thrift data: nested too deeply");
    const fields: ThriftField[] = [];
    let id = 0;
    for (let header = this.#byte(); header !== 0; header = this.#byte()) {
      const type = header & 0x0f;
      id = header >> 4 ? id + (header >> 4) : Number(this.#zigzag());
      // In a field the type is the value of a boolean.
      const isBoolean = type === THRIFT.TRUE || type === THRIFT.FALSE;
      fields.push({ id, type, value: isBoolean ? type === THRIFT.TRUE : this.#value(type, depth) });
    }
    return new ThriftStruct(fields);
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case THRIFT.TRUE:
      case THRIFT.FALSE:
        return this.#byte() === THRIFT.TRUE;
      case THRIFT.BYTE:
        return this.#byte() << 24 >> 24;
      case THRIFT.I16:
      case THRIFT.I32:
        return Number(this.#zigzag());
      case THRIFT.I64:
        return this.#zigzag();
      case THRIFT.DOUBLE:
        return this.#take(8);
      case THRIFT.UUID:
        return this.#take(16);
      case THRIFT.BINARY:
        return this.#take(this.#count());
      case THRIFT.LIST:
      case THRIFT.SET:
        return this.#list(depth);
      case THRIFT.MAP:
        return this.#map(depth);
      case THRIFT.STRUCT:
        return this.struct(depth + 1);
      default:
        throw new RangeError(`Cannot read Thrift data: type ${type} is unknown`);
    }
  }

  #list(depth: number): ThriftList {
    const header = this.#byte();
    const size = header >> 4 === 0x0f ? this.#count() : header >> 4;
    const elementType = header & 0x0f;
    const elements: ThriftValue[] = [];
    for (let index = 0; index < size; index++) elements.push(this.#value(elementType, depth + 1));
    return { elementType, elements };
  }

  #map(depth: number): ThriftMap {
    const size = this.#count();
    const types = size > 0 ? this.#byte() : 0;
    const keyType = types >> 4;
    const valueType = types & 0x0f;
    const entries: [ThriftValue, ThriftValue][] = [];
    for (let index = 0; index < size; index++) {
      entries.push([this.#value(keyType, depth + 1), this.#value(valueType, depth + 1)]);
    }
    return { keyType, valueType, entries };
  }

  #byte(): number {
    const byte = this.#bytes[this.#position++];
    if (byte === undefined) throw new RangeError("Cannot read Thrift data: it ends too early");
    return byte;
  }

  #take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) {
      throw new RangeError("Cannot read Thrift data: it ends too early");
    }
    const taken = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return taken;
  }

  /** A length. More than there are bytes left is refused before anything is reserved for it. */
  #count(): number {
    const count = Number(this.#varint());
    if (count > this.#bytes.length - this.#position) {
      throw new RangeError("Cannot read Thrift data: it ends too early");
    }
    return count;
  }

  #zigzag(): bigint {
    const value = this.#varint();
    return value >> 1n ^ -(value & 1n);
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError("Cannot read Thrift data: an integer has more than 64 bits");
  }
}

/** Writes compact-protocol data; exported for lists whose elements are written one by one. */
export class CompactWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  /** What was written so far. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  struct(struct: ThriftStruct): void {
    this.fields(struct, 0);
    this.stop();
  }

  /** The fields of a structure without its end. `lastId` is the id of the field before them, or 0. */
  fields(struct: ThriftStruct, lastId: number): void {
    for (const { id, type, value } of struct.fields) {
      const isBoolean = type === THRIFT.TRUE || type === THRIFT.FALSE;
      this.fieldHeader(id, lastId, isBoolean ? (value ? THRIFT.TRUE : THRIFT.FALSE) : type);
      if (!isBoolean) this.#value(type, value);
      lastId = id;
    }
  }

  /** Begins a field. `lastId` is the id of the field before it in the same structure, or 0. */
  fieldHeader(id: number, lastId: number, type: number): void {
    const delta = id - lastId;
    if (delta > 0 && delta <= 15) {
      this.#byte(delta << 4 | type);
    } else {
      this.#byte(type);
      this.#zigzag(BigInt(id));
    }
  }

  /** Begins a list or set. */
  listHeader(elementType: number, size: number): void {
    if (size < 15) {
      this.#byte(size << 4 | elementType);
    } else {
      this.#byte(0xf0 | elementType);
      this.#varint(BigInt(size));
    }
  }

  /** Ends a structure. */
  stop(): void {
    this.#byte(0);
  }

  #value(type: number, value: ThriftValue): void {
    switch (type) {
      case THRIFT.TRUE:
      case THRIFT.FALSE:
        return this.#byte(value ? THRIFT.TRUE : THRIFT.FALSE);
      case THRIFT.BYTE:
        return this.#byte(value as number & 0xff);
      case THRIFT.I16:
      case THRIFT.I32:
        return this.#zigzag(BigInt(value as number));
      case THRIFT.I64:
        return this.#zigzag(value as bigint);
      case THRIFT.DOUBLE:
      case THRIFT.UUID:
        return this.#raw(value as Uint8Array);
      case THRIFT.BINARY:
        this.#varint(BigInt((value as Uint8Array).length));
        return this.#raw(value as Uint8Array);
      case THRIFT.LIST:
      case THRIFT.SET: {
        const { elementType, elements } = value as ThriftList;
        this.listHeader(elementType, elements.length);
        for (const element of elements) this.#value(elementType, element);
        return;
      }
      case THRIFT.MAP:
        return this.#map(value as ThriftMap);
      case THRIFT.STRUCT:
        return this.struct(value as ThriftStruct);
      default:
        throw new RangeError(`Cannot write Thrift data: type ${type} is unknown`);
    }
  }

  #map({ keyType, valueType, entries }: ThriftMap): void {
    this.#varint(BigInt(entries.length));
    if (entries.length === 0) return;
    this.#byte(keyType << 4 | valueType);
    for (const [key, value] of entries) {
      this.#value(keyType, key);
      this.#value(valueType, value);
    }
  }

  #zigzag(value: bigint): void {
    this.#varint(BigInt.asUintN(64, value << 1n ^ value >> 63n));
  }

  #varint(value: bigint): void {
    while (value >= 0x80n) {
      this.#byte(Number(value & 0x7fn) | 0x80);
      value >>= 7n;
    }
    this.#byte(Number(value));
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
