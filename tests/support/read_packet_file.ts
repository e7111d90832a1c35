/**
 * A packet file as the program reads it.
 *
 * @module
 */
import { BATCH_BYTES, createBatch } from "../../src/batch/column_batch.ts";
import type { Direction } from "../../src/contract/attachment.ts";
import { PRESENT } from "../../src/contract/record_layout.ts";
import type { ForeignBytes, ForeignFinding } from "../../src/sources/foreign_rows.ts";
import { PacketRows } from "../../src/sources/packet_file/packet_rows.ts";
import { FILE_METADATA_KEY } from "../../src/contract/file_metadata.ts";

/** What one packet of a file became; null is NULL. */
export interface ReadPacket {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly interface: string | null;
  readonly direction: Direction | null;
  readonly length: number;
  readonly ethertype: number | null;
  readonly vlan: number | null;
  readonly hasMacs: boolean;
  /** Hexadecimal digits. */
  readonly source: string | null;
  readonly ipProtocol: number | null;
  readonly destinationPort: number | null;
  readonly payload: number | null;
  readonly hasProtocol: boolean;
}

export interface ReadFile {
  readonly packets: ReadPacket[];
  readonly findings: readonly ForeignFinding[];
  /** By name without the prefix. */
  readonly counters: Record<string, unknown>;
  readonly attachments: readonly Record<string, unknown>[];
}

/** What is in memory that was lent before. */
const SPOILED = 0xa5;

/** `bytes` in pieces of so many. */
export function inPieces(bytes: Uint8Array, pieceBytes = 2 ** 20): ForeignBytes {
  let at = 0;
  let lent = new Uint8Array();
  const next = () => {
    const piece = bytes.slice(at, at + pieceBytes);
    at += piece.length;
    return Promise.resolve(piece.length === 0 ? null : piece);
  };
  return {
    label: "x.pcap",
    next,
    lend: async () => {
      lent.fill(SPOILED);
      const piece = await next();
      if (piece !== null) lent = piece;
      return piece;
    },
  };
}

/** @throws {RunError} as the program does */
export async function readPacketFile(bytes: Uint8Array, pieceBytes?: number): Promise<ReadFile> {
  using rows = await PacketRows.open(inPieces(bytes, pieceBytes));
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  const packets: ReadPacket[] = [];
  for (let count = await rows.fill(batch); count > 0; count = await rows.fill(batch)) {
    for (let row = 0; row < count; row++) packets.push(readRow(row));
  }

  function readRow(row: number): ReadPacket {
    const present = batch.present[row]!;
    const when = <T>(bit: number, value: T): T | null => present & bit ? value : null;
    const { interface: name, direction } = rows.attachments[batch.attachment[row]!]!;
    const time = BigInt(batch.timestamp[row * 2 + 1]!) << 32n | BigInt(batch.timestamp[row * 2]!);
    const address = new Uint8Array(
      batch.sourceAddress.buffer,
      batch.sourceAddress.byteOffset + row * 16,
      4,
    );
    return {
      time: BigInt.asIntN(64, time),
      interface: name,
      direction,
      length: batch.packetLength[row]!,
      ethertype: when(PRESENT.ETHERTYPE, batch.ethertype[row]!),
      vlan: when(PRESENT.VLAN, batch.vlanId[row]!),
      hasMacs: (present & PRESENT.MAC) !== 0,
      source: when(PRESENT.IP, address.toHex()),
      ipProtocol: when(PRESENT.IP, batch.ipProtocol[row]!),
      destinationPort: when(PRESENT.PORTS, batch.destinationPort[row]!),
      payload: when(PRESENT.PAYLOAD, batch.payloadLength[row]!),
      hasProtocol: (present & PRESENT.PROTOCOL) !== 0,
    };
  }

  const findings = rows.findings();
  const metadata = rows.metadata();
  return {
    packets,
    findings,
    counters: JSON.parse(metadata[FILE_METADATA_KEY.counters]!),
    attachments: JSON.parse(metadata[FILE_METADATA_KEY.attachments]!),
  };
}
