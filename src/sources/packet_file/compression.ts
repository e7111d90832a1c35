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

/**
 * Compressed bytes that are decompressed at once, of those before them. What a damaged piece holds before its
 * damage is lost: so little of what there is in a small file, and of a large one no more than the second
 * number.
 */
const GZIP_PIECE_SHARE = 1 / 256;
const GZIP_PIECE_BYTES = 8192;

/** Checksum and length at the end of a file: RFC 1952, 2.3.1. */
const GZIP_TRAILER_BYTES = 8;

/** What is in compressed bytes. Reading it throws CompressionError where they are damaged or cut off. */
export function decompress(pieces: Pieces, compression: Compression): Pieces {
  switch (compression) {
    case "gzip":
      return new StreamedPieces(
        generated(smallPieces(pieces)),
        createGunzip(STREAM_OPTIONS),
        compression,
      );
    case "zstd":
      return generated(zstdFrames(pieces));
    case "lz4":
      return generated(lz4Frames(pieces));
  }
}

/** The end comes as a piece of its own: what a wrong checksum is about has come before. */
async function* smallPieces(pieces: Pieces): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held = new Uint8Array();
  let passed = 0;
  for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
    const bytes = new Uint8Array(held.length + piece.length);
    bytes.set(held);
    bytes.set(piece, held.length);
    const end = Math.max(0, bytes.length - GZIP_TRAILER_BYTES);
    for (let start = 0; start < end;) {
      const wanted = Math.min(Math.ceil((passed + start + 1) * GZIP_PIECE_SHARE), GZIP_PIECE_BYTES);
      const next = Math.min(start + wanted, end);
      yield bytes.subarray(start, next);
      start = next;
    }
    passed += end;
    held = bytes.slice(end);
  }
  if (held.length > 0) yield held;
}

function generated(frames: AsyncGenerator<Uint8Array<ArrayBuffer>>): Pieces {
  return { next: async () => (await frames.next()).value ?? null };
}
