/**
 * All packets of the files together.
 *
 * @module
 */
import type { FileFacts } from "./selected_facts.ts";
import type { Row } from "./session.ts";

/** Counts and bytes are scaled by the sampling rate. */
export interface Overview {
  readonly packets: bigint;
  /** Packets with an IP header; the others appear in `traffic` only. */
  readonly ipPackets: bigint;
  readonly bytes: bigint;
  /** Nanoseconds since 1970 (UTC); null without packets. */
  readonly firstPacket: bigint | null;
  readonly lastPacket: bigint | null;
}

/** Asks the view `packets`; {@linkcode overviewOfRow} reads the answer. */
export const OVERVIEW_SQL = `
  SELECT sum_packets(sample_rate), sum_packets_with(source_ip, sample_rate),
    sum_bytes(packet_length, sample_rate), epoch_ns(min(timestamp)), epoch_ns(max(timestamp))
  FROM packets`;

/** The row that {@linkcode OVERVIEW_SQL} has. */
export function overviewOfRow(row: Row): Overview {
  const [packets, ipPackets, bytes, firstPacket, lastPacket] = row as [
    bigint,
    bigint,
    bigint,
    bigint | null,
    bigint | null,
  ];
  return { packets, ipPackets, bytes, firstPacket, lastPacket };
}

/** What the footers of the files tell of all their packets; null if one of them does not. */
export function overviewOfFooters(
  files: readonly (FileFacts & { readonly sampleRate: number })[],
): Omit<Overview, "bytes"> | null {
  let [packets, ipPackets] = [0n, 0n];
  let firstPacket: bigint | null = null;
  let lastPacket: bigint | null = null;
  for (const { rows, sampleRate, times, addresses } of files) {
    if (rows === 0) continue;
    if (times === null || addresses === null) return null;
    packets += BigInt(rows) * BigInt(sampleRate);
    ipPackets += BigInt(addresses) * BigInt(sampleRate);
    if (firstPacket === null || times.first < firstPacket) firstPacket = times.first;
    if (lastPacket === null || times.last > lastPacket) lastPacket = times.last;
  }
  return { packets, ipPackets, firstPacket, lastPacket };
}
