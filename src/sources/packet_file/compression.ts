/**
 * Compressed packet files. Whatever they say to hold, memory is bounded: what is decompressed waits
 * until it is asked for.
 *
 * @module
 */
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { lz4Frames } from "./lz4_frame.ts";

/** Bytes in pieces, which are valid until the next one is asked for. */
export interface Pieces {
  /** Tells the end by null. */
  next(): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** Bytes that are not what their format wants. */
export class CompressionError extends Error {
  override readonly name = "CompressionError";
}

interface Compression {
  /** The first bytes, as a number, little-endian, and how many they are. */
  readonly magic: number;
  readonly bytes: number;
  open(pieces: Pieces): Pieces;
}

/** RFC 1952, 2.3.1; RFC 8878, 3.1.1; the LZ4 frame format 1.6.x, "Magic Number". */
const COMPRESSIONS: readonly Compression[] = [
  { magic: 0x8b1f, bytes: 2, open: (pieces) => streamed(pieces, "gzip") },
  { magic: 0xfd2fb528, bytes: 4, open: (pieces) => streamed(pieces, "zstd") },
  { magic: 0x184d2204, bytes: 4, open: lz4Pieces },
];

/** What an input that begins with these bytes is decompressed by; undefined if it is not compressed. */
export function compressionOf(head: Uint8Array): Compression["open"] | undefined {
  return COMPRESSIONS.find(({ magic, bytes }) => {
    if (head.length < bytes) return false;
    let found = 0;
    for (let index = bytes - 1; index >= 0; index--) found = found * 256 + head[index]!;
    return found === magic;
  })?.open;
}

/** Bytes of a piece that the runtime decompresses at once. */
const PIECE_BYTES = 2 ** 18;
/** Pieces that wait at most. */
const WAITING_PIECES = 8;

function streamed(pieces: Pieces, format: "gzip" | "zstd"): Pieces {
  const options = { chunkSize: PIECE_BYTES };
  return new StreamedPieces(
    pieces,
    format === "gzip" ? createGunzip(options) : createZstdDecompress(options),
    format,
  );
}

/** The runtime's own decompression. What comes out before an error is not lost. */
class StreamedPieces implements Pieces {
  readonly #input: Pieces;
  readonly #stream: Transform;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  #error: unknown;
  #isOver = false;
  #isBusy = false;
  #wake = () => {};

  constructor(input: Pieces, stream: Transform, format: string) {
    this.#input = input;
    this.#stream = stream;
    stream.on("data", (piece: Uint8Array<ArrayBuffer>) => {
      this.#waiting.push(piece);
      if (this.#waiting.length >= WAITING_PIECES) stream.pause();
      this.#wake();
    });
    stream.on("end", () => this.#end(undefined));
    stream.on("error", (cause) => {
      this.#end(new CompressionError(`the ${format} data is damaged or cut off`, { cause }));
    });
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      const piece = this.#waiting.shift();
      if (piece !== undefined) {
        if (this.#stream.isPaused()) this.#stream.resume();
        return piece;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return null;
      const something = new Promise<void>((resolve) => this.#wake = resolve);
      if (!this.#isBusy) await this.#feed();
      await something;
    }
  }

  async #feed(): Promise<void> {
    this.#isBusy = true;
    const piece = await this.#input.next();
    if (piece === null) this.#stream.end();
    else {
      // It is kept by the stream until it is used up.
      this.#stream.write(piece.slice(), () => {
        this.#isBusy = false;
        this.#wake();
      });
    }
  }

  #end(error: unknown): void {
    this.#error = error;
    this.#isOver = true;
    this.#wake();
  }
}

function lz4Pieces(input: Pieces): Pieces {
  const frames = lz4Frames(input);
  return { next: async () => (await frames.next()).value ?? null };
}
