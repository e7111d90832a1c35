/**
 * All packets of the files together, how far to trust them, and the first rows of other reports.
 *
 * @module
 */
import { formatBytes, formatCount, formatRate } from "../core/quantity.ts";
import type { CaptureCounters, Completeness } from "../query/recording_facts.ts";
import type { Row, Value } from "../query/session.ts";
import type { ReportColumn, SummaryFacts, SummaryLine, SummaryReport } from "./report.ts";
import { SPAN_COLUMNS } from "./report_parts.ts";

/**
 * Rates are averages over the recorded time, as in the report of `record`; where a file does not say how
 * long it recorded, over the time between the first and the last packet.
 */
const COLUMNS = [
  ...SPAN_COLUMNS,
  { name: "packet_count", kind: "count" },
  { name: "total_bytes", kind: "bytes" },
  { name: "avg_packet_size", kind: "bytes", type: "DOUBLE" },
  { name: "packets_per_second", kind: "count", type: "DOUBLE" },
  { name: "bits_per_second", kind: "count", type: "DOUBLE" },
  { name: "file_count", kind: "count" },
  { name: "sample_rate", kind: "count" },
  { name: "capture_complete", kind: "text", type: "BOOLEAN" },
  { name: "packets_seen", kind: "count" },
  { name: "packets_captured", kind: "count" },
  { name: "packets_dropped", kind: "count" },
  { name: "recorded_seconds", kind: "seconds" },
  { name: "packets_filtered", kind: "count" },
] as const satisfies readonly ReportColumn[];

type ColumnName = (typeof COLUMNS)[number]["name"];

export const SUMMARY: SummaryReport = {
  kind: "summary",
  name: "summary",
  help: "time span, rates, loss, and the first rows of the others (default)",
  columns: COLUMNS,
  defaultLimit: 5,
  summarize,
  lines,
};

function summarize(facts: SummaryFacts): Row {
  const { overview, completeness, fileCount, sampleRates, recordedSeconds } = facts;
  const { packets, bytes, firstPacket, lastPacket } = overview;
  const seconds = firstPacket === null || lastPacket === null
    ? null
    : Number(lastPacket - firstPacket) / 1e9;
  const rated = recordedSeconds ?? seconds;
  const counters = knownCounters(completeness);
  return [
    firstPacket,
    lastPacket,
    seconds,
    packets,
    bytes,
    packets === 0n ? null : rounded(Number(bytes) / Number(packets)),
    perSecond(Number(packets), rated),
    perSecond(Number(bytes) * 8, rated),
    fileCount,
    // Files of different rates are scaled each by its own.
    sampleRates.length === 1 ? sampleRates[0]! : null,
    isComplete(facts),
    counters?.seen ?? null,
    counters?.captured ?? null,
    counters?.dropped ?? null,
    recordedSeconds,
    counters?.filtered ?? null,
  ];
}

function lines(row: Row): SummaryLine[] {
  const value = (name: ColumnName): Value =>
    row[COLUMNS.findIndex((column) => column.name === name)] ?? null;
  const rate = (name: ColumnName, unit: "packets" | "bit"): string => {
    const perSecond = value(name);
    return perSecond === null ? "" : ` (${formatRate(perSecond as number, unit)})`;
  };
  const average = value("avg_packet_size");
  return [
    {
      name: "Packets",
      amount: formatCount(value("packet_count") as bigint),
      note: rate("packets_per_second", "packets"),
    },
    {
      name: "Bytes",
      amount: formatBytes(value("total_bytes") as bigint),
      note: rate("bits_per_second", "bit"),
    },
    ...(average === null
      ? []
      : [{ name: "Average", amount: `${formatBytes(average as number)} a packet`, note: "" }]),
  ];
}

function knownCounters({ counters, files, filesUnknown }: Completeness): CaptureCounters | null {
  return filesUnknown === files ? null : counters;
}

/** Null when a file does not say, unless another one is known to lack packets. */
function isComplete({ completeness, earlyEnds, isWhole }: SummaryFacts): boolean | null {
  const { counters, files, filesUnknown } = completeness;
  // Of no file nothing is known.
  if (files === 0) return null;
  if (counters.dropped > 0n || earlyEnds.length > 0 || !isWhole) return false;
  return filesUnknown > 0 ? null : true;
}

/** Null when there is no time to divide by. */
function perSecond(amount: number, seconds: number | null): number | null {
  if (seconds === null || seconds <= 0) return null;
  const rate = amount / seconds;
  // As in the report "timeline": what is not nothing must not read as 0.
  return rate < 1 ? Math.round(rate * 1e9) / 1e9 : rounded(rate);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
