/**
 * How packet files of other programs begin.
 *
 * @module
 */

/** Formats of packet files. */
export type PacketFormat = "pcap" | "pcapng";

/** Compressions that packet files are met in. */
export type Compression = "gzip" | "zstd" | "lz4";

/** Bytes that tell. */
export const MAGIC_BYTES = 4;

/** Magic numbers of pcap, as the writer's byte order has them: draft-ietf-opsawg-pcap, 4, and sf-pcap.c of libpcap. */
export const PCAP_MAGIC = {
  MICROSECONDS: 0xa1b2c3d4,
  NANOSECONDS: 0xa1b23c4d,
  /** Alexey Kuznetzov's form, with more about each packet. */
  MODIFIED: 0xa1b2cd34,
} as const;

/** Type of the block that begins a section of pcapng, the same in any byte order: draft-ietf-opsawg-pcapng, 4.1. */
export const SECTION_HEADER = 0x0a0d0d0a;

/** RFC 1952, 2.3.1; RFC 8878, 3.1.1; LZ4 frame format 1.6, "Magic Number": the first bytes. */
const COMPRESSIONS: Readonly<Record<Compression, readonly number[]>> = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  lz4: [0x04, 0x22, 0x4d, 0x18],
};

/** Begins a frame that is passed over, the last four bits aside; pzstd begins with one: RFC 8878, 3.1.2. */
const SKIPPABLE = 0x184d2a50;

/** Which of the formats bytes that begin like this are in; null if in none. */
export function packetFormat(head: Uint8Array): PacketFormat | null {
  if (head.length < MAGIC_BYTES) return null;
  const view = new DataView(head.buffer, head.byteOffset, MAGIC_BYTES);
  if (view.getUint32(0) === SECTION_HEADER) return "pcapng";
  const magics: readonly number[] = Object.values(PCAP_MAGIC);
  return [true, false].some((isLittle) => magics.includes(view.getUint32(0, isLittle)))
    ? "pcap"
    : null;
}

/** What bytes that begin like this are compressed by; null if by none of them. */
export function compressionOf(head: Uint8Array): Compression | null {
  for (const [name, magic] of Object.entries(COMPRESSIONS)) {
    if (magic.every((byte, index) => head[index] === byte)) return name as Compression;
  }
  if (head.length < MAGIC_BYTES) return null;
  const first = new DataView(head.buffer, head.byteOffset, MAGIC_BYTES).getUint32(0, true);
  return (first & ~0xf) >>> 0 === SKIPPABLE ? "zstd" : null;
}
