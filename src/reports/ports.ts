/**
 * What is served: ports of servers, with the names that IANA gives them.
 *
 * @module
 */
import type { TableReport } from "./report.ts";
import { BYTE_CELL, BYTE_COLUMN, PACKET_CELL, PACKET_COLUMN, SUMS_SQL } from "./report_parts.ts";

/** Bits of `tcp_flags`: RFC 9293, 3.1. */
const SYN = 0x02;
const ACK = 0x10;

/** Whether a packet goes from the end with the higher port, or address, to the other. */
const IS_TURNED = "(source_port, source_ip) > (destination_port, destination_ip)";

/** Both ends of a packet in an order that its direction does not change. */
const LOW_AND_HIGH = `least(source_port, destination_port) AS low_port,
        greatest(source_port, destination_port) AS high_port,
        CASE WHEN ${IS_TURNED} THEN destination_ip ELSE source_ip END AS low_ip,
        CASE WHEN ${IS_TURNED} THEN source_ip ELSE destination_ip END AS high_ip`;
const ENDS = "protocol, low_port, high_port, low_ip, high_ip";

/** TCP, UDP, DCCP, SCTP and UDP-Lite: those that have ports. */
const WITH_PORTS = "6, 17, 33, 132, 136";

export const PORTS: TableReport = {
  kind: "table",
  name: "ports",
  help: "server ports: service, packets, bytes, clients and servers",
  columns: [
    { name: "port", kind: "port" },
    { name: "protocol", kind: "text" },
    { name: "service", kind: "text" },
    PACKET_COLUMN,
    BYTE_COLUMN,
    { name: "client_count", kind: "count" },
    { name: "server_count", kind: "count" },
  ],
  defaultLimit: 20,
  definitions: [
    "The client of a TCP connection is the end that sent a SYN without ACK, or that a SYN with ACK was sent " +
    "to. Where neither was recorded, or both ends did, and for other protocols, the server is the end with " +
    "the lower port; where both are the same, the end that the first packet was sent to.",
    "Packets of both directions count. Clients and servers are addresses: those seen, whatever the " +
    "sampling rate. The service is the name that IANA has for the port, whatever was spoken on it " +
    "(Service Name and Transport Protocol Port Number Registry).",
    "Packets of protocols that have no ports are in the report `traffic` only. Later fragments have none " +
    "either: they are in rows without a port.",
  ],
  keys: ["port", "protocol"],
  sorts: ["total_bytes", "packet_count"],
  // One direction of a flow first, then both, then the server's port: each step has fewer rows. What tells
  // client from server is in few packets, which are looked for beside that.
  sql: `
    WITH flows AS (
      SELECT protocol, source_ip, destination_ip, source_port, destination_port,
        ${SUMS_SQL}
      FROM packets
      WHERE source_port IS NOT NULL
      GROUP BY ALL
      UNION ALL
      SELECT protocol, source_ip, destination_ip, source_port, destination_port,
        ${SUMS_SQL}
      FROM packets
      WHERE is_fragment AND source_port IS NULL AND ip_protocol IN (${WITH_PORTS})
      GROUP BY ALL
    ), conversations AS (
      SELECT protocol, ${LOW_AND_HIGH},
        sum(packet_count) AS packet_count,
        sum(total_bytes) AS total_bytes
      FROM flows
      GROUP BY ALL
    ), openings AS (
      SELECT protocol, ${LOW_AND_HIGH},
        bool_or((${IS_TURNED}) = (tcp_flags & ${ACK} = ${ACK})) AS low_opens,
        bool_or((${IS_TURNED}) <> (tcp_flags & ${ACK} = ${ACK})) AS high_opens
      FROM packets
      WHERE tcp_flags & ${SYN} = ${SYN}
      GROUP BY ALL
    ), beginnings AS (
      SELECT protocol, ${LOW_AND_HIGH},
        arg_min(${IS_TURNED}, timestamp) AS is_turned_first
      FROM packets
      WHERE source_port = destination_port
      GROUP BY ALL
    ), served AS (
      SELECT protocol, packet_count, total_bytes,
        CASE WHEN is_low THEN low_port ELSE high_port END AS port,
        CASE WHEN is_low THEN low_ip ELSE high_ip END AS server,
        CASE WHEN is_low THEN high_ip ELSE low_ip END AS client
      FROM (
        SELECT *,
          CASE WHEN low_opens <> high_opens THEN high_opens
            WHEN low_port = high_port THEN is_turned_first
            ELSE true END AS is_low
        FROM conversations
        LEFT JOIN openings USING (${ENDS})
        LEFT JOIN beginnings USING (${ENDS})
      )
    ), ends AS (
      SELECT protocol, port, server, client,
        sum(packet_count) AS packet_count, sum(total_bytes) AS total_bytes
      FROM served
      GROUP BY ALL
    )
    SELECT counted.port, counted.protocol, services.name AS service,
      packet_count, total_bytes, client_count, server_count
    FROM (
      SELECT port, protocol,
        sum(packet_count)::HUGEINT AS packet_count,
        sum(total_bytes)::HUGEINT AS total_bytes,
        CASE WHEN port IS NOT NULL THEN count(DISTINCT client) END AS client_count,
        CASE WHEN port IS NOT NULL THEN count(DISTINCT server) END AS server_count
      FROM ends
      GROUP BY port, protocol
    ) AS counted
    LEFT JOIN services ON services.port = counted.port AND services.protocol = counted.protocol`,
  cells: [
    { heading: "Port", column: "port" },
    { heading: "Protocol", column: "protocol" },
    { heading: "Service", column: "service" },
    { ...PACKET_CELL, leaveOut: "last" },
    BYTE_CELL,
    { heading: "Clients", column: "client_count", leaveOut: "last" },
    { heading: "Servers", column: "server_count", leaveOut: "last" },
  ],
};
