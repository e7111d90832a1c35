/**
 * Column chunks that are made here and not by DuckDB: pages and what the footer says about them. Field
 * ids and codes are those of apache/parquet-format: src/main/thrift/parquet.thrift; pages and runs are
 * described in its README.md ("Data Pages") and Encodings.md.
 *
 * @module
 */
import type { ColumnType } from "../contract/columns.ts";
import { type ThriftStruct, writeThriftStruct } from "./thrift_compact.ts";

/** Types of columns that can be made here: all but the timestamp, which is always left to DuckDB. */
export type ChunkType = Exclude<ColumnType, "TIMESTAMP_NS">;

/** A chunk and what the footer says about it. */
export interface ParquetChunk {
  readonly bytes: Uint8Array;
  /** `ColumnChunk` of the footer. */
  readonly column: ThriftStruct;
  /** Size if no page were compressed. */
  readonly plainBytes: number;
}

/** A column of which chunks can be made. */
export interface ChunkColumn {
  readonly name: string;
  readonly type: ChunkType;
  /**
   * Makes the chunk of one row group.
   *
   * @param first index of its first row in the segment
   * @param rows at least 1
   * @param position where in the file the chunk will be
   */
  chunk(first: number, rows: number, position: number): ParquetChunk;
}

/** `Encoding`. */
export const ENCODING = { PLAIN: 0, RLE: 3, DELTA_BINARY_PACKED: 5, RLE_DICTIONARY: 8 } as const;

/** `CompressionCodec`. */
export const CODEC = { UNCOMPRESSED: 0, ZSTD: 6 } as const;

/** `Type` and `ConvertedType` of each column type, as DuckDB writes them. */
const PHYSICAL: Readonly<Record<ChunkType, { type: number; converted: number | undefined }>> = {
  BOOLEAN: { type: 0, converted: undefined },
  UTINYINT: { type: 1, converted: 11 },
  USMALLINT: { type: 1, converted: 12 },
  UINTEGER: { type: 1, converted: 13 },
  VARCHAR: { type: 6, converted: 0 },
};
const OPTIONAL = 1;
const PAGE = { DATA: 0, DICTIONARY: 2 } as const;

/** `SchemaElement` of a column. */
export function schemaElement(name: string, columnType: ChunkType): ThriftStruct {
  const { type, converted } = PHYSICAL[columnType];
  return { field_1: type, field_3: OPTIONAL, field_4: name, field_6: converted };
}

/** A page and its size. */
export interface Page {
  /** Header and body. */
  readonly bytes: Uint8Array;
  /** Size if the body were not compressed. */
  readonly plainBytes: number;
}

export interface ChunkParts {
  readonly of: Pick<ChunkColumn, "name" | "type">;
  readonly rows: number;
  readonly position: number;
  readonly encoding: number;
  readonly codec: number;
  readonly statistics: ThriftStruct;
  readonly dictionary: Page | null;
  readonly data: Page;
}

/** Puts a chunk together. */
export function parquetChunk(parts: ChunkParts): ParquetChunk {
  const { of, rows, position, encoding, codec, statistics, dictionary, data } = parts;
  const dictionaryBytes = dictionary?.bytes ?? new Uint8Array();
  const bytes = concatenate(dictionaryBytes, data.bytes);
  const plainBytes = data.plainBytes + (dictionary?.plainBytes ?? 0);
  const metadata: ThriftStruct = {
    field_1: PHYSICAL[of.type].type,
    field_2: [...new Set([encoding, ENCODING.RLE])],
    field_3: [of.name],
    field_4: codec,
    field_5: BigInt(rows),
    field_6: BigInt(plainBytes),
    field_7: BigInt(bytes.length),
    field_9: BigInt(position + dictionaryBytes.length),
    field_11: dictionary ? BigInt(position) : undefined,
    field_12: statistics,
  };
  // The first field is a deprecated position, for which DuckDB writes 0, too.
  const column = { field_2: 0n, field_3: metadata };
  return { bytes, column, plainBytes };
}

/** `Statistics` of a chunk, with the smallest and the largest value if there is any. */
export function chunkStatistics(
  nulls: number,
  range: readonly [min: Uint8Array, max: Uint8Array] | null,
): ThriftStruct {
  return {
    field_3: BigInt(nulls),
    ...(range && { field_5: range[1], field_6: range[0], field_7: true, field_8: true }),
  };
}

/** A page with the values of a dictionary, not compressed. */
export function dictionaryPage(body: Uint8Array, values: number): Page {
  const header = { field_1: values, field_2: ENCODING.PLAIN };
  return page(PAGE.DICTIONARY, 7, header, body, body);
}

/**
 * A page of rows.
 *
 * @param body definition levels and values
 * @param stored the body as it is stored: compressed, or itself
 */
export function dataPage(body: Uint8Array, stored: Uint8Array, rows: number, encoding: number) {
  const header: ThriftStruct = {
    field_1: rows,
    field_2: encoding,
    field_3: ENCODING.RLE,
    field_4: ENCODING.RLE,
  };
  return page(PAGE.DATA, 5, header, body, stored);
}

/** A page behind its `PageHeader`, which has the page type's own header in the field `id`. */
function page(
  type: number,
  id: number,
  header: ThriftStruct,
  body: Uint8Array,
  stored: Uint8Array,
): Page {
  const pageHeader = writeThriftStruct({
    field_1: type,
    field_2: body.length,
    field_3: stored.length,
    [`field_${id}` as const]: header,
  });
  return {
    bytes: concatenate(pageHeader, stored),
    plainBytes: pageHeader.length + body.length,
  };
}

/** Levels or bits behind their length (Encodings.md, "RLE/Bit-Packing Hybrid"). */
export function withLength(bytes: Uint8Array): Uint8Array {
  return concatenate(uint32(bytes.length), bytes);
}

/** `count` times a value of one bit (Encodings.md, "RLE/Bit-Packing Hybrid": `rle-run`). */
export function bitRun(bit: 0 | 1, count: number): Uint8Array {
  return Uint8Array.of(...varint(2 * count), bit);
}

/** Bits, lowest first (Encodings.md, "RLE/Bit-Packing Hybrid": `bit-packed-run`). */
export function packedBits(bits: Uint8Array): Uint8Array {
  return concatenate(Uint8Array.from(varint(2 * bits.length + 1)), bits);
}

/** An unsigned integer below 2^53 in groups of 7 bits, lowest first. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push(value % 0x80 | 0x80);
  return [...bytes, value];
}

/** A number of 32 bits as in a page. */
export function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** A text as in the footer. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Byte strings one behind the other. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
