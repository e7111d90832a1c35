/**
 * Packets and bytes each way between two endpoints, both directions of a flow in one row.
 *
 * @module
 */
import { formatAmount } from "../core/quantity.ts";
import type { TableReport } from "./report.ts";
import { FROM_HIGHER_PORT, SPAN_CELLS, SPAN_COLUMNS } from "./report_parts.ts";
import { withoutIpNote } from "./without_ip.ts";

/** `10.0.0.2:51000`: below that, the ends of a conversation cannot be told apart. */
const MIN_ENDPOINT = 14;

export const CONVERSATIONS: TableReport = {
  kind: "table",
  name: "conversations",
  help: "pairs of endpoints with packets and bytes each way, by bytes",
  definitions: [
    "A conversation is what two endpoints (address, and port where the protocol has ports) sent to " +
    "each other by one protocol at one interface. Endpoint `a` is the one with the higher port; of " +
    "equal ports, and without ports, the one whose address comes first as a text.",
    "At one interface a packet counts once: where the packets of a sender are seen both going out " +
    "and coming in, as on loopback, the direction with more of them counts. Fragments behind the " +
    "first have no ports and are a conversation of their own.",
  ],
  columns: [
    { name: "interface", kind: "text" },
    { name: "a_ip", kind: "address" },
    { name: "a_port", kind: "port" },
    { name: "b_ip", kind: "address" },
    { name: "b_port", kind: "port" },
    { name: "protocol", kind: "text" },
    { name: "packets_from_a", kind: "count" },
    { name: "bytes_from_a", kind: "bytes" },
    { name: "packets_from_b", kind: "count" },
    { name: "bytes_from_b", kind: "bytes" },
    { name: "packet_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    ...SPAN_COLUMNS,
  ],
  defaultLimit: 20,
  keys: ["interface", "a_ip", "b_ip", "a_port", "b_port", "protocol"],
  sorts: ["total_bytes", "packet_count"],
  countsOnce: true,
  sql: `
    WITH flows AS (
      SELECT interface, source_ip, source_port, destination_ip, destination_port, protocol,
        sum_packets(sample_rate) AS packet_sum,
        sum_bytes(packet_length, sample_rate) AS byte_sum,
        min(timestamp) AS first_seen,
        max(timestamp) AS last_seen
      FROM packets
      WHERE source_ip IS NOT NULL
      GROUP BY interface, direction, source_ip, source_port, destination_ip, destination_port,
        protocol
      QUALIFY row_number() OVER (
        PARTITION BY interface, source_ip, source_port, destination_ip, destination_port, protocol
        ORDER BY packet_sum DESC, direction
      ) = 1
    ),
    ends AS (
      SELECT *,
        ${FROM_HIGHER_PORT} AS is_from_a
      FROM flows
    )
    SELECT interface,
      CASE WHEN is_from_a THEN source_ip ELSE destination_ip END AS a_ip,
      CASE WHEN is_from_a THEN source_port ELSE destination_port END AS a_port,
      CASE WHEN is_from_a THEN destination_ip ELSE source_ip END AS b_ip,
      CASE WHEN is_from_a THEN destination_port ELSE source_port END AS b_port,
      protocol,
      coalesce(sum(packet_sum) FILTER (is_from_a), 0) AS packets_from_a,
      coalesce(sum(byte_sum) FILTER (is_from_a), 0) AS bytes_from_a,
      coalesce(sum(packet_sum) FILTER (NOT is_from_a), 0) AS packets_from_b,
      coalesce(sum(byte_sum) FILTER (NOT is_from_a), 0) AS bytes_from_b,
      sum(packet_sum) AS packet_count,
      sum(byte_sum) AS total_bytes,
      epoch_ns(min(first_seen)) AS first_packet,
      epoch_ns(max(last_seen)) AS last_packet,
      (last_packet::HUGEINT - first_packet::HUGEINT) / 1e9 AS duration_seconds
    FROM ends
    GROUP BY ALL`,
  cells: [
    { heading: "A", column: "a_ip", port: "a_port", min: MIN_ENDPOINT },
    { heading: "B", column: "b_ip", port: "b_port", min: MIN_ENDPOINT },
    { heading: "Protocol", column: "protocol", leaveOut: "last" },
    { heading: "Total", column: "total_bytes" },
    { heading: "Bytes to B", column: "bytes_from_a", leaveOut: "first" },
    { heading: "Bytes to A", column: "bytes_from_b", leaveOut: "first" },
    { heading: "Packets to B", column: "packets_from_a", leaveOut: "first" },
    { heading: "Packets to A", column: "packets_from_b", leaveOut: "first" },
    ...SPAN_CELLS,
    { heading: "Interface", column: "interface", leaveOut: "first" },
  ],
  note: withoutIpNote,
  oneSided: {
    // Others than TCP need no answer.
    where: "one.protocol = 'TCP' AND (one.packets_from_a = 0 OR one.packets_from_b = 0)",
    note: (rows) =>
      `of ${
        formatAmount(rows, "TCP conversation")
      } the packets of one side only were seen: what the ` +
      "other sent, if it did, is not counted",
  },
};
