/**
 * Packets and bytes by source address.
 *
 * @module
 */
import type { TableReport } from "./report.ts";
import { withoutIpNote } from "./without_ip.ts";

export const TOP: TableReport = {
  kind: "table",
  name: "top",
  help: "sources, by bytes",
  columns: [
    { name: "direction", kind: "text" },
    { name: "source_ip", kind: "address" },
    { name: "packet_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    { name: "avg_packet_size", kind: "bytes" },
  ],
  defaultLimit: 10,
  keys: ["direction", "source_ip"],
  sorts: ["total_bytes", "packet_count"],
  sql: `
    SELECT direction, source_ip,
      sum_packets(sample_rate) AS packet_count,
      sum_bytes(packet_length, sample_rate) AS total_bytes,
      round(total_bytes / packet_count, 2) AS avg_packet_size
    FROM packets
    WHERE source_ip IS NOT NULL
    GROUP BY direction, source_ip`,
  cells: [
    { heading: "Dir", column: "direction" },
    { heading: "Source", column: "source_ip" },
    { heading: "Packets", column: "packet_count" },
    { heading: "Bytes", column: "total_bytes" },
    { heading: "Avg size", column: "avg_packet_size", leaveOut: "first" },
  ],
  note: withoutIpNote,
  section: { heading: "Top sources", place: 2 },
};
