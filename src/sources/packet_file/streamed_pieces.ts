/**
 * The runtime's own decompression, piece by piece. Whatever the bytes say to hold, memory is bounded:
 * what is decompressed waits until it is asked for.
 *
 * @module
 */
import type { Transform } from "node:stream";
import type { Compression } from "../../contract/packet_magic.ts";
import { CompressionError, type Pieces } from "./pieces.ts";

/** Of the stream: bytes that it decompresses at once. */
export const STREAM_OPTIONS = { chunkSize: 2 ** 18 };

/** Pieces that wait at most. */
const WAITING_PIECES = 8;

/** What comes out before an error, of the stream or of its input, is not lost. */
export class StreamedPieces implements Pieces {
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
      if (this.#isOver) {
        if (this.#error !== undefined) throw this.#error;
        return null;
      }
      const something = new Promise<void>((resolve) => this.#wake = resolve);
      if (!this.#isBusy) await this.#feed();
      await something;
    }
  }

  async #feed(): Promise<void> {
    this.#isBusy = true;
    let piece: Uint8Array | null = null;
    try {
      piece = await this.#input.next();
    } catch (error) {
      this.#error = error;
    }
    if (piece === null) {
      this.#stream.end();
      return;
    }
    // The stream keeps it until it is used up.
    this.#stream.write(piece.slice(), () => {
      this.#isBusy = false;
      this.#wake();
    });
  }

  /** An error of the input came first. */
  #end(error: unknown): void {
    this.#error ??= error;
    this.#isOver = true;
    this.#wake();
  }
}
