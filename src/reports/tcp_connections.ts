/**
 * SQL that makes connections of their two sides.
 *
 * @module
 */
import { hearingOf } from "./hearing.ts";
import { FROM_HIGHER_PORT } from "./report_parts.ts";

/** Columns of one side by its role. */
function of(role: "client" | "server", column: string): string {
  return `max(${column}) FILTER (${role === "client" ? "" : "NOT "}is_client)`;
}

/**
 * One row for each connection. A sender is the client if its SYN came first; without a SYN, if its port
 * is the higher one.
 */
export const CONNECTIONS_SQL = `
  roles AS (
    SELECT *,
      min(first_syn) OVER of_both AS opening,
      CASE
        WHEN opening IS NULL OR count(*) FILTER (first_syn IS NOT NULL) OVER of_both > 1
            AND min(first_syn) OVER of_both = max(first_syn) OVER of_both
          THEN ${FROM_HIGHER_PORT}
        ELSE coalesce(first_syn = opening, false)
      END AS is_client
    FROM sides
    WINDOW of_both AS (PARTITION BY connection)
  ),
  handshakes AS (
    SELECT
      min(interface) AS interface,
      min(CASE WHEN is_client THEN source_ip ELSE destination_ip END) AS client_ip,
      min(CASE WHEN is_client THEN source_port ELSE destination_port END) AS client_port,
      min(CASE WHEN is_client THEN destination_ip ELSE source_ip END) AS server_ip,
      min(CASE WHEN is_client THEN destination_port ELSE source_port END) AS server_port,
      min(opening) AS opening,
      ${of("server", "first_syn_ack")} AS answered,
      ${of("client", "first_ack")} AS opened,
      ${of("server", "first_ack")} AS used,
      ${of("client", "first_reset")} AS client_reset,
      ${of("server", "first_reset")} AS server_reset,
      least(client_reset, server_reset) AS first_reset,
      CASE WHEN count(first_fin) = count(*) THEN max(first_fin) END AS finished,
      coalesce(${of("client", "syn_count")}, 0) AS syn_count,
      coalesce(${of("client", "packet_count")}, 0) AS packets_from_client,
      coalesce(${of("client", "total_bytes")}, 0) AS bytes_from_client,
      coalesce(${of("server", "packet_count")}, 0) AS packets_from_server,
      coalesce(${of("server", "total_bytes")}, 0) AS bytes_from_server,
      epoch_ns(min(first_seen)) AS first_packet,
      epoch_ns(max(last_seen)) AS last_packet
    FROM roles
    GROUP BY connection
  ),
  heard AS (
    SELECT interface, ${hearingOf("bool_or(is_mutual)")} AS hearing
    FROM (
      SELECT interface, direction, false AS is_mutual FROM attachments
      UNION ALL
      SELECT interface, direction, false FROM flows
      UNION ALL
      SELECT min(interface), NULL, bool_or(side) <> bool_and(side) FROM flows GROUP BY conversation
    )
    GROUP BY interface
  ),
  connections AS (
    SELECT handshakes.*, hearing,
      CASE
        WHEN opening IS NULL THEN 'midstream'
        WHEN opened IS NULL AND answered IS NULL AND used IS NULL THEN
          CASE WHEN server_reset IS NULL THEN 'unanswered' ELSE 'refused' END
        WHEN first_reset < finished OR first_reset IS NOT NULL AND finished IS NULL THEN 'reset'
        WHEN opened IS NULL AND used IS NULL THEN 'unanswered'
        WHEN finished IS NOT NULL THEN 'closed'
        ELSE 'open'
      END AS state,
      CASE WHEN state NOT IN ('midstream', 'refused', 'unanswered') THEN
        (epoch_ns(coalesce(opened, answered)) - epoch_ns(opening)) / 1e9
      END AS handshake_seconds
    FROM handshakes
    LEFT JOIN heard ON heard.interface IS NOT DISTINCT FROM handshakes.interface
  )`;
