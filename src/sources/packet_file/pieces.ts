/**
 * Bytes in pieces, and those as a source of bytes.
 *
 * @module
 */
import type { ByteSource } from "./byte_window.ts";

/** Bytes in pieces, which are valid until the next one is asked for. */
export interface Pieces {
  /** Tells the end by null. */
  next(): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** Bytes that are not what their format wants. */
export class CompressionError extends Error {
  override readonly name = "CompressionError";
}

export class PieceSource implements ByteSource {
  readonly #pieces: Pieces;
  #piece: Uint8Array = new Uint8Array();

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  async read(to: Uint8Array): Promise<number> {
    while (this.#piece.length === 0) {
      const piece = await this.#pieces.next();
      if (piece === null) return 0;
      this.#piece = piece;
    }
    const count = Math.min(to.length, this.#piece.length);
    to.set(this.#piece.subarray(0, count));
    this.#piece = this.#piece.subarray(count);
    return count;
  }
}
