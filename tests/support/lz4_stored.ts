/**
 * LZ4 frames without compression: each block holds its bytes as they are. Format:
 * https://github.com/lz4/lz4/blob/v1.9.4/doc/lz4_Frame_format.md
 *
 * @module
 */
import { concat } from "./frames/octets.ts";
import { LITTLE } from "./packet_files.ts";

const BLOCK_BYTES = 65_536;
const STORED = 0x8000_0000;

/** `bytes` in one frame, without checksums; that of the header is not looked at. */
export function lz4Stored(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    blocks.push(LITTLE.u32((STORED | block.length) >>> 0), block);
  }
  // Version 1, independent blocks of at most 64 KiB.
  const header = concat(LITTLE.u32(0x184d2204), Uint8Array.of(0x60, 0x40, 0));
  return concat(header, ...blocks, LITTLE.u32(0));
}
