/**
 * SQL that the reports on TCP have in common: packets as segments of connections.
 *
 * Most connections are told apart by their endpoints alone, so that grouping suffices and nothing is
 * put in order. Where it does not, a conversation is *intricate*: its endpoints were used again for
 * another connection, its sequence numbers pass zero, or its packets were seen going out and coming in
 * at one interface. The groups tell which conversations these are, and only their packets are sorted.
 *
 * @module
 */

/** Conditions on the flags of a segment: RFC 9293, 3.1. `SYN` is one without ACK. */
const SYN = "flags & 18 = 2";
const SYN_ACK = "flags & 18 = 18";
const ACK = "flags & 22 = 16";
const ACK_OR_RESET = "flags & 18 = 16";
const RST = "flags & 4 <> 0";
const FIN = "flags & 1 <> 0";

/** Half of the sequence numbers: what is farther ahead is behind (RFC 9293, 3.4). */
const HALF = 2 ** 31;
/** All bits of a sequence number. */
const MASK = 2 ** 32 - 1;

const ENDPOINTS = "source_ip, source_port, destination_ip, destination_port";

/**
 * The order of segments. Of those with one timestamp, the ones that both sides have got farther with
 * are later: an answer acknowledges what it answers. A key of 32 bits costs a tenth less than one of 64.
 */
const IN_ORDER = "ORDER BY timestamp, tie";

/** Segments before this one. */
export const BEFORE = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";

/** SQL for how far the sequence number `one` is ahead of `other`; below zero if it is behind. */
export function ahead(one: string, other: string): string {
  return `((${one} - ${other} + ${HALF}) & ${MASK}) - ${HALF}`;
}

/** What grouping says of the segments that one endpoint sent to another. */
const TOTALS = `
      count(*) AS row_count,
      sum_packets(sample_rate) AS packet_count,
      sum_bytes(packet_length, sample_rate) AS total_bytes,
      sum_bytes(wire, sample_rate) AS segment_count,
      max(sample_rate) AS sample_rate,
      min(timestamp) AS first_seen,
      max(timestamp) AS last_seen,
      sum_packets_with(CASE WHEN ${SYN} THEN 1 END, sample_rate) AS syn_count,
      min(timestamp) FILTER (${SYN}) AS first_syn,
      max(timestamp) FILTER (${SYN}) AS last_syn,
      min(timestamp) FILTER (${SYN_ACK}) AS first_syn_ack,
      min(timestamp) FILTER (${ACK}) AS first_ack,
      min(timestamp) FILTER (${ACK_OR_RESET}) AS first_ack_or_reset,
      min(timestamp) FILTER (${FIN}) AS first_fin,
      min(timestamp) FILTER (${RST}) AS first_reset,
      sum_packets_with(CASE WHEN ${RST} THEN 1 END, sample_rate) AS reset_count,
      sum_packets_with(CASE WHEN win = 0 AND flags & 7 = 0 THEN 1 END, sample_rate)
        AS zero_window_count`;

/**
 * Common table expressions:
 *
 * - `segments`: each TCP packet, with numbers for its two endpoints at its interface.
 * - `intricate`: numbers of the conversations whose packets must be put in order.
 * - `numbered`: their segments, with `connection`, and `place`, the sequence number without wraps.
 * - `sides`: one row for each sender of each connection: `connection`, `side`, the endpoints, and the
 *   totals.
 *
 * Where an interface shows the packets of a sender both going out and coming in, as loopback does, the
 * direction with more of them counts.
 */
