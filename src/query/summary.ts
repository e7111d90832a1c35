/**
 * The numbers of `summary`: all packets of the files together, and how far to trust them.
 *
 * @module
 */
import type { ReportColumn } from "./reports.ts";
import type { Overview, Recordings } from "./recordings.ts";
import type { CaptureCounters, Completeness } from "./recording_facts.ts";
import type { Row } from "./session.ts";

/** Columns of the one row; names are part of the contract. */
export const SUMMARY_COLUMNS = [
  { name: "first_packet", kind: "time" },
  { name: "last_packet", kind: "time" },
  { name: "duration_seconds", kind: "seconds" },
  { name: "packet_count", kind: "count" },
  { name: "total_bytes", kind: "bytes" },
  { name: "avg_packet_size", kind: "bytes" },
  { name: "packets_per_second", kind: "count" },
  { name: "bits_per_second", kind: "count" },
  { name: "file_count", kind: "count" },
  { name: "sample_rate", kind: "count" },
  { name: "capture_complete", kind: "text" },
  { name: "packets_seen", kind: "count" },
  { name: "packets_captured", kind: "count" },
  { name: "packets_dropped", kind: "count" },
] as const satisfies readonly ReportColumn[];

export interface Summary {
  /** Values of `SUMMARY_COLUMNS`. Rates are averages between the first and the last packet. */
  readonly row: Row;
  /** Lost packets by cause; null when no file says. */
  readonly drops: ReadonlyMap<string, bigint> | null;
}

/** What the files say about themselves, as far as the summary needs it. */
export type SummaryFacts = Pick<Recordings, "fileCount" | "sampleRates" | "completeness">;

/** Computes the summary of all files. */
export function summarize(recordings: SummaryFacts, overview: Overview): Summary {
  const { packets, bytes, firstPacket, lastPacket } = overview;
  const seconds = firstPacket === null || lastPacket === null
    ? null
    : Number(lastPacket - firstPacket) / 1e9;
  const rates = recordings.sampleRates;
  const counters = knownCounters(recordings.completeness);
  const row: Row = [
    firstPacket,
    lastPacket,
    seconds,
    packets,
    bytes,
    packets === 0n ? null : rounded(Number(bytes) / Number(packets)),
    perSecond(Number(packets), seconds),
    perSecond(Number(bytes) * 8, seconds),
    recordings.fileCount,
    // Files of different rates are scaled each by its own.
    rates.length === 1 ? rates[0]! : null,
    isComplete(recordings.completeness),
    counters?.seen ?? null,
    counters?.captured ?? null,
    counters?.dropped ?? null,
  ];
  return { row, drops: counters?.drops ?? null };
}

function knownCounters({ counters, files, filesUnknown }: Completeness): CaptureCounters | null {
  return filesUnknown === files ? null : counters;
}

/** Null when a file does not say, unless another one is known to lack packets. */
function isComplete({ counters, filesUnknown }: Completeness): boolean | null {
  if (counters.dropped > 0n) return false;
  return filesUnknown > 0 ? null : true;
}

/** Null when there is no time to divide by. */
function perSecond(amount: number, seconds: number | null): number | null {
  return seconds === null || seconds <= 0 ? null : rounded(amount / seconds);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
