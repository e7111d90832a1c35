/**
 * A Parquet column of TCP sequence numbers. They are numbers modulo 2^32 (RFC 9293, section 3.4), of
 * many connections in turn: their differences need more than 32 bits, unless they are modulo 2^32, too.
 * DuckDB 1.5 writes them with 33 bits, which it can read itself, but neither Arrow C++ ("InitBlock
 * EOF") nor Arrow Rust ("'min_delta' too large").
 *
 * @module
 */
import { constants, zstdCompressSync } from "node:zlib";
import { encodeDeltas } from "./delta_encoding.ts";
import {
  bitRun,
  type ChunkColumn,
  chunkStatistics,
  CODEC,
  concatenate,
  dataPage,
  ENCODING,
  packedBits,
  type ParquetChunk,
  parquetChunk,
  uint32,
  withLength,
} from "./column_chunk.ts";

/** Part of its size that a page must lose to be worth decompressing. */
const MIN_GAIN = 0.03;

/** Used again for each chunk: it would be half a megabyte of garbage. */
let scratch = { values: new Uint32Array(0), bits: new Uint8Array(0) };

/** Values of a `UINTEGER` column, and which rows have one. */
export class SequenceColumn implements ChunkColumn {
  readonly name: string;
  readonly type = "UINTEGER";
  readonly #values: Uint32Array;
  readonly #present: Uint16Array;
  readonly #presence: number;

  /** @param presence bit of `present` that says that a row has a value */
  constructor(name: string, values: Uint32Array, present: Uint16Array, presence: number) {
    this.name = name;
    this.#values = values;
    this.#present = present;
    this.#presence = presence;
  }

  chunk(first: number, rows: number, position: number): ParquetChunk {
    const { values, levels, range, count } = this.#take(first, rows);
    const body = concatenate(withLength(levels), encodeDeltas(values, count));
    const encoding = ENCODING.DELTA_BINARY_PACKED;
    const compressed = zstdCompressSync(body, {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    const isSmaller = compressed.length < body.length * (1 - MIN_GAIN);
    return parquetChunk({
      of: this,
      rows,
      position,
      encoding,
      codec: isSmaller ? CODEC.ZSTD : CODEC.UNCOMPRESSED,
      statistics: chunkStatistics(rows - count, range),
      dictionary: null,
      data: dataPage(body, isSmaller ? compressed : body, rows, encoding),
    });
  }

  /** The values that are there, one behind the other, and the definition levels. */
  #take(first: number, rows: number) {
    const bitBytes = Math.ceil(rows / 8);
    if (scratch.values.length < rows) {
      scratch = { values: new Uint32Array(rows), bits: new Uint8Array(bitBytes) };
    }
    const { values } = scratch;
    const bits = scratch.bits.subarray(0, bitBytes).fill(0);
    const all = this.#values;
    const present = this.#present;
    const presence = this.#presence;
    let count = 0;
    let smallest = 0xffff_ffff;
    let largest = 0;
    for (let index = 0; index < rows; index++) {
      const value = all[first + index]!;
      const isThere = (present[first + index]! & presence) !== 0;
      // Without a branch: what is not there is overwritten by the next value.
      values[count] = value;
      count += isThere ? 1 : 0;
      bits[index >> 3]! |= (isThere ? 1 : 0) << (index & 7);
      if (isThere && value < smallest) smallest = value;
      if (isThere && value > largest) largest = value;
    }
    const isUniform = count === rows || count === 0;
    const levels = isUniform ? bitRun(count > 0 ? 1 : 0, rows) : packedBits(bits);
    const range = count > 0 ? [uint32(smallest), uint32(largest)] as const : null;
    return { values, levels, range, count };
  }
}
