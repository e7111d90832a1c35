/**
 * LZ4 frames: https://github.com/lz4/lz4/blob/v1.9.4/doc/lz4_Frame_format.md and, for what is in their
 * blocks, lz4_Block_format.md. The packages there are for it are as old as the format, or need a whole
 * file in memory.
 *
 * @module
 */
import { ByteWindow } from "./byte_window.ts";
import { CompressionError, type Pieces, PieceSource } from "./pieces.ts";
import { Xxh32 } from "./xxh32.ts";

const MAGIC = 0x184d2204;
/** Frames to be passed over: the last four bits are free. */
const SKIPPABLE = 0x184d2a50;

/** Of the byte FLG. */
const VERSION_MASK = 0xc0;
const VERSION = 0x40;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY_ID = 0x01;

/** Largest block by the three bits of BD; the first four are not in use. */
const BLOCK_BYTES = [0, 0, 0, 0, 2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22];
const LARGEST_BLOCK = 2 ** 22;
const NOT_COMPRESSED = 0x8000_0000;

/** A block may refer back so far, also into those before it. */
const HISTORY_BYTES = 2 ** 16;

const MIN_MATCH = 4;
const CHECKSUM_BYTES = 4;

/** The contents of all frames, block by block; a block is valid until the next is asked for. */
export async function* lz4Frames(input: Pieces): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const memory = new Uint8Array(LARGEST_BLOCK + 2 * CHECKSUM_BYTES);
  const window = new ByteWindow(new PieceSource(input), memory);
  const need = async (bytes: number) => {
    if (!await window.fill(bytes)) throw damaged();
  };
  while (await window.fill(1)) {
    await need(8);
    const magic = uint32(window, 0);
    if ((magic & ~0xf) >>> 0 === SKIPPABLE) {
      const bytes = uint32(window, 4);
      window.start += 8;
      if (!await window.skip(bytes)) throw damaged();
    } else if (magic === MAGIC) yield* frame(window, need);
    else throw damaged();
  }
}

async function* frame(
  window: ByteWindow,
  need: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const flags = window.bytes[window.start + 4]!;
  const blockBytes = BLOCK_BYTES[window.bytes[window.start + 5]! >> 4 & 7]!;
  if ((flags & VERSION_MASK) !== VERSION || blockBytes === 0) throw damaged();
  if (flags & DICTIONARY_ID) throw new CompressionError("the LZ4 data needs a dictionary");
  const headerBytes = 7 + (flags & CONTENT_SIZE ? 8 : 0);
  await need(headerBytes);
  window.start += headerBytes;
  const output = new Uint8Array(HISTORY_BYTES + blockBytes);
  const checksum = new Xxh32();
  const trailer = flags & BLOCK_CHECKSUM ? CHECKSUM_BYTES : 0;
  // What was decompressed lies before this place.
  let end = 0;
  for (;;) {
    await need(4);
    const word = uint32(window, 0);
    window.start += 4;
    if (word === 0) break;
    const bytes = (word & ~NOT_COMPRESSED) >>> 0;
    if (bytes > blockBytes) throw damaged();
    await need(bytes + trailer);
    if (end > HISTORY_BYTES) {
      output.copyWithin(0, end - HISTORY_BYTES, end);
      end = HISTORY_BYTES;
    }
    const begin = end;
    const block = window.bytes.subarray(window.start, window.start + bytes);
    if (word & NOT_COMPRESSED) {
      output.set(block, begin);
      end = begin + bytes;
    } else end = decompress(block, output, begin, begin + blockBytes);
    window.start += bytes + trailer;
    const content = output.subarray(begin, end);
    if (flags & CONTENT_CHECKSUM) checksum.update(content);
    if (content.length > 0) yield content;
  }
  if (!(flags & CONTENT_CHECKSUM)) return;
  await need(CHECKSUM_BYTES);
  if (uint32(window, 0) !== checksum.digest()) throw damaged();
  window.start += CHECKSUM_BYTES;
}

/** Decompresses a block to `to` from `at` on, not beyond `limit`; returns where it ends. */
function decompress(block: Uint8Array, to: Uint8Array, at: number, limit: number): number {
  let from = 0;
  /** A length goes on while its bytes are 255. */
  const longer = (length: number) => {
    for (;;) {
      if (from >= block.length) throw damaged();
      const more = block[from++]!;
      length += more;
      if (more !== 255) return length;
    }
  };
  while (from < block.length) {
    const token = block[from++]!;
    const literals = token >> 4 === 15 ? longer(15) : token >> 4;
    if (literals > block.length - from || literals > limit - at) throw damaged();
    to.set(block.subarray(from, from + literals), at);
    at += literals;
    from += literals;
    if (from === block.length) return at; // the last sequence has no match
    if (block.length - from < 2) throw damaged();
    const distance = block[from]! | block[from + 1]! << 8;
    from += 2;
    const match = ((token & 15) === 15 ? longer(15) : token & 15) + MIN_MATCH;
    if (distance === 0 || distance > at || match > limit - at) throw damaged();
    if (distance >= match) to.copyWithin(at, at - distance, at - distance + match);
    else for (let index = 0; index < match; index++) to[at + index] = to[at + index - distance]!;
    at += match;
  }
  throw damaged();
}

function uint32(window: ByteWindow, offset: number): number {
  return window.view.getUint32(window.start + offset, true);
}

function damaged(): CompressionError {
  return new CompressionError("the LZ4 data is damaged or cut off");
}
