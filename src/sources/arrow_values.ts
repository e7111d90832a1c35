/**
 * The values of one column of an Arrow record batch, whatever its type among those that fit. What the
 * batch says of itself is checked against the bytes that there are.
 *
 * @module
 */
import type { ColumnType } from "../contract/columns.ts";
import type { ArrowMessage } from "./arrow_messages.ts";
import type { ArrowField } from "./arrow_schema.ts";
import type { RowValues } from "./row_columns.ts";

/** Fields of `RecordBatch` (arrow/format/Message.fbs). */
const RECORD_BATCH = { LENGTH: 0, NODES: 1, BUFFERS: 2, COMPRESSION: 3 } as const;

/** Arrow types that a column may have, by its type in Parquet. */
const FITTING: Readonly<Record<ColumnType, readonly ArrowField["type"][]>> = {
  TIMESTAMP_NS: ["timestamp"],
  VARCHAR: ["utf8", "large utf8"],
  UINTEGER: ["int"],
  USMALLINT: ["int"],
  UTINYINT: ["int"],
  BOOLEAN: ["bool"],
};

/** Nanoseconds of each unit. */
const NANOSECONDS = [1_000_000_000n, 1_000_000n, 1_000n, 1n] as const;

const UTF8 = new TextDecoder();

/** A record batch that is being read. */
export class ArrowBatch {
  readonly rows: number;
  readonly #nodes: readonly [rows: number, nulls: number][];
  readonly #buffers: readonly [offset: number, bytes: number][];
  readonly #body: Uint8Array<ArrayBuffer>;

  /** @throws {RangeError} it is damaged or compressed */
  constructor({ header, body }: ArrowMessage) {
    if (header.table(RECORD_BATCH.COMPRESSION) !== null) {
      throw new RangeError("its record batches are compressed");
    }
    this.rows = header.size(RECORD_BATCH.LENGTH);
    this.#nodes = header.pairs(RECORD_BATCH.NODES);
    this.#buffers = header.pairs(RECORD_BATCH.BUFFERS);
    this.#body = body;
  }

  /** Rows and rows without a value of a column. */
  node(index: number): readonly [rows: number, nulls: number] {
    const node = this.#nodes[index];
    if (node === undefined) throw new RangeError("a record batch lacks a column");
    return node;
  }

  /** @returns bytes, aligned to 8 */
  buffer(index: number): Uint8Array<ArrayBuffer> {
    const [offset, bytes] = this.#buffers[index] ?? [0, -1];
    if (bytes < 0 || offset + bytes > this.#body.length) {
      throw new RangeError("a column is outside of its record batch");
    }
    const part = this.#body.subarray(offset, offset + bytes);
    return part.byteOffset % 8 === 0 ? part : part.slice();
  }
}

/** Whether a column of this type can be read as one of a recording. */
export function fits({ type }: ArrowField, wanted: ColumnType): boolean {
  return FITTING[wanted].includes(type);
}

/** A column of one record batch. Rows count from the first of the batch. */
export class ArrowValues implements RowValues {
  readonly #field: ArrowField;
  readonly #validity: Uint8Array | null;
  readonly #numbers: ArrayLike<number | bigint>;
  readonly #text: Uint8Array;

  /** @throws {RangeError} it has fewer values than the batch has rows */
  constructor(field: ArrowField, batch: ArrowBatch) {
    const { rows } = batch;
    const [length, nulls] = batch.node(field.node);
    const validity = batch.buffer(field.buffer);
    const values = batch.buffer(field.buffer + 1);
    const isText = field.type === "utf8" || field.type === "large utf8";
    this.#field = field;
    this.#validity = nulls === 0 || validity.length === 0 ? null : validity;
    this.#numbers = numbersOf(field, values);
    this.#text = isText ? batch.buffer(field.buffer + 2) : values;
    const there = field.type === "bool" ? values.length * 8 : this.#numbers.length - Number(isText);
    const isShort = this.#validity !== null && this.#validity.length * 8 < rows;
    // A column of no row may leave its offsets out.
    if (length !== rows || isShort || rows > 0 && there < rows) {
      throw new RangeError(`column "${field.name}" is too short`);
    }
  }

  /** Whether a row has a value. */
  isThere(row: number): boolean {
    return this.#validity === null || (this.#validity[row >> 3]! & 1 << (row & 7)) !== 0;
  }

  /** A number of a row that has one. */
  number(row: number): number {
    return Number(this.#numbers[row]);
  }

  boolean(row: number): boolean {
    return (this.#text[row >> 3]! & 1 << (row & 7)) !== 0;
  }

  /** Nanoseconds since 1970 of a row that has a time. */
  time(row: number): bigint {
    return BigInt(this.#numbers[row]!) * (NANOSECONDS[this.#field.unit] ?? 1n);
  }

  /** The texts of some rows, made all at once: that of a row that has none means nothing. */
  texts(first: number, rows: number): (index: number) => string {
    const offsets = this.#numbers;
    const start = Number(offsets[first]);
    const bytes = this.#text.subarray(start, Number(offsets[first + rows]));
    const text = UTF8.decode(bytes);
    const from = (index: number) => Number(offsets[first + index]) - start;
    // A letter for each byte: all of them are ASCII.
    if (text.length === bytes.length) return (index) => text.slice(from(index), from(index + 1));
    return (index) => UTF8.decode(bytes.subarray(from(index), from(index + 1)));
  }
}

/** Values, or where the texts begin. */
function numbersOf(
  { type, bits, isSigned }: ArrowField,
  { buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>,
): ArrayLike<number | bigint> {
  const of = <T>(
    array: {
      new (buffer: ArrayBuffer, offset: number, length: number): T;
      BYTES_PER_ELEMENT: number;
    },
  ) => new array(buffer, byteOffset, Math.floor(byteLength / array.BYTES_PER_ELEMENT));
  switch (type === "int" ? bits : type) {
    case 8:
      return isSigned ? of(Int8Array) : of(Uint8Array);
    case 16:
      return isSigned ? of(Int16Array) : of(Uint16Array);
    case 32:
      return isSigned ? of(Int32Array) : of(Uint32Array);
    case 64:
      return isSigned ? of(BigInt64Array) : of(BigUint64Array);
    case "timestamp":
    case "large utf8":
      return of(BigInt64Array);
    case "utf8":
      return of(Int32Array);
  }
  return [];
}