export const TCP_SIDES = `
  segments AS NOT MATERIALIZED (
    SELECT interface, direction, ${ENDPOINTS}, sample_rate, timestamp, packet_length,
      greatest(segments, 1) AS wire,
      tcp_flags AS flags,
      coalesce(tcp_sequence, 0)::BIGINT AS seq,
      coalesce(tcp_acknowledgment, 0)::BIGINT AS ack,
      coalesce(tcp_window, 0) AS win,
      CASE WHEN NOT coalesce(is_fragment, false) THEN payload_length::BIGINT END AS len,
      (((seq + ack) & ${HALF - 1}) * 2 + (coalesce(len, 0) > 0)::BIGINT)::UINTEGER AS tie,
      hash(interface, source_ip, source_port) AS sender,
      hash(interface, destination_ip, destination_port) AS receiver
    FROM packets
    WHERE tcp_flags IS NOT NULL
  ),
  flows AS MATERIALIZED (
    SELECT *,
      xor(sender, receiver) AS conversation,
      sender < receiver AS side,
      row_number() OVER (PARTITION BY sender, receiver ORDER BY row_count DESC, direction) = 1
        AS is_counted
    FROM (
      SELECT interface, direction, ${ENDPOINTS},
        hash(interface, source_ip, source_port) AS sender,
        hash(interface, destination_ip, destination_port) AS receiver,
        max(seq) FILTER (${SYN}) <> min(seq) FILTER (${SYN}) AS has_several_syns,
        coalesce(max(seq) FILTER (NOT ${RST}) - min(seq) FILTER (NOT ${RST}), 0) AS span,
        ${TOTALS}
      FROM segments
      GROUP BY interface, direction, ${ENDPOINTS}
    )
  ),
  intricate AS MATERIALIZED (
    SELECT conversation
    FROM flows
    GROUP BY conversation
    HAVING NOT bool_and(is_counted)
      OR max(span) >= ${HALF}
      OR bool_or(has_several_syns)
      OR count(first_syn) > 1
      OR max(first_syn) > min(first_seen)
      OR max(last_syn) > min(least(first_fin, first_reset))
  ),
  counted AS MATERIALIZED (
    SELECT sender, receiver, direction, conversation, side
    FROM flows SEMI JOIN intricate USING (conversation)
    WHERE is_counted
  ),
  compared AS (
    SELECT segments.*, conversation, side,
      last_value(CASE WHEN NOT ${RST} THEN seq END IGNORE NULLS) OVER mine AS seq_before,
      lag(seq) OVER (PARTITION BY conversation, side ${IN_ORDER}) AS sent_before,
      last_value(CASE WHEN ${SYN} THEN seq END IGNORE NULLS) OVER mine AS syn_before,
      last_value(CASE WHEN flags & 16 <> 0 AND side THEN ack END IGNORE NULLS) OVER both_sides
        AS one_ack,
      last_value(CASE WHEN flags & 16 <> 0 AND NOT side THEN ack END IGNORE NULLS) OVER both_sides
        AS other_ack,
      coalesce(${ahead("seq", "seq_before")}, seq + 2 * ${MASK + 1}) AS step,
      ${SYN} AND CASE
        WHEN syn_before IS NOT NULL THEN seq <> syn_before
        WHEN sent_before IS NOT NULL THEN ${ahead("sent_before", "seq")} <> 1
        WHEN side THEN coalesce(${ahead("other_ack", "seq")} <> 1, false)
        ELSE coalesce(${ahead("one_ack", "seq")} <> 1, false)
      END AS is_opening
    FROM segments JOIN counted
      ON segments.sender = counted.sender AND segments.receiver = counted.receiver
        AND segments.direction IS NOT DISTINCT FROM counted.direction
    WINDOW
      mine AS (PARTITION BY conversation, side ${IN_ORDER} ${BEFORE}),
      both_sides AS (PARTITION BY conversation ${IN_ORDER} ${BEFORE})
  ),
  numbered AS (
    SELECT *,
      hash(conversation, sum(is_opening::INTEGER) OVER (
        PARTITION BY conversation ${IN_ORDER} ROWS UNBOUNDED PRECEDING
      )) AS connection,
      (sum(CASE WHEN ${RST} THEN 0 ELSE step END) OVER (
        PARTITION BY conversation, side ${IN_ORDER} ROWS UNBOUNDED PRECEDING
      ) + CASE WHEN ${RST} THEN step ELSE 0 END)::BIGINT AS place
    FROM compared
  ),
  sides AS MATERIALIZED (
    SELECT conversation AS connection, * EXCLUDE (
      direction, sender, receiver, conversation, has_several_syns, span, is_counted
    )
    FROM flows ANTI JOIN intricate USING (conversation)
    UNION ALL BY NAME
    SELECT connection, side, interface, ${ENDPOINTS},
      min(place) AS lowest_place,
      max(place) AS highest_place,
      ${TOTALS}
    FROM numbered
    GROUP BY connection, side, interface, ${ENDPOINTS}
  )`;
