/**
 * What several reports have in common.
 *
 * @module
 */
import type { Grouping, ReportColumn, TableCell } from "./report.ts";

/** Packets and bytes, scaled by the sampling rate, of the rows of `packets` that are grouped. */
export const SUMS_SQL = `sum_packets(sample_rate) AS packet_count,
      sum_bytes(packet_length, sample_rate) AS total_bytes`;

/**
 * Of a packet: it comes from the end with the higher port, as a client has; of equal ports, and without
 * ports, from the one whose address sorts first.
 */
export const FROM_HIGHER_PORT = `coalesce(source_port, 0) > coalesce(destination_port, 0)
          OR coalesce(source_port, 0) = coalesce(destination_port, 0)
            AND source_ip <= destination_ip`;

export const PACKET_COLUMN: ReportColumn = { name: "packet_count", kind: "count" };
export const BYTE_COLUMN: ReportColumn = { name: "total_bytes", kind: "bytes" };
export const PACKET_CELL: TableCell = { heading: "Packets", column: "packet_count" };
export const BYTE_CELL: TableCell = { heading: "Bytes", column: "total_bytes" };

/** When the packets of a row were seen. */
export const SPAN_COLUMNS = [
  { name: "first_packet", kind: "time" },
  { name: "last_packet", kind: "time" },
  { name: "duration_seconds", kind: "seconds" },
] as const satisfies readonly ReportColumn[];
export const SPAN_CELLS: readonly TableCell[] = [
  { heading: "Start (UTC)", column: "first_packet", leaveOut: "first" },
  { heading: "Duration", column: "duration_seconds", leaveOut: "first" },
];

/** Keys that a packet has one value of, by name: what reports group by them. */
export const PROTOCOL: Grouping = {
  name: "protocol",
  help: "IP protocol, or EtherType without IP",
};
export const INTERFACE: Grouping = { name: "interface", help: "interface" };
export const DIRECTION: Grouping = { name: "direction", help: "`ingress` or `egress`" };
export const VLAN: Grouping = {
  name: "vlan",
  help: "VLAN of the outer tag; without a number: packets without a tag that could be seen",
};
export const DSCP: Grouping = {
  name: "dscp",
  help: "differentiated services code point and its name; without a number: not IP",
};

/**
 * SQL for the name of a code point: IANA, "Differentiated Services Field Codepoints" (RFC 2474, 4.2.2;
 * RFC 2597, 6; RFC 3246; RFC 5865; RFC 8622).
 */
export function dscpName(column: string): string {
  return `CASE WHEN ${column} = 46 THEN 'EF'
      WHEN ${column} = 44 THEN 'VOICE-ADMIT'
      WHEN ${column} = 1 THEN 'LE'
      WHEN ${column} % 8 = 0 THEN 'CS' || (${column} // 8)
      WHEN ${column} BETWEEN 10 AND 38 AND ${column} % 8 IN (2, 4, 6)
        THEN 'AF' || (${column} // 8) || (${column} % 8 // 2) END`;
}
