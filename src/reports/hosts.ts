/**
 * What each address sent and received, and with how many others.
 *
 * @module
 */
import type { TableReport } from "./report.ts";
import { BYTE_CELL, BYTE_COLUMN, PACKET_CELL, PACKET_COLUMN, SUMS_SQL } from "./report_parts.ts";
import { withoutIpNote } from "./without_ip.ts";

export const HOSTS: TableReport = {
  kind: "table",
  name: "hosts",
  help: "addresses: what they sent and received, and how many they talk to",
  columns: [
    { name: "host", kind: "address" },
    PACKET_COLUMN,
    BYTE_COLUMN,
    { name: "packets_sent", kind: "count" },
    { name: "bytes_sent", kind: "bytes" },
    { name: "packets_received", kind: "count" },
    { name: "bytes_received", kind: "bytes" },
    { name: "peer_count", kind: "count" },
    { name: "first_packet", kind: "time" },
    { name: "last_packet", kind: "time" },
  ],
  defaultLimit: 20,
  definitions: [
    "A host is an address that packets came from or went to, also one of multicast or broadcast. A packet " +
    "counts for both of its addresses, and once where both are the same, though that host sent and " +
    "received it.",
    "Peers are the other addresses that it sent to or received from: those seen, whatever the sampling " +
    "rate.",
  ],
  keys: ["host"],
  sorts: ["total_bytes", "packet_count"],
  // Pairs first, then hosts: a distinct count over packets would hold all of them.
  sql: `
    SELECT host,
      sum(packet_count)::HUGEINT AS packet_count,
      sum(total_bytes)::HUGEINT AS total_bytes,
      coalesce(sum(packets_sent), 0)::HUGEINT AS packets_sent,
      coalesce(sum(bytes_sent), 0)::HUGEINT AS bytes_sent,
      coalesce(sum(packets_received), 0)::HUGEINT AS packets_received,
      coalesce(sum(bytes_received), 0)::HUGEINT AS bytes_received,
      count(*) FILTER (peer <> host) AS peer_count,
      min(first_packet) AS first_packet,
      max(last_packet) AS last_packet
    FROM (
      SELECT host, peer,
        sum(packet_count) AS packet_count,
        sum(total_bytes) AS total_bytes,
        sum(packet_count) FILTER (is_sent) AS packets_sent,
        sum(total_bytes) FILTER (is_sent) AS bytes_sent,
        sum(packet_count) FILTER (is_received) AS packets_received,
        sum(total_bytes) FILTER (is_received) AS bytes_received,
        min(first_packet) AS first_packet,
        max(last_packet) AS last_packet
      FROM (
        SELECT *, unnest(ends, recursive := true)
        FROM (
          SELECT packet_count, total_bytes, first_packet, last_packet,
            CASE WHEN source_ip = destination_ip THEN [
              {host: source_ip, peer: source_ip, is_sent: true, is_received: true}
            ] ELSE [
              {host: source_ip, peer: destination_ip, is_sent: true, is_received: false},
              {host: destination_ip, peer: source_ip, is_sent: false, is_received: true}
            ] END AS ends
          FROM (
            SELECT source_ip, destination_ip,
              ${SUMS_SQL},
              epoch_ns(min(timestamp)) AS first_packet,
              epoch_ns(max(timestamp)) AS last_packet
            FROM packets
            WHERE source_ip IS NOT NULL
            GROUP BY source_ip, destination_ip
          )
        )
      )
      GROUP BY host, peer
    )
    GROUP BY host`,
  cells: [
    { heading: "Host", column: "host" },
    { ...PACKET_CELL, leaveOut: "last" },
    BYTE_CELL,
    { heading: "Sent", column: "bytes_sent", leaveOut: "first" },
    { heading: "Received", column: "bytes_received", leaveOut: "first" },
    { heading: "Peers", column: "peer_count" },
    { heading: "First (UTC)", column: "first_packet", leaveOut: "first" },
    { heading: "Last (UTC)", column: "last_packet", leaveOut: "first" },
  ],
  note: withoutIpNote,
};
