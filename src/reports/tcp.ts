/**
 * What went wrong on the way, by direction of a TCP conversation.
 *
 * @module
 */
import { formatAmount } from "../core/quantity.ts";
import type { Gaps, TableReport } from "./report.ts";
import { TCP_SIDES } from "./tcp_flows.ts";
import { TCP_FOUND } from "./tcp_segments.ts";

/** What cannot be told of packets of which only some were kept. */
function ofAllPackets(sum: string): string {
  return `CASE WHEN max(sample_rate) = 1 THEN coalesce(sum(${sum}), 0)::HUGEINT END`;
}

function note(_: unknown, { isSampled, isLossy }: Gaps): string | null {
  if (isSampled) {
    return "not every packet was kept: retransmission, reordering, duplicate ACKs and keep-alives " +
      "are not known";
  }
  return isLossy
    ? "packets were lost in recording: some retransmissions and duplicate ACKs are missing here, and a " +
      "segment that follows a lost one can be counted as late"
    : null;
}

export const TCP: TableReport = {
  kind: "table",
  name: "tcp",
  help: "retransmission, reordering and the like by direction of a TCP conversation, and in total",
  definitions: [
    "A row is what one endpoint sent to another by TCP at one interface, over all their " +
    "connections; the row without endpoints is the total of all. `segment_count` counts wire packets: " +
    "what the kernel handles as one buffer of several segments counts as those.",
    "The rules are those of Wireshark (`tcp.analysis.*`). A segment with payload, SYN or FIN that " +
    "starts before the end of what its sender has sent so far is `retransmitted`, unless it is " +
    "reordered or a keep-alive. A segment whose payload was acknowledged before it was seen is " +
    "retransmitted as well, needlessly (`spurious_count`). It is a `fast` retransmission if it starts " +
    "where the last two or more duplicate ACKs point and comes within 20 ms of the last segment of " +
    "the receiver. It is `reordered` if it comes sooner after the segment it should have preceded than " +
    "the connection's first round trip took (3 ms where the handshake was not seen), and does not end " +
    "where that one ended.",
    "A `duplicate ACK` repeats the acknowledgment and window of its sender's last segment, " +
    "carries nothing, and has neither SYN, FIN nor RST. A `keep-alive` has at most one byte of " +
    "payload and starts one byte before what would come next; neither it nor its answer is a " +
    "retransmission or a duplicate ACK. A `zero window` is a window of 0 without SYN, FIN or RST.",
    "Differences from Wireshark: packets are taken in the order of their timestamps, and those of " +
    "one timestamp in the order of their sequence numbers, where Wireshark takes the order of the " +
    "file. A buffer of several segments of which a part was sent before counts those segments, where " +
    "Wireshark counts one. Sequence numbers of segments with RST are not looked at, nor are " +
    "fragments and segments of which the payload length is not known. That length is the one that the " +
    "IP header says; where this is more than the frame had on the wire, it is not known, and Wireshark " +
    "takes what the frame had. Wireshark takes what a sender " +
    "sends again for a fast retransmission if that sender has acknowledged what was not recorded. Of " +
    "a sampled recording, what needs every packet is empty.",
  ],
  columns: [
    { name: "interface", kind: "text" },
    { name: "source_ip", kind: "address" },
    { name: "source_port", kind: "port" },
    { name: "destination_ip", kind: "address" },
    { name: "destination_port", kind: "port" },
    { name: "packet_count", kind: "count" },
    { name: "segment_count", kind: "count" },
    { name: "total_bytes", kind: "bytes" },
    { name: "retransmitted_count", kind: "count" },
    { name: "retransmitted_share", kind: "share" },
    { name: "fast_count", kind: "count" },
    { name: "spurious_count", kind: "count" },
    { name: "reordered_count", kind: "count" },
    { name: "duplicate_ack_count", kind: "count" },
    { name: "keep_alive_count", kind: "count" },
    { name: "zero_window_count", kind: "count" },
    { name: "reset_count", kind: "count" },
  ],
  defaultLimit: 20,
  keys: ["interface", "source_ip", "destination_ip", "source_port", "destination_port"],
  sorts: ["retransmitted_count", "reordered_count", "segment_count"],
  countsOnce: true,
  sql: `
    WITH ${TCP_SIDES},
    ${TCP_FOUND}
    SELECT interface, source_ip, source_port, destination_ip, destination_port,
      sum(packet_count)::HUGEINT AS packet_count,
      sum(segment_count)::HUGEINT AS segment_count,
      sum(total_bytes)::HUGEINT AS total_bytes,
      ${ofAllPackets("retransmitted")} AS retransmitted_count,
      retransmitted_count / sum(segment_count) AS retransmitted_share,
      ${ofAllPackets("fast")} AS fast_count,
      ${ofAllPackets("spurious")} AS spurious_count,
      ${ofAllPackets("reordered")} AS reordered_count,
      ${ofAllPackets("duplicate_acks")} AS duplicate_ack_count,
      ${ofAllPackets("keep_alives")} AS keep_alive_count,
      sum(zero_window_count)::HUGEINT AS zero_window_count,
      sum(reset_count)::HUGEINT AS reset_count
    FROM sides LEFT JOIN found USING (connection, side)
    GROUP BY GROUPING SETS (
      (interface, source_ip, source_port, destination_ip, destination_port), ()
    )
    HAVING count(*) > 0`,
  cells: [
    { heading: "Source", column: "source_ip", port: "source_port", min: 14, empty: "total" },
    { heading: "Destination", column: "destination_ip", port: "destination_port", min: 14 },
    { heading: "Segments", column: "segment_count", leaveOut: "first" },
    { heading: "Retrans", column: "retransmitted_count" },
    { heading: "Reordered", column: "reordered_count", leaveOut: "first" },
    { heading: "Dup ACKs", column: "duplicate_ack_count", leaveOut: "first" },
    { heading: "Zero win", column: "zero_window_count", leaveOut: "first" },
    { heading: "Resets", column: "reset_count", leaveOut: "first" },
    { heading: "Share", column: "retransmitted_share", leaveOut: "first" },
    { heading: "Interface", column: "interface", leaveOut: "first" },
  ],
  note,
  oneSided: {
    where: `one.source_ip IS NOT NULL AND NOT EXISTS (FROM report AS other
      WHERE other.interface IS NOT DISTINCT FROM one.interface
        AND other.source_ip = one.destination_ip AND other.source_port = one.destination_port
        AND other.destination_ip = one.source_ip AND other.destination_port = one.source_port)`,
    note: (rows) =>
      `of ${
        formatAmount(rows, "row")
      } the other direction was not seen: which segments were sent again ` +
      "fast or needlessly, and which came late, is not certain there",
  },
};
