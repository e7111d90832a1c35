/**
 * A batch of packets as columns in shared memory: filled by the thread that drains the ring, read by
 * the thread that writes Parquet. Row `i` of every column belongs to the same packet.
 *
 * @module
 */

/** Rows of one batch: a multiple of DuckDB's vector size (2,048). */
export const BATCH_ROWS = 16_384;

/**
 * Views of one batch. Integers are in host byte order. A column holds 0 in rows whose `present` bit
 * for it is clear (see `PRESENT` in `src/contract/record_layout.ts`).
 */
export interface ColumnBatch {
  /** Two words per row: low and high half of the wall-clock nanoseconds since 1970 (UTC). */
  readonly timestamp: Uint32Array;
  /** Four words per row: the 16 network-order bytes as in memory. IPv4 fills word 0 only. */
  readonly sourceAddress: Uint32Array;
  /** As {@linkcode ColumnBatch.sourceAddress}. */
  readonly destinationAddress: Uint32Array;
  /** Three words per row: the 12 bytes of both MAC addresses, destination first, in frame order. */
  readonly macs: Uint32Array;
  /** Bytes. */
  readonly packetLength: Uint32Array;
  /** Bytes. */
  readonly payloadLength: Uint32Array;
  readonly tcpSequence: Uint32Array;
  readonly tcpAcknowledgment: Uint32Array;
  readonly ethertype: Uint16Array;
  readonly vlanId: Uint16Array;
  readonly sourcePort: Uint16Array;
  readonly destinationPort: Uint16Array;
  readonly tcpWindow: Uint16Array;
  readonly segments: Uint16Array;
  readonly present: Uint16Array;
  readonly attachment: Uint8Array;
  readonly ipProtocol: Uint8Array;
  readonly ttl: Uint8Array;
  readonly dscp: Uint8Array;
  readonly ecn: Uint8Array;
  readonly tcpFlags: Uint8Array;
  readonly icmpType: Uint8Array;
  readonly icmpCode: Uint8Array;
  readonly flags: Uint8Array;
}

/** 32-bit words of a row, 16-bit words, and bytes, as laid out by {@linkcode createBatch}. */
const WORDS_PER_ROW = 2 + 4 + 4 + 3 + 4;
const HALVES_PER_ROW = 7;
const OCTETS_PER_ROW = 9;

const COLUMNS = 24;

/**
 * Bytes behind each column: one cache line. Without them every column would begin at the same place
 * modulo 16 KB, and the 24 elements of a row would compete for the 8 lines of one cache set, which
 * costs a quarter of the time that decoding takes.
 */
const PADDING = 64;

/** Bytes that one batch occupies. */
export const BATCH_BYTES = COLUMNS * PADDING +
  BATCH_ROWS * (WORDS_PER_ROW * 4 + HALVES_PER_ROW * 2 + OCTETS_PER_ROW);

/**
 * Lays a batch out over `buffer`, widest columns first so that every column is aligned.
 *
 * @param buffer memory of at least `byteOffset + BATCH_BYTES` bytes; the views borrow it
 * @param byteOffset where the batch starts, a multiple of 4
 */
export function createBatch(
  buffer: SharedArrayBuffer | ArrayBuffer,
  byteOffset = 0,
): ColumnBatch {
  let offset = byteOffset;
  const take = (bytesPerRow: number): number => {
    const start = offset;
    offset += bytesPerRow * BATCH_ROWS + PADDING;
    return start;
  };
  const words = (perRow: number) =>
    new Uint32Array(buffer, take(perRow * 4), perRow * BATCH_ROWS) as Uint32Array;
  const halves = () => new Uint16Array(buffer, take(2), BATCH_ROWS) as Uint16Array;
  const octets = () => new Uint8Array(buffer, take(1), BATCH_ROWS) as Uint8Array;
  return {
    timestamp: words(2),
    sourceAddress: words(4),
    destinationAddress: words(4),
    macs: words(3),
    packetLength: words(1),
    payloadLength: words(1),
    tcpSequence: words(1),
    tcpAcknowledgment: words(1),
    ethertype: halves(),
    vlanId: halves(),
    sourcePort: halves(),
    destinationPort: halves(),
    tcpWindow: halves(),
    segments: halves(),
    present: halves(),
    attachment: octets(),
    ipProtocol: octets(),
    ttl: octets(),
    dscp: octets(),
    ecn: octets(),
    tcpFlags: octets(),
    icmpType: octets(),
    icmpCode: octets(),
    flags: octets(),
  };
}
