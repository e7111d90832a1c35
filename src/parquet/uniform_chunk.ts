/**
 * A Parquet column whose rows all hold the same value, or all NULL: a few bytes, whatever the number
 * of rows.
 *
 * @module
 */
import {
  bitRun,
  type ChunkColumn,
  chunkStatistics,
  type ChunkType,
  CODEC,
  concatenate,
  dataPage,
  dictionaryPage,
  ENCODING,
  type ParquetChunk,
  parquetChunk,
  uint32,
  utf8,
  withLength,
} from "./column_chunk.ts";

/** Value of every row; null = NULL. */
export type UniformValue = string | number | boolean | null;

/** A column with the same value in every row. */
export class UniformColumn implements ChunkColumn {
  readonly name: string;
  readonly type: ChunkType;
  readonly value: UniformValue;

  constructor(name: string, type: ChunkType, value: UniformValue) {
    this.name = name;
    this.type = type;
    this.value = value;
  }

  /** The chunk is not compressed: nothing would be gained. */
  chunk(_first: number, rows: number, position: number): ParquetChunk {
    const { value } = this;
    const plain = plainValue(value);
    const levels = withLength(bitRun(plain ? 1 : 0, rows));
    const common = { of: this, rows, position, codec: CODEC.UNCOMPRESSED, dictionary: null };
    if (!plain) {
      const data = dataPage(levels, levels, rows, ENCODING.PLAIN);
      return parquetChunk({
        ...common,
        encoding: ENCODING.PLAIN,
        statistics: chunkStatistics(rows, null),
        data,
      });
    }
    const statistics = chunkStatistics(0, [plain, plain]);
    if (typeof value === "boolean") {
      // There are no dictionaries of booleans.
      const body = concatenate(levels, withLength(bitRun(value ? 1 : 0, rows)));
      const data = dataPage(body, body, rows, ENCODING.RLE);
      return parquetChunk({ ...common, encoding: ENCODING.RLE, statistics, data });
    }
    // Encodings.md, "Plain": byte arrays have their length before them.
    const entry = typeof value === "string" ? withLength(plain) : plain;
    // Every row has index 0, in 1 bit.
    const body = concatenate(levels, Uint8Array.of(1), bitRun(0, rows));
    return parquetChunk({
      ...common,
      encoding: ENCODING.RLE_DICTIONARY,
      statistics,
      dictionary: dictionaryPage(entry, 1),
      data: dataPage(body, body, rows, ENCODING.RLE_DICTIONARY),
    });
  }
}

/** A value as in statistics; null for NULL. */
function plainValue(value: UniformValue): Uint8Array | null {
  switch (typeof value) {
    case "string":
      return utf8(value);
    case "number":
      return uint32(value);
    case "boolean":
      return Uint8Array.of(value ? 1 : 0);
    default:
      return null;
  }
}
