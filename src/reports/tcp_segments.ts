/**
 * SQL that finds retransmissions, reordering, duplicate acknowledgments and keep-alives: the rules of
 * Wireshark ("TCP Analysis" in its User's Guide), which a row of a window can tell by what both
 * sides sent before it.
 *
 * @module
 */
import { ahead, BEFORE, IN_ORDER } from "./tcp_flows.ts";

/** From the User's Guide: a retransmission is fast this soon after the last acknowledgment. */
const FAST_NS = 20_000_000;
/** And this is too early for one where the round-trip time is not known. */
const REORDERED_NS = 3_000_000;

/** 2^63 - 1, below which all times are. */
const LAST_TIME = "9223372036854775807";
const LOW_64 = "18446744073709551615";
const LOW_44 = 2 ** 44 - 1;
const LOW_32 = 2 ** 32 - 1;

/**
 * Common table expressions behind `TCP_SIDES`; the last is `found`: `connection`, `side` and the counts.
 *
 * A window answers for a row what its sender and its peer had sent before. What is needed of them is
 * packed into two numbers of 127 bits, because each further window costs as much as the sorting:
 *
 * - `edge`: the end of the farthest segment, then how early it came: the largest one is the first
 *   segment that got so far.
 * - `trace`: acknowledgment (32 bits), window (16), sequence number (32), payload length as 0, 1 or
 *   more (2), whether it has SYN, FIN or RST (1), and the low bits of its time (44).
 */
export const TCP_FOUND = `
  placed AS NOT MATERIALIZED (
    SELECT xor(sender, receiver) AS connection, sender < receiver AS side, seq AS place,
      timestamp, tie, seq, ack, win, len, wire, flags
    FROM segments ANTI JOIN intricate ON xor(sender, receiver) = conversation
    WHERE len IS NOT NULL
    UNION ALL
    SELECT connection, side, place, timestamp, tie, seq, ack, win, len, wire, flags
    FROM numbered
    WHERE len IS NOT NULL
  ),
  packed AS NOT MATERIALIZED (
    SELECT *,
      epoch_ns(timestamp) AS time,
      place + len + (flags & 3 <> 0)::BIGINT AS place_after,
      CASE WHEN flags & 4 = 0 THEN
        (place_after::HUGEINT << 64)
          + (${LAST_TIME} - time)
      END AS edge,
      (((ack << 16) + win)::HUGEINT << 79)
        + ((((seq << 2) + least(len, 2)) * 2 + (flags & 7 <> 0)::BIGINT)::HUGEINT << 44)
        + (time & ${LOW_44}) AS trace
    FROM placed
  ),
  watched AS NOT MATERIALIZED (
    SELECT connection, side, timestamp, time, tie, place, place_after, seq, ack, win, len, wire, flags,
      max(CASE WHEN side THEN edge END) OVER earlier AS edge_a,
      max(CASE WHEN NOT side THEN edge END) OVER earlier AS edge_b,
      last_value(CASE WHEN side THEN trace END IGNORE NULLS) OVER earlier AS trace_a,
      last_value(CASE WHEN NOT side THEN trace END IGNORE NULLS) OVER earlier AS trace_b
    FROM packed
    WINDOW earlier AS (PARTITION BY connection ${IN_ORDER} ${BEFORE})
  ),
  judged AS NOT MATERIALIZED (
    SELECT * EXCLUDE (edge_a, edge_b, trace_a, trace_b),
      CASE WHEN side THEN edge_a ELSE edge_b END AS own_edge,
      CASE WHEN side THEN edge_b ELSE edge_a END AS peer_edge,
      CASE WHEN side THEN trace_a ELSE trace_b END AS own_trace,
      CASE WHEN side THEN trace_b ELSE trace_a END AS peer_trace,
      (own_edge >> 64)::BIGINT AS expected,
      coalesce((peer_trace >> 95)::BIGINT, 0) AS acknowledged,
      len < 2 AND flags & 7 = 0 AND place = expected - 1 AS is_keep_alive,
      len = 0 AND flags & 7 = 0 AND win > 0 AND place = expected
        AND (own_trace >> 79)::BIGINT = (ack << 16) + win AS is_repeated,
      (len > 0 OR flags & 3 <> 0) AND flags & 4 = 0 AND place < expected AND (len < 2 OR place <> expected - 1)
        AS is_behind,
      len > 0 AND flags & 4 = 0 AND acknowledged <> 0 AND ${
  ahead("acknowledged", "(seq + len)")
} >= 0 AS is_needless
    FROM watched
  ),
  noticed AS (
    SELECT *,
      ((peer_trace >> 44) & 7)::BIGINT < 4 AND (peer_trace >> 44)::HUGEINT & 1 = 0
        AND ((peer_trace >> 47) & ${LOW_32})::BIGINT = (((peer_edge >> 64)::BIGINT - 1) & ${LOW_32})
        AND (
          (peer_trace >> 45) & 3 = 0
          OR peer_trace & ${LOW_44} <>
            (${LAST_TIME} - (peer_edge & ${LOW_64}::HUGEINT)::BIGINT) & ${LOW_44}
        ) AS answers_keep_alive,
      is_repeated AND NOT coalesce(answers_keep_alive, false) AS is_duplicate,
      (is_behind OR is_needless) AND NOT coalesce(is_keep_alive, false) AS is_late
    FROM judged
    WHERE is_keep_alive OR is_repeated OR is_behind OR is_needless
  ),
  handshakes AS (
    SELECT connection,
      epoch_ns(min(first_ack_or_reset)) AS opened,
      opened - epoch_ns(CASE
        WHEN max(last_syn) < min(first_ack_or_reset) THEN max(last_syn) ELSE min(first_syn)
      END) AS round_trip
    FROM sides
    GROUP BY connection
    HAVING min(first_syn) < min(first_ack_or_reset)
  ),
  explained AS (
    SELECT noticed.*,
      CASE
        WHEN NOT is_late THEN NULL
        WHEN is_needless THEN 'spurious'
        WHEN acknowledged = seq AND ((time & ${LOW_44}) - (peer_trace & ${LOW_44})::BIGINT)
            & ${LOW_44} < ${FAST_NS}
          AND count(*) FILTER (is_duplicate) OVER (
            PARTITION BY connection,
              CASE WHEN is_late THEN side ELSE NOT side END, CASE WHEN is_late THEN seq ELSE ack END
            ${IN_ORDER} ${BEFORE}
          ) > 1 THEN 'fast'
        WHEN time - (${LAST_TIME} - (own_edge & ${LOW_64}::HUGEINT)::BIGINT)
            < CASE WHEN time > opened THEN round_trip ELSE ${REORDERED_NS} END
          AND place_after <> expected THEN 'reordered'
        ELSE 'late'
      END AS kind
    FROM noticed LEFT JOIN handshakes USING (connection)
  ),
  found AS (
    SELECT connection, side,
      sum(CASE
        WHEN kind IS NULL OR kind = 'reordered' THEN 0
        WHEN kind = 'spurious' OR place_after <= expected THEN wire
        ELSE ceil((expected - place) * wire / len)
      END) AS retransmitted,
      sum(CASE WHEN kind = 'fast' THEN wire ELSE 0 END) AS fast,
      sum(CASE WHEN kind = 'spurious' THEN wire ELSE 0 END) AS spurious,
      sum(CASE WHEN kind = 'reordered' THEN wire ELSE 0 END) AS reordered,
      count(*) FILTER (is_duplicate) AS duplicate_acks,
      count(*) FILTER (is_keep_alive) AS keep_alives
    FROM explained
    GROUP BY connection, side
  )`;
