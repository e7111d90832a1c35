/**
 * Packets and bytes by protocol: the only of the usual reports that has packets without an IP header.
 *
 * @module
 */
import type { TableReport } from "./report.ts";

export const TRAFFIC: TableReport = {
  kind: "table",
  name: "traffic",
  help: "protocols, by bytes",
  columns: [
    { name: "direction", kind: "text" },
    { name: "protocol", kind: "text" },
    { name: "packet_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    { name: "avg_packet_size", kind: "bytes" },
  ],
  defaultLimit: 0,
  keys: ["direction", "protocol"],
  sorts: ["total_bytes", "packet_count"],
  sql: `
    SELECT direction, protocol,
      sum_packets(sample_rate) AS packet_count,
      sum_bytes(packet_length, sample_rate) AS total_bytes,
      round(total_bytes / packet_count, 2) AS avg_packet_size
    FROM packets
    GROUP BY direction, protocol`,
  cells: [
    { heading: "Dir", column: "direction" },
    { heading: "Protocol", column: "protocol" },
    { heading: "Packets", column: "packet_count" },
    { heading: "Bytes", column: "total_bytes", bar: "share" },
    { heading: "Avg size", column: "avg_packet_size", leaveOut: "first" },
  ],
  section: { heading: "Traffic by protocol", place: 1 },
};
