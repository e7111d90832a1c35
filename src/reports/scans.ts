/**
 * Addresses that try many ports or many hosts.
 *
 * @module
 */
import { formatAmount } from "../core/quantity.ts";
import type { Overview } from "../query/recordings.ts";
import { HEARING, hearingOf } from "./hearing.ts";
import type { Gaps, TableReport } from "./report.ts";
import { SPAN_CELLS, SPAN_COLUMNS } from "./report_parts.ts";

/**
 * Ports of one host, and hosts of one port, that have to fail: the thresholds of Zeek's own
 * policy/misc/scan.zeek (port_scan_threshold, addr_scan_threshold).
 */
const FAILED_PORTS = 15;
const FAILED_HOSTS = 25;

/** Bits of `tcp_flags`: RFC 9293, 3.1. */
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

export const SCANS: TableReport = {
  kind: "table",
  name: "scans",
  help: "who tries many ports or hosts, and what came of it",
  columns: [
    { name: "source_ip", kind: "address" },
    { name: "kind", kind: "text" },
    { name: "target_count", kind: "count" },
    { name: "port_count", kind: "count" },
    { name: "attempt_count", kind: "count" },
    { name: "answered_count", kind: "count" },
    { name: "refused_count", kind: "count" },
    { name: "unanswered_count", kind: "count" },
    ...SPAN_COLUMNS,
  ],
  defaultLimit: 20,
  definitions: [
    "An attempt is a TCP port of a host that an address sent a SYN without ACK to, however often. It was " +
    "answered if a SYN with ACK came back, or if the address went on with an ACK, which shows it where " +
    "only one direction was recorded; else refused if a RST came back; else unanswered.",
    `A \`port-scan\` is an address that failed, refused or unanswered, at ${FAILED_PORTS} ports or more of ` +
    `one host; a \`host-scan\` one that failed at one port of ${FAILED_HOSTS} hosts or more. All attempts ` +
    "at these hosts, or at these ports, are one row. The time span is that of the SYNs, first to last.",
    "Connections that are opened are no scan, however many: the counts do not rise by them. Where packets " +
    "were lost, sampled, or not selected, answers are missing, and what was answered can look unanswered. Attempts are " +
    "those seen, and are not scaled. UDP, ping sweeps and scans without a SYN are not looked for.",
  ],
  keys: ["source_ip", "kind"],
  sorts: ["attempt_count"],
  // Few packets are SYNs. Answers are looked for only where enough was tried.
  sql: `
    WITH knocks AS MATERIALIZED (
      SELECT interface, source_ip, destination_ip AS target, destination_port AS port,
        min(timestamp) AS first_packet, max(timestamp) AS last_packet
      FROM packets
      WHERE tcp_flags & ${SYN | ACK} = ${SYN}
        AND source_ip IS NOT NULL AND destination_port IS NOT NULL
      GROUP BY ALL
    ), tried AS MATERIALIZED (
      SELECT source_ip, target, port,
        min(first_packet) AS first_packet, max(last_packet) AS last_packet
      FROM knocks
      GROUP BY ALL
    ), suspects AS MATERIALIZED (
      SELECT source_ip FROM tried GROUP BY source_ip, target HAVING count(*) >= ${FAILED_PORTS}
      UNION
      SELECT source_ip FROM tried GROUP BY source_ip, port HAVING count(*) >= ${FAILED_HOSTS}
    ), answers AS (
      SELECT destination_ip AS source_ip, source_ip AS target, source_port AS port,
        bool_or(tcp_flags & ${SYN | ACK} = ${SYN | ACK}) AS is_answered
      FROM packets
      WHERE (tcp_flags & ${SYN | ACK} = ${SYN | ACK} OR tcp_flags & ${RST} = ${RST})
        AND destination_ip IN (SELECT source_ip FROM suspects)
      GROUP BY ALL
    ), opened AS (
      SELECT DISTINCT source_ip, destination_ip AS target, destination_port AS port
      FROM packets
      WHERE tcp_flags & ${SYN | RST | ACK} = ${ACK}
        AND source_ip IN (SELECT source_ip FROM suspects)
    ), heard AS (
      SELECT interface, ${hearingOf("bool_or(is_mutual)")} AS hearing
      FROM (
        SELECT interface, direction, false AS is_mutual FROM attachments
        UNION ALL
        SELECT packets.interface, direction, knocks.port IS NOT NULL AS is_mutual
        FROM packets LEFT JOIN knocks
          ON knocks.interface IS NOT DISTINCT FROM packets.interface
            AND knocks.source_ip = packets.destination_ip AND knocks.target = packets.source_ip
            AND knocks.port = CASE WHEN tcp_flags & ${SYN | ACK} <> ${SYN} THEN source_port END
        WHERE tcp_flags & ${SYN | RST} <> 0
      )
      GROUP BY interface
    ), hearings AS (
      SELECT source_ip, target, port, max(hearing) AS hearing
      FROM knocks
      SEMI JOIN suspects USING (source_ip)
      JOIN heard ON heard.interface IS NOT DISTINCT FROM knocks.interface
      GROUP BY ALL
    ), attempts AS MATERIALIZED (
      SELECT tried.*, hearing,
        coalesce(is_answered, false) OR opened.port IS NOT NULL AS is_answered,
        answers.port IS NOT NULL AS is_heard
      FROM tried
      SEMI JOIN suspects USING (source_ip)
      LEFT JOIN answers USING (source_ip, target, port)
      LEFT JOIN opened USING (source_ip, target, port)
      LEFT JOIN hearings USING (source_ip, target, port)
    ), scanned AS (
      SELECT attempts.*, 'port-scan' AS kind
      FROM attempts
      SEMI JOIN (
        SELECT source_ip, target FROM attempts GROUP BY ALL
        HAVING count(*) FILTER (NOT is_answered) >= ${FAILED_PORTS}
      ) AS hosts USING (source_ip, target)
      UNION ALL
      SELECT attempts.*, 'host-scan' AS kind
      FROM attempts
      SEMI JOIN (
        SELECT source_ip, port FROM attempts GROUP BY ALL
        HAVING count(*) FILTER (NOT is_answered) >= ${FAILED_HOSTS}
      ) AS ports USING (source_ip, port)
    )
    SELECT source_ip, kind,
      count(DISTINCT target) AS target_count,
      count(DISTINCT port) AS port_count,
      count(*) AS attempt_count,
      count(*) FILTER (is_answered) AS answered_count,
      count(*) FILTER (is_heard AND NOT is_answered) AS refused_count,
      count(*) FILTER (NOT is_heard AND NOT is_answered) AS unanswered_count,
      epoch_ns(min(first_packet)) AS first_packet,
      epoch_ns(max(last_packet)) AS last_packet,
      (epoch_ns(max(last_packet))::HUGEINT - epoch_ns(min(first_packet))) / 1e9 AS duration_seconds,
      min(hearing) FILTER (NOT is_heard AND NOT is_answered) AS hearing,
      epoch_ns(max(last_packet) FILTER (NOT is_heard AND NOT is_answered)) AS last_unanswered
    FROM scanned
    GROUP BY source_ip, kind`,
  cells: [
    { heading: "Source", column: "source_ip" },
    { heading: "Kind", column: "kind" },
    { heading: "Targets", column: "target_count", leaveOut: "last" },
    { heading: "Ports", column: "port_count", leaveOut: "last" },
    { heading: "Answered", column: "answered_count", leaveOut: "last" },
    { heading: "Refused", column: "refused_count", leaveOut: "last" },
    { heading: "Unanswered", column: "unanswered_count", leaveOut: "last" },
    ...SPAN_CELLS,
  ],
  note: scanNote,
  cutOff: {
    where: "one.unanswered_count > 0",
    last: "last_unanswered",
    note: (rows) =>
      `of ${
        formatAmount(rows, "row")
      } an unanswered SYN came in the last second before the end: the answer ` +
      "can have come after it",
  },
  oneSided: {
    where: `one.hearing < ${HEARING.bothDirections}`,
    whereFiltered: `one.hearing < ${HEARING.bothSides}`,
    note: (rows) =>
      `of ${formatAmount(rows, "row")} the packets of one side only were seen: what seems ` +
      "unanswered can have been refused or answered",
  },
};

function scanNote({ packets }: Overview, { isSampled }: Gaps): string | null {
  if (packets === 0n) return null;
  const sampled = isSampled
    ? "; not every packet was kept: attempts are those seen, not scaled up, and what was answered can seem unanswered"
    : "";
  return `scans: ${FAILED_PORTS} ports of a host, or a port of ${FAILED_HOSTS} hosts, ` +
    `refused or unanswered${sampled}`;
}
