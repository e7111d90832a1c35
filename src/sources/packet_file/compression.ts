/**
 * Compressed packet files.
 *
 * @module
 */
import { createGunzip } from "node:zlib";
import type { Compression } from "../../contract/packet_magic.ts";
import { lz4Frames } from "./lz4_frame.ts";
import type { Pieces } from "./pieces.ts";
import { STREAM_OPTIONS, StreamedPieces } from "./streamed_pieces.ts";
import { zstdFrames } from "./zstd_frames.ts";

/** What is in compressed bytes. Reading it throws CompressionError where they are damaged or cut off. */
export function decompress(pieces: Pieces, compression: Compression): Pieces {
  switch (compression) {
    case "gzip":
      return new StreamedPieces(pieces, createGunzip(STREAM_OPTIONS), compression);
    case "zstd":
      return generated(zstdFrames(pieces));
    case "lz4":
      return generated(lz4Frames(pieces));
  }
}

function generated(frames: AsyncGenerator<Uint8Array<ArrayBuffer>>): Pieces {
  return { next: async () => (await frames.next()).value ?? null };
}
