/**
 * Packets, bytes and loss by interface and direction, and which hook saw them.
 *
 * @module
 */
import type { TableReport } from "./report.ts";

export const INTERFACES: TableReport = {
  kind: "table",
  name: "interfaces",
  help: "interfaces and directions: packets, bytes, loss, hook and mode",
  columns: [
    { name: "interface", kind: "text" },
    { name: "direction", kind: "text" },
    { name: "hook", kind: "text" },
    { name: "mode", kind: "text" },
    { name: "packet_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    { name: "packets_seen", kind: "count" },
    { name: "packets_dropped", kind: "count" },
    { name: "loss_share", kind: "share" },
    { name: "packets_filtered", kind: "count" },
  ],
  defaultLimit: 0,
  keys: ["interface", "direction"],
  sorts: ["total_bytes", "packet_count"],
  // An interface that saw nothing has a row, and so have packets of a file without metadata. Files
  // may have recorded one interface by different hooks: all are named.
  sql: `
    SELECT coalesce(counted.interface, attached.interface) AS interface,
      coalesce(counted.direction, attached.direction) AS direction,
      hook, mode,
      coalesce(packet_count, 0) AS packet_count,
      coalesce(total_bytes, 0) AS total_bytes,
      packets_seen, packets_dropped,
      CASE WHEN packets_seen > packets_filtered
        THEN packets_dropped / (packets_seen - packets_filtered) END AS loss_share,
      packets_filtered
    FROM (
      SELECT interface, direction,
        sum_packets(sample_rate) AS packet_count,
        sum_bytes(packet_length, sample_rate) AS total_bytes
      FROM packets
      GROUP BY interface, direction
    ) AS counted
    FULL JOIN (
      SELECT interface, direction,
        string_agg(DISTINCT hook, ', ' ORDER BY hook) AS hook,
        string_agg(DISTINCT mode, ', ' ORDER BY mode) AS mode,
        sum(packets_seen) AS packets_seen,
        sum(packets_dropped) AS packets_dropped,
        sum(packets_filtered) AS packets_filtered
      FROM attachments
      GROUP BY interface, direction
    ) AS attached
    ON counted.interface IS NOT DISTINCT FROM attached.interface
      AND counted.direction IS NOT DISTINCT FROM attached.direction`,
  cells: [
    { heading: "Interface", column: "interface" },
    { heading: "Dir", column: "direction" },
    { heading: "Hook", column: "hook", leaveOut: "first" },
    { heading: "Mode", column: "mode", leaveOut: "first" },
    { heading: "Packets", column: "packet_count" },
    { heading: "Bytes", column: "total_bytes" },
    { heading: "Lost", column: "packets_dropped", leaveOut: "last" },
    { heading: "Loss", column: "loss_share", leaveOut: "last" },
  ],
};
