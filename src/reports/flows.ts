/**
 * Packets and bytes by addresses, ports and protocol, one direction of a conversation a row.
 *
 * @module
 */
import type { TableReport } from "./report.ts";
import { withoutIpNote } from "./without_ip.ts";

/** `10.0.0.2:51000`: below that, a flow's ends cannot be told apart. */
const MIN_ENDPOINT = 14;

export const FLOWS: TableReport = {
  kind: "table",
  name: "flows",
  help: "who talks with whom: addresses, ports and protocol, by bytes",
  columns: [
    { name: "direction", kind: "text" },
    { name: "source_ip", kind: "address" },
    { name: "destination_ip", kind: "address" },
    { name: "source_port", kind: "port" },
    { name: "destination_port", kind: "port" },
    { name: "protocol", kind: "text" },
    { name: "packet_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    { name: "flow_start", kind: "time" },
    { name: "flow_end", kind: "time" },
    { name: "duration_seconds", kind: "seconds" },
  ],
  defaultLimit: 20,
  keys: [
    "direction",
    "source_ip",
    "destination_ip",
    "source_port",
    "destination_port",
    "protocol",
  ],
  sorts: ["total_bytes", "packet_count"],
  sql: `
    SELECT direction, source_ip, destination_ip, source_port, destination_port, protocol,
      sum_packets(sample_rate) AS packet_count,
      sum_bytes(packet_length, sample_rate) AS total_bytes,
      epoch_ns(min(timestamp)) AS flow_start,
      epoch_ns(max(timestamp)) AS flow_end,
      (flow_end::HUGEINT - flow_start::HUGEINT) / 1e9 AS duration_seconds
    FROM packets
    WHERE source_ip IS NOT NULL
    GROUP BY direction, source_ip, destination_ip, source_port, destination_port, protocol`,
  cells: [
    { heading: "Dir", column: "direction", leaveOut: "last" },
    { heading: "Source", column: "source_ip", port: "source_port", min: MIN_ENDPOINT },
    {
      heading: "Destination",
      column: "destination_ip",
      port: "destination_port",
      min: MIN_ENDPOINT,
    },
    { heading: "Protocol", column: "protocol", leaveOut: "last" },
    { heading: "Packets", column: "packet_count", leaveOut: "last" },
    { heading: "Bytes", column: "total_bytes" },
    { heading: "Start (UTC)", column: "flow_start", leaveOut: "first" },
    { heading: "Duration", column: "duration_seconds", leaveOut: "first" },
  ],
  note: withoutIpNote,
  section: { heading: "Top flows", place: 3 },
};
