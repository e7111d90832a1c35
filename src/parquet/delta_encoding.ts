/**
 * Parquet's encoding DELTA_BINARY_PACKED of 32-bit integers (apache/parquet-format: Encodings.md,
 * "Delta Encoding"): differences to the value before, in blocks with as many bits each as they need.
 *
 * @module
 */
import { varint } from "./column_chunk.ts";

const BLOCK_VALUES = 128;
const MINIBLOCKS = 4;
const MINIBLOCK_VALUES = BLOCK_VALUES / MINIBLOCKS;

/** Bytes that a block needs at most: smallest difference, widths, differences of 32 bits. */
const BLOCK_BYTES = 5 + MINIBLOCKS + 4 * BLOCK_VALUES;
const HEADER_BYTES = 16;

/**
 * What is encoded lies here until the next call: half a megabyte for a row group, too much to leave to
 * the garbage collector eight times a segment.
 */
let output = new Uint8Array(0);

/**
 * Encodes values. Differences are taken modulo 2^32, as the specification wants it, so that none needs
 * more than 32 bits.
 *
 * @param values the first `count` are encoded
 * @returns valid until the next call
 */
export function encodeDeltas(values: Uint32Array, count: number): Uint8Array {
  const blocks = Math.ceil(Math.max(0, count - 1) / BLOCK_VALUES);
  const maxBytes = HEADER_BYTES + blocks * BLOCK_BYTES;
  if (output.length < maxBytes) output = new Uint8Array(maxBytes);
  const bytes = output;
  const view = new DataView(bytes.buffer);
  const first = count > 0 ? values[0]! : 0;
  const header = [
    ...varint(BLOCK_VALUES),
    ...varint(MINIBLOCKS),
    ...varint(count),
    ...varint(zigzag(first)),
  ];
  bytes.set(header);
  let at = header.length;
  const deltas = new Int32Array(BLOCK_VALUES);
  let before = first;
  for (let next = 1; next < count; next += BLOCK_VALUES) {
    const length = Math.min(BLOCK_VALUES, count - next);
    let minDelta = 0x7fff_ffff;
    for (let index = 0; index < length; index++) {
      const value = values[next + index]!;
      const delta = value - before | 0;
      before = value;
      deltas[index] = delta;
      if (delta < minDelta) minDelta = delta;
    }
    // The last block is filled up with what needs no bits.
    deltas.fill(minDelta, length);
    const encodedMin = varint(zigzag(minDelta));
    bytes.set(encodedMin, at);
    const widths = at + encodedMin.length;
    at = widths + MINIBLOCKS;
    for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
      const start = miniblock * MINIBLOCK_VALUES;
      const width = widthOf(deltas, start, minDelta);
      bytes[widths + miniblock] = width;
      at = pack(deltas, start, minDelta, width, view, at);
    }
  }
  return bytes.subarray(0, at);
}

/** Bits that the differences of a miniblock need, less the smallest one. */
function widthOf(deltas: Int32Array, start: number, minDelta: number): number {
  let bits = 0;
  for (let index = start; index < start + MINIBLOCK_VALUES; index++) {
    bits |= deltas[index]! - minDelta;
  }
  return 32 - Math.clz32(bits);
}

/** Writes a miniblock, lowest bits first, and returns the position behind it. */
function pack(
  deltas: Int32Array,
  start: number,
  minDelta: number,
  width: number,
  view: DataView,
  at: number,
): number {
  if (width === 0) return at;
  let word = 0;
  let used = 0;
  for (let index = start; index < start + MINIBLOCK_VALUES; index++) {
    const value = deltas[index]! - minDelta | 0;
    word |= value << used;
    used += width;
    if (used >= 32) {
      view.setInt32(at, word, true);
      at += 4;
      used -= 32;
      word = used === 0 ? 0 : value >>> width - used;
    }
  }
  return at;
}

/** A number of 32 bits, signed or not, with its sign in the lowest bit. */
function zigzag(value: number): number {
  return (value << 1 ^ value >> 31) >>> 0;
}
