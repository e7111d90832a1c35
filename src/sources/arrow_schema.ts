/**
 * The schema of an Arrow IPC stream (arrow/format/Schema.fbs), as far as it says where the columns of a
 * recording are among the buffers of a record batch.
 *
 * @module
 */
import type { FlatTable } from "./flat_table.ts";

/** Fields of the tables, by their place. */
const SCHEMA = { ENDIANNESS: 0, FIELDS: 1, CUSTOM_METADATA: 2 } as const;
const FIELD = { NAME: 0, TYPE_TYPE: 2, TYPE: 3, DICTIONARY: 4, CHILDREN: 5 } as const;
const KEY_VALUE = { KEY: 0, VALUE: 1 } as const;
const INT = { BIT_WIDTH: 0, IS_SIGNED: 1 } as const;
const TIMESTAMP = { UNIT: 0 } as const;

const LITTLE_ENDIAN = 0;

/** Columns, and levels of columns in columns, that a schema may have: far more than any of ours. */
const MAX_FIELDS = 10_000;
const MAX_DEPTH = 16;

/** Names of the types, by the number of `Type`. */
const TYPES = [
  ...["none", "null", "int", "float", "binary", "utf8", "bool", "decimal", "date", "time"],
  ...["timestamp", "interval", "list", "struct", "union", "fixed binary", "fixed list", "map"],
  ...["duration", "large binary", "large utf8", "large list", "run-end encoded", "binary view"],
  ...["utf8 view", "list view", "large list view"],
] as const;
export type ArrowType = (typeof TYPES)[number];

/** Buffers of a column without its children (Columnar.rst, "Buffer Listing for Each Layout"). */
const BUFFERS: Partial<Readonly<Record<ArrowType, number>>> = {
  "null": 0,
  "int": 2,
  "float": 2,
  "binary": 3,
  "utf8": 3,
  "bool": 2,
  "decimal": 2,
  "date": 2,
  "time": 2,
  "timestamp": 2,
  "interval": 2,
  "list": 2,
  "struct": 1,
  "fixed binary": 2,
  "fixed list": 1,
  "map": 2,
  "duration": 2,
  "large binary": 3,
  "large utf8": 3,
  "large list": 2,
};

/** A column. */
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType | "dictionary";
  /** Of an integer. */
  readonly bits: number;
  readonly isSigned: boolean;
  /** Of a timestamp: 0 = seconds, 1, 2, 3 = milli-, micro- and nanoseconds. */
  readonly unit: number;
  /** Which node of a record batch it is, and which buffer is its first. */
  readonly node: number;
  readonly buffer: number;
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** @throws {RangeError} it is damaged, or has a column that cannot even be passed over */
export function readArrowSchema(schema: FlatTable): ArrowSchema {
  if (schema.int16(SCHEMA.ENDIANNESS, LITTLE_ENDIAN) !== LITTLE_ENDIAN) {
    throw new RangeError("its numbers are big-endian");
  }
  const next = { node: 0, buffer: 0, left: MAX_FIELDS };
  const fields = schema.tables(SCHEMA.FIELDS, MAX_FIELDS)
    .map((field) => readField(field, next, 0));
  const pairs = schema.tables(SCHEMA.CUSTOM_METADATA, MAX_FIELDS)
    .map((pair) => [pair.text(KEY_VALUE.KEY), pair.text(KEY_VALUE.VALUE)] as const);
  return { fields, metadata: new Map(pairs) };
}

function readField(
  field: FlatTable,
  next: { node: number; buffer: number; left: number },
  depth: number,
): ArrowField {
  if (depth > MAX_DEPTH || next.left-- === 0) throw new RangeError("it has too many columns");
  const name = field.text(FIELD.NAME);
  const type = TYPES[field.int8(FIELD.TYPE_TYPE, 0)];
  const isDictionary = field.table(FIELD.DICTIONARY) !== null;
  // In the place of values are their numbers.
  const buffers = isDictionary ? 2 : type && BUFFERS[type];
  if (type === undefined || buffers === undefined) {
    throw new RangeError(`column "${name}" is of a type that is not understood: ${type ?? "new"}`);
  }
  const details = field.table(FIELD.TYPE);
  const read: ArrowField = {
    name,
    type: isDictionary ? "dictionary" : type,
    bits: type === "int" ? details?.int32(INT.BIT_WIDTH, 0) ?? 0 : 0,
    isSigned: type === "int" && details?.int8(INT.IS_SIGNED, 0) === 1,
    unit: type === "timestamp" ? details?.int16(TIMESTAMP.UNIT, 0) ?? 0 : 0,
    node: next.node++,
    buffer: next.buffer,
  };
  next.buffer += buffers;
  if (!isDictionary) {
    for (const child of field.tables(FIELD.CHILDREN, MAX_FIELDS)) readField(child, next, depth + 1);
  }
  return read;
}
