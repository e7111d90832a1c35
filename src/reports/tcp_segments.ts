/**
 * SQL that finds retransmissions, reordering, duplicate acknowledgments and keep-alives: the rules of
 * Wireshark ("TCP Analysis" in its User's Guide), which a row of a window can tell by what both
 * sides sent before it.
 *
 * @module
 */
import { ahead, BEFORE } from "./tcp_flows.ts";

/** From the User's Guide: a retransmission is fast this soon after the last acknowledgment. */
const FAST_NS = 20_000_000;
/** And this is too early for one where the round-trip time is not known. */
const REORDERED_NS = 3_000_000;

/** All sequence numbers; the ranges of places are multiples of it. */
const BLOCK = 2 ** 32;

/** Stands for what a sender has not sent yet: no acknowledgment, no time, and no keep-alive. */
const NOTHING = -2;

/** What is remembered of both senders: its name, the value, and of which of their segments. */
const MEMORIES = [
  ["memory", "memory", "true"],
  ["time", "time", "true"],
  ["reached", "time", "is_farther"],
] as const;

/**
 * The last values of either sender up to a row; `NOTHING` if it has sent none in this connection. One
 * at a time: DuckDB 1.5.5 mixes up two LAST_VALUE of one SELECT that are computed while rows pass by.
 */
const REMEMBERED = MEMORIES.flatMap(([name, value, isKept]) =>
  [["a", "side"], ["b", "NOT side"]].map(([sender, isSender]) => ({
    column: `${name}_${sender}`,
    kept: `CASE WHEN ${isSender} AND ${isKept} THEN ${value} WHEN is_first THEN ${NOTHING} END`,
  }))
).map(({ column, kept }, index, all) =>
  `remembering_${column} AS NOT MATERIALIZED (
    SELECT *,
      last_value(${kept} IGNORE NULLS) OVER (ROWS UNBOUNDED PRECEDING) AS ${column}
    FROM ${index === 0 ? "expecting" : `remembering_${all[index - 1]!.column}`}
  )`
).join(",\n  ");

/**
 * Common table expressions behind `TCP_SIDES`; the last is `found`: `connection`, `side` and the counts.
 *
 * All segments are put in order once, those of a connection together, and then looked at one after the
 * other: a window that has neither PARTITION BY nor ORDER BY is computed while rows pass by in the order of
 * the subquery, without keeping any, in a tenth of the time ("Order Preservation" in DuckDB's
 * documentation). What it knows may be of the connection before:
 *
 * - Each connection has a range of places of its own, above those before it. Where another connection has
 *   got to is below all of them, as if nothing had been sent.
 * - The first segment of a connection wipes out what is remembered of both senders.
 *
 * Such a window ends with the row itself. What its sender had done before it is what the row in front of
 * it knows; what the peer had done is not changed by it.
 */
