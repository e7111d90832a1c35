/**
 * Frames of Zstandard: RFC 8878, 3.1. The runtime decompresses one of them and says nothing of what
 * follows, or of what is missing; so they are told apart here.
 *
 * @module
 */
import { createZstdDecompress } from "node:zlib";
import { ByteWindow } from "./byte_window.ts";
import { CompressionError, type Pieces, PieceSource } from "./pieces.ts";
import { STREAM_OPTIONS, StreamedPieces } from "./streamed_pieces.ts";

const MAGIC = 0xfd2fb528;
/** Frames to be passed over: the last four bits are free. RFC 8878, 3.1.2. */
const SKIPPABLE = 0x184d2a50;

/** Of the frame header's descriptor: 3.1.1.1.1. */
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 0x04;
const DICTIONARY_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];

const MAGIC_BYTES = 4;
const DESCRIPTOR_BYTES = 1;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
/** Block_Maximum_Size of the largest window: 3.1.1.2.4. */
const LARGEST_BLOCK = 2 ** 17;
/** Of the two bits of a block's type. */
const RLE = 1;

/** The contents of all frames; a piece is valid until the next is asked for. */
export async function* zstdFrames(input: Pieces): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const memory = new Uint8Array(2 * LARGEST_BLOCK);
  const window = new ByteWindow(new PieceSource(input), memory);
  while (await window.fill(1)) {
    await need(window, 2 * MAGIC_BYTES);
    const magic = window.view.getUint32(window.start, true);
    if ((magic & ~0xf) >>> 0 === SKIPPABLE) {
      const bytes = window.view.getUint32(window.start + MAGIC_BYTES, true);
      window.start += 2 * MAGIC_BYTES;
      if (!await window.skip(bytes)) throw damaged();
      continue;
    }
    if (magic !== MAGIC) throw damaged();
    const contents = new StreamedPieces(
      new FramePieces(window),
      createZstdDecompress(STREAM_OPTIONS),
      "zstd",
    );
    for (let piece = await contents.next(); piece !== null; piece = await contents.next()) {
      yield piece;
    }
  }
}

/** The bytes of one frame, as they are in the window. */
class FramePieces implements Pieces {
  readonly #window: ByteWindow;
  #hasChecksum = false;
  #next: "header" | "block" | "checksum" | "end" = "header";

  constructor(window: ByteWindow) {
    this.#window = window;
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#next === "end") return null;
    const bytes = await this.#nextBytes();
    await need(this.#window, bytes);
    const { start } = this.#window;
    this.#window.start += bytes;
    return this.#window.bytes.slice(start, start + bytes);
  }

  async #nextBytes(): Promise<number> {
    if (this.#next === "header") return await this.#header();
    if (this.#next === "block") return await this.#block();
    // A piece of its own: where it is cut off, the block before is whole.
    this.#next = "end";
    return CHECKSUM_BYTES;
  }

  async #header(): Promise<number> {
    await need(this.#window, MAGIC_BYTES + DESCRIPTOR_BYTES);
    const descriptor = this.#window.bytes[this.#window.start + MAGIC_BYTES]!;
    this.#hasChecksum = (descriptor & CHECKSUM) !== 0;
    this.#next = "block";
    const isSingle = (descriptor & SINGLE_SEGMENT) !== 0;
    const sizeFlag = descriptor >> 6;
    return MAGIC_BYTES + DESCRIPTOR_BYTES + (isSingle ? 0 : 1) + DICTIONARY_BYTES[descriptor & 3]! +
      (isSingle && sizeFlag === 0 ? 1 : CONTENT_SIZE_BYTES[sizeFlag]!);
  }

  async #block(): Promise<number> {
    await need(this.#window, BLOCK_HEADER_BYTES);
    const { bytes, start } = this.#window;
    const header = bytes[start]! | bytes[start + 1]! << 8 | bytes[start + 2]! << 16;
    const size = header >> 3;
    const isRle = (header >> 1 & 3) === RLE;
    if (!isRle && size > LARGEST_BLOCK) throw damaged();
    if ((header & 1) !== 0) this.#next = this.#hasChecksum ? "checksum" : "end";
    return BLOCK_HEADER_BYTES + (isRle ? 1 : size);
  }
}

async function need(window: ByteWindow, bytes: number): Promise<void> {
  if (!await window.fill(bytes)) throw damaged();
}

function damaged(): CompressionError {
  return new CompressionError("the zstd data is damaged or cut off");
}
