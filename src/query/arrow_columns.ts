/**
 * Columns of a DuckDB result as Arrow lays them out in memory
 * (https://arrow.apache.org/docs/format/Columnar.html, "Physical Memory Layout").
 *
 * @module
 */
import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  makeData,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from "apache-arrow";
import {
  type DuckDBBlobValue,
  type DuckDBDateValue,
  type DuckDBDecimalType,
  type DuckDBDecimalValue,
  type DuckDBTimestampMillisecondsValue,
  type DuckDBTimestampNanosecondsValue,
  type DuckDBTimestampSecondsValue,
  type DuckDBTimestampTZValue,
  type DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";

const DECIMAL_BITS = 128;
const WORD_BITS = 32;

type Values = readonly DuckDBValue[];

interface ArrowColumn {
  readonly type: (type: DuckDBType) => DataType;
  /** The buffers for `makeData`. Where a value is null it does not matter what they hold. */
  readonly buffers: (values: Values) => object;
}

const COLUMNS: Partial<Readonly<Record<DuckDBTypeId, ArrowColumn>>> = {
  [DuckDBTypeId.BOOLEAN]: {
    type: () => new Bool(),
    buffers: (values) => ({ data: bitmap(values, (value) => value === true) }),
  },
  [DuckDBTypeId.TINYINT]: numbers(() => new Int8(), Int8Array),
  [DuckDBTypeId.SMALLINT]: numbers(() => new Int16(), Int16Array),
  [DuckDBTypeId.INTEGER]: numbers(() => new Int32(), Int32Array),
  [DuckDBTypeId.BIGINT]: integers(() => new Int64(), (value: bigint) => value),
  [DuckDBTypeId.UTINYINT]: numbers(() => new Uint8(), Uint8Array),
  [DuckDBTypeId.USMALLINT]: numbers(() => new Uint16(), Uint16Array),
  [DuckDBTypeId.UINTEGER]: numbers(() => new Uint32(), Uint32Array),
  [DuckDBTypeId.UBIGINT]: {
    type: () => new Uint64(),
    buffers: (values) => ({ data: BigUint64Array.from(values, (value) => value as bigint ?? 0n) }),
  },
  [DuckDBTypeId.FLOAT]: numbers(() => new Float32(), Float32Array),
  [DuckDBTypeId.DOUBLE]: numbers(() => new Float64(), Float64Array),
  [DuckDBTypeId.DECIMAL]: {
    type: (type) => {
      const { scale, width } = type as DuckDBDecimalType;
      return new Decimal(scale, width, DECIMAL_BITS);
    },
    buffers: (values) => ({ data: decimals(values) }),
  },
  [DuckDBTypeId.DATE]: {
    type: () => new DateDay(),
    buffers: (values) => ({
      data: Int32Array.from(values, (value) => (value as DuckDBDateValue | null)?.days ?? 0),
    }),
  },
  // All points in time are UTC, as those of recordings are.
  [DuckDBTypeId.TIMESTAMP_S]: integers(
    () => new TimestampSecond("UTC"),
    (value: DuckDBTimestampSecondsValue) => value.seconds,
  ),
  [DuckDBTypeId.TIMESTAMP_MS]: integers(
    () => new TimestampMillisecond("UTC"),
    (value: DuckDBTimestampMillisecondsValue) => value.millis,
  ),
  [DuckDBTypeId.TIMESTAMP]: integers(
    () => new TimestampMicrosecond("UTC"),
    (value: DuckDBTimestampValue) => value.micros,
  ),
  [DuckDBTypeId.TIMESTAMP_TZ]: integers(
    () => new TimestampMicrosecond("UTC"),
    (value: DuckDBTimestampTZValue) => value.micros,
  ),
  [DuckDBTypeId.TIMESTAMP_NS]: integers(
    () => new TimestampNanosecond("UTC"),
    (value: DuckDBTimestampNanosecondsValue) => value.nanos,
  ),
  [DuckDBTypeId.VARCHAR]: {
    type: () => new Utf8(),
    buffers: (values) => {
      const encoder = new TextEncoder();
      return pieces(values, (value) => encoder.encode(value as string));
    },
  },
  [DuckDBTypeId.BLOB]: {
    type: () => new Binary(),
    buffers: (values) => pieces(values, (value) => (value as DuckDBBlobValue).bytes),
  },
};

/** @throws {TypeError} there is none; see `PLAIN_TYPES` in `typed_rows.ts` */
export function arrowType(type: DuckDBType): DataType {
  return columnOf(type).type(type);
}

/** @param arrow what {@linkcode arrowType} made of `type` */
export function arrowData(arrow: DataType, type: DuckDBType, values: Values): Data {
  const nullCount = values.reduce<number>((sum, value) => value === null ? sum + 1 : sum, 0);
  const validity = nullCount === 0
    ? { nullCount }
    : { nullCount, nullBitmap: bitmap(values, (value) => value !== null) };
  const buffers = columnOf(type).buffers(values);
  return makeData({ type: arrow, length: values.length, ...validity, ...buffers } as never);
}

function columnOf(type: DuckDBType): ArrowColumn {
  const column = COLUMNS[type.typeId];
  if (column === undefined) throw new TypeError(`no Arrow type for ${type}`);
  return column;
}

type NumberArrays = {
  from(values: Iterable<DuckDBValue>, read: (value: DuckDBValue) => number): unknown;
};

function numbers(type: () => DataType, arrays: NumberArrays): ArrowColumn {
  const number = (value: DuckDBValue) => value as number ?? 0;
  return { type, buffers: (values) => ({ data: arrays.from(values, number) }) };
}

function integers<T>(type: () => DataType, read: (value: T) => bigint): ArrowColumn {
  const number = (value: DuckDBValue) => value === null ? 0n : read(value as T);
  return { type, buffers: (values) => ({ data: BigInt64Array.from(values, number) }) };
}

/** One bit a value, the lowest of a byte first. */
function bitmap(values: Values, isSet: (value: DuckDBValue) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (isSet(value)) bits[row >> 3]! |= 1 << (row & 7);
  });
  return bits;
}

/** Two's complement, the lowest word first. */
function decimals(values: Values): Uint32Array {
  const words = DECIMAL_BITS / WORD_BITS;
  const data = new Uint32Array(values.length * words);
  values.forEach((value, row) => {
    const bits = BigInt.asUintN(DECIMAL_BITS, (value as DuckDBDecimalValue | null)?.value ?? 0n);
    for (let word = 0; word < words; word++) {
      data[row * words + word] = Number(bits >> BigInt(word * WORD_BITS) & 0xffff_ffffn);
    }
  });
  return data;
}

/** The bytes of all values, one behind the other, and where each begins. */
function pieces(values: Values, bytesOf: (value: DuckDBValue) => Uint8Array) {
  const all = values.map((value) => value === null ? new Uint8Array() : bytesOf(value));
  const valueOffsets = new Int32Array(all.length + 1);
  all.forEach(({ length }, row) => valueOffsets[row + 1] = valueOffsets[row]! + length);
  const data = new Uint8Array(valueOffsets[all.length]!);
  all.forEach((bytes, row) => data.set(bytes, valueOffsets[row]!));
  return { valueOffsets, data };
}
