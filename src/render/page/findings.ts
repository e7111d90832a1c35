/**
 * What stands out in the answers of reports, in sentences.
 *
 * @module
 */
import { formatAmount, formatCount, formatDuration, formatShare } from "../../core/quantity.ts";
import type { Row, Value } from "../../query/session.ts";
import type { ReportColumn } from "../../reports/report.ts";
import { formatEndpoint } from "../table_columns.ts";
import type { TimeMark } from "./chart.ts";
import { timeRange } from "../timestamp.ts";

/** Rows of a report, with its columns. */
export interface Rows {
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly Row[];
}

/** What sentences are made of: the first rows of reports, as they are on the page. */
export interface Evidence {
  /** Packets and bytes of all. */
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly scans: Rows;
  /** `connections --state failed`. */
  readonly failed: Rows;
  readonly tcp: Rows;
  readonly conversations: Rows;
  /** When nothing was recorded. */
  readonly gaps: readonly TimeMark[];
}

/** Sentences about one thing; what more there is stands in its table. */
const MAX_SENTENCES = 3;
/** Fewer attempts of one client at one server are nothing special. */
const FAILED_CONNECTIONS = 3;
/** A path that has to send more again than that is slow; of fewer segments nothing can be said. */
const RETRANSMITTED_SHARE = 0.02;
const RETRANSMITTED_SEGMENTS = 5;
const ZERO_WINDOWS = 3;
/** One conversation that is most of all. */
const LARGE_SHARE = 0.5;

/** Values of a row by the names of its columns. */
type Named = (name: string) => Value;

/** The sentences, what is worst first; none if nothing stands out. */
export function findings(evidence: Evidence): string[] {
  const { scans, failed, tcp, conversations, gaps } = evidence;
  const scanners = new Set(named(scans).map((row) => row("source_ip")));
  return [
    ...named(scans).slice(0, MAX_SENTENCES).map(scanSentence),
    ...named(failed)
      .filter((row) => Number(row("connection_count")) >= FAILED_CONNECTIONS)
      // A scan says it already.
      .filter((row) => !scanners.has(row("client_ip")))
      .slice(0, MAX_SENTENCES).map(failedSentence),
    ...named(tcp).filter(isRepeating).slice(0, MAX_SENTENCES).map(repeatedSentence),
    ...named(tcp).filter(isFull).slice(0, MAX_SENTENCES).map(windowSentence),
    ...gaps.slice(0, MAX_SENTENCES).map(gapSentence),
    ...named(conversations).slice(0, 1).filter((row) => shareOf(row, evidence) >= LARGE_SHARE)
      .map((row) => largeSentence(row, evidence)),
  ];
}

/** What was looked for, where {@linkcode findings} are none. */
export const NOTHING_FOUND =
  "Nothing stands out: no scan, no server that keeps refusing or not answering, hardly anything sent " +
  "again, and no conversation with half of all bytes.";

function named({ columns, rows }: Rows): Named[] {
  const places = new Map(columns.map(({ name }, index) => [name, index]));
  return rows.map((row) => (name) => row[places.get(name) ?? -1] ?? null);
}

function scanSentence(row: Named): string {
  const count = (name: string) => row(name) as bigint;
  const source = String(row("source_ip"));
  const time = within(row);
  const [refused, unanswered, answered] = [
    count("refused_count"),
    count("unanswered_count"),
    count("answered_count"),
  ];
  const open = BigInt(answered) === 0n
    ? ""
    : `; ${formatAmount(answered, "attempt")} found an open port`;
  const where = row("kind") === "host-scan"
    ? `${formatAmount(count("port_count"), "port")} of ${
      formatAmount(count("target_count"), "host")
    }`
    : `${formatAmount(count("port_count"), "port")} on ${
      formatAmount(count("target_count"), "host")
    }`;
  if (BigInt(unanswered) === 0n) {
    const ports = BigInt(refused) === 1n ? "a closed port" : "closed ports";
    const hosts = formatAmount(count("target_count"), "host");
    return `${source} opened ${
      formatAmount(refused, "connection")
    } to ${ports} of ${hosts}${time}${open}.`;
  }
  const outcome = [
    BigInt(refused) > 0n ? `${formatCount(refused)} refused` : "",
    `${formatCount(unanswered)} without an answer`,
  ].filter((text) => text !== "").join(", ");
  return `${source} tried ${where}${time}: ${outcome}${open}.`;
}

/** ` in 10 ms`, where it is known. */
function within(row: Named): string {
  const seconds = Number(row("duration_seconds") ?? 0);
  return seconds > 0 ? ` in ${formatDuration(seconds)}` : "";
}

function failedSentence(row: Named): string {
  const count = row("connection_count") as bigint;
  const server = formatEndpoint(row("server_ip"), row("server_port"));
  const client = String(row("client_ip"));
  return row("state") === "refused"
    ? `${server} refused ${formatAmount(count, "connection")} of ${client}${within(row)}.`
    : `${server} left ${formatAmount(count, "connection")} of ${client} unanswered${within(row)}.`;
}

/** Of one flow: the report has a row of all, too. */
function isRepeating(row: Named): boolean {
  return row("source_ip") !== null &&
    Number(row("retransmitted_share") ?? 0) >= RETRANSMITTED_SHARE &&
    Number(row("retransmitted_count") ?? 0) >= RETRANSMITTED_SEGMENTS;
}

function isFull(row: Named): boolean {
  return row("source_ip") !== null && Number(row("zero_window_count")) >= ZERO_WINDOWS;
}

function repeatedSentence(row: Named): string {
  const count = row("retransmitted_count") as bigint;
  const all = formatAmount(row("segment_count") as bigint, "segment");
  const share = formatShare(Number(row("retransmitted_share")));
  return `${source(row)} sent ${formatCount(count)} of ${all} to ${
    destination(row)
  } again (${share}).`;
}

function windowSentence(row: Named): string {
  const times = formatAmount(row("zero_window_count") as bigint, "time");
  return `${source(row)} told ${destination(row)} ${times} that it can take no more (zero window).`;
}

function source(row: Named): string {
  return formatEndpoint(row("source_ip"), row("source_port"));
}

function destination(row: Named): string {
  return formatEndpoint(row("destination_ip"), row("destination_port"));
}

function gapSentence({ from, to }: TimeMark): string {
  const duration = formatDuration(Number(to - from) / 1e9);
  return `Nothing was recorded for ${duration}, from ${timeRange(from, to)}.`;
}

function shareOf(row: Named, { bytes }: Evidence): number {
  return bytes === 0n ? 0 : Number(row("total_bytes")) / Number(bytes);
}

function largeSentence(row: Named, evidence: Evidence): string {
  // Of packets that two interfaces saw, each counts.
  const share = formatShare(Math.min(shareOf(row, evidence), 1));
  const a = formatEndpoint(row("a_ip"), row("a_port"));
  const b = formatEndpoint(row("b_ip"), row("b_port"));
  const at = row("interface") === null ? "" : ` at ${row("interface")}`;
  return `One conversation, ${a} with ${b}${at}, has ${share} of all bytes.`;
}