export const TCP_FOUND = `
  ranges AS MATERIALIZED (
    SELECT connection,
      (sum(blocks) OVER (ROWS UNBOUNDED PRECEDING) - blocks)::BIGINT * ${BLOCK} AS range_start,
      range_start - first_block * ${BLOCK} AS shift
    FROM (
      SELECT connection,
        coalesce(min(lowest_place) // ${BLOCK} - 1, 0) AS first_block,
        coalesce(max(highest_place) // ${BLOCK} + 1, 0) - first_block + 2 AS blocks
      FROM sides
      GROUP BY connection
    )
  ),
  placed AS NOT MATERIALIZED (
    SELECT range_start, side, place, tie, wire,
      place + len + (flags & 3 <> 0)::BIGINT AS place_after,
      epoch_ns(timestamp) AS time,
      ((ack << 16) + win) * 2 AS answer,
      len::UINTEGER AS payload,
      flags & 7 = 0 AS is_plain,
      flags & 4 <> 0 AS is_reset
    FROM (
      SELECT range_start, sender < receiver AS side, seq + shift AS place,
        timestamp, tie, ack, win, len, wire, flags
      FROM segments JOIN ranges ON xor(sender, receiver) = connection
      UNION ALL
      SELECT range_start, side, place + shift, timestamp, tie, ack, win, len, wire, flags
      FROM numbered JOIN ranges USING (connection)
    )
    WHERE len IS NOT NULL
  ),
  reached AS NOT MATERIALIZED (
    SELECT *,
      coalesce(range_start <> lag(range_start) OVER (), true) AS is_first,
      max(place_after) FILTER (side AND NOT is_reset) OVER so_far AS reach_a,
      max(place_after) FILTER (NOT side AND NOT is_reset) OVER so_far AS reach_b
    FROM (SELECT * FROM placed ORDER BY range_start, time, tie)
    WINDOW so_far AS (ROWS UNBOUNDED PRECEDING)
  ),
  expecting AS NOT MATERIALIZED (
    SELECT * EXCLUDE (reach_a, reach_b),
      CASE WHEN side THEN lag(reach_a) OVER () ELSE lag(reach_b) OVER () END AS expected,
      NOT is_reset AND (expected IS NULL OR place_after > expected) AS is_farther,
      is_plain AND payload < 2 AND coalesce(place = expected - 1, false) AS is_keep_alive,
      answer + is_keep_alive::BIGINT AS memory
    FROM reached
  ),
  ${REMEMBERED},
  judged AS NOT MATERIALIZED (
    SELECT * EXCLUDE (
        memory, memory_a, memory_b, time_a, time_b, reached_a, reached_b
      ),
      place & ${BLOCK - 1} AS seq,
      CASE WHEN is_first THEN ${NOTHING} WHEN side THEN lag(memory_a) OVER () ELSE lag(memory_b) OVER () END
        AS own_memory,
      CASE WHEN side THEN lag(reached_a) OVER () ELSE lag(reached_b) OVER () END AS own_time,
      CASE WHEN side THEN memory_b ELSE memory_a END AS peer_memory,
      CASE WHEN side THEN time_b ELSE time_a END AS peer_time,
      greatest(peer_memory, 0) >> 17 AS acknowledged,
      is_plain AND payload = 0 AND place = expected AND own_memory >> 1 = answer >> 1
        AND answer & ${(2 ** 16 - 1) * 2} > 0 AS is_repeated,
      place < expected AND place_after > place AND NOT is_reset
        AND (payload < 2 OR place <> expected - 1) AS is_behind,
      payload > 0 AND NOT is_reset AND acknowledged <> 0 AND ${
  ahead("acknowledged", "(seq + payload)")
} >= 0 AS is_needless
    FROM remembering_reached_b
  ),
  noticed AS (
    SELECT *,
      is_repeated AND peer_memory & 1 = 0 AS is_duplicate,
      (is_behind OR is_needless) AND NOT is_keep_alive AS is_late
    FROM judged JOIN ranges USING (range_start)
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
        WHEN acknowledged = seq AND time - peer_time < ${FAST_NS}
          AND count(*) FILTER (is_duplicate) OVER (
            PARTITION BY connection,
              CASE WHEN is_late THEN side ELSE NOT side END, CASE WHEN is_late THEN seq ELSE answer >> 17 END
            ORDER BY time, tie ${BEFORE}
          ) > 1 THEN 'fast'
        WHEN time - own_time < CASE WHEN time > opened THEN round_trip ELSE ${REORDERED_NS} END
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
        ELSE ceil((expected - place) * wire / payload)
      END) AS retransmitted,
      sum(CASE WHEN kind = 'fast' THEN wire ELSE 0 END) AS fast,
      sum(CASE WHEN kind = 'spurious' THEN wire ELSE 0 END) AS spurious,
      sum(CASE WHEN kind = 'reordered' THEN wire ELSE 0 END) AS reordered,
      count(*) FILTER (is_duplicate) AS duplicate_acks,
      count(*) FILTER (is_keep_alive) AS keep_alives
    FROM explained
    GROUP BY connection, side
  )`;
