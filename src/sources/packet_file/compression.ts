/**
 * Compressed packet files. Whatever they say to hold, memory is bounded: what is decompressed waits
 * until it is asked for.
 *
 * @module
 */
import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { Compression } from "../../contract/packet_magic.ts";
import { lz4Frames } from "./lz4_frame.ts";
import { CompressionError, type Pieces } from "./pieces.ts";

/** What is in compressed bytes. */
export function decompress(pieces: Pieces, compression: Compression): Pieces {
  const options = { chunkSize: PIECE_BYTES };
  switch (compression) {
    case "gzip":
      return new StreamedPieces(pieces, createGunzip(options), compression);
    case "zstd":
      return new StreamedPieces(pieces, createZstdDecompress(options), compression);
    case "lz4":
      return lz4Pieces(pieces);
  }
}

/** Bytes of a piece that the runtime decompresses at once. */
const PIECE_BYTES = 2 ** 18;
/** Pieces that wait at most. */
const WAITING_PIECES = 8;

/** The runtime's own decompression. What comes out before an error is not lost. */
class StreamedPieces implements Pieces {
  readonly #input: Pieces;
  readonly #stream: Transform;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  #error: unknown;
  #isOver = false;
  #isBusy = false;
  #wake = () => {};

  constructor(input: Pieces, stream: Transform, format: Compression) {
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
