/**
 * How many packets were seen, and what has become of them: the one form in which counts go from the
 * kernel to report and file. The names are a public contract.
 *
 * @module
 */
import { COUNTER_INDEX } from "./record_layout.ts";
import type { RowCount } from "./row_counts.ts";

/** Lost packets by cause. Every cause is always there, so that scripts can rely on the keys. */
export interface DropCounts {
  /** No room in the ring: the reader was slower than the traffic for longer than the ring is deep. */
  readonly ring_full: number;
  /** No room in the ring either, because the writer was slower than the traffic. */
  readonly queue_full: number;
  /** They came as far as the writer, which could not write them. */
  readonly not_written: number;
}

/**
 * Counts of one attachment, or of several added up. Always
 * seen = captured + dropped + sampled out + filtered.
 */
export interface PacketCounts {
  readonly packets_seen: number;
  readonly packets_captured: number;
  /** Sum over the causes. */
  readonly packets_dropped: number;
  readonly drops: DropCounts;
  readonly packets_sampled_out: number;
  readonly packets_filtered: number;
  /** Sum of `packet_length` over the captured packets. */
  readonly bytes_captured: number;
}

/**
 * Names the words of a `struct packet_counters` (bpf/event.h) that was summed over CPUs. Exact below
 * 2^53.
 */
export function decodeCounts(words: BigUint64Array): PacketCounts {
  const count = (name: keyof typeof COUNTER_INDEX) => Number(words[COUNTER_INDEX[name]]);
  // The kernel knows nothing of writing.
  const drops = {
    ring_full: count("ring_full"),
    queue_full: count("queue_full"),
    not_written: 0,
  };
  return {
    packets_seen: count("seen"),
    packets_captured: count("captured"),
    packets_dropped: drops.ring_full + drops.queue_full,
    drops,
    packets_sampled_out: count("sampled_out"),
    packets_filtered: count("filtered"),
    bytes_captured: count("captured_bytes"),
  };
}

/** The sum of `counts`, field by field. */
export function addCounts(counts: readonly PacketCounts[]): PacketCounts {
  const sum = (value: (one: PacketCounts) => number) =>
    counts.reduce((total, one) => total + value(one), 0);
  return {
    packets_seen: sum((one) => one.packets_seen),
    packets_captured: sum((one) => one.packets_captured),
    packets_dropped: sum((one) => one.packets_dropped),
    drops: {
      ring_full: sum(({ drops }) => drops.ring_full),
      queue_full: sum(({ drops }) => drops.queue_full),
      not_written: sum(({ drops }) => drops.not_written),
    },
    packets_sampled_out: sum((one) => one.packets_sampled_out),
    packets_filtered: sum((one) => one.packets_filtered),
    bytes_captured: sum((one) => one.bytes_captured),
  };
}

/** What `counts` have that `others` have not, field by field. */
export function withoutCounts(counts: PacketCounts, others: PacketCounts): PacketCounts {
  return {
    packets_seen: counts.packets_seen - others.packets_seen,
    packets_captured: counts.packets_captured - others.packets_captured,
    packets_dropped: counts.packets_dropped - others.packets_dropped,
    drops: {
      ring_full: counts.drops.ring_full - others.drops.ring_full,
      queue_full: counts.drops.queue_full - others.drops.queue_full,
      not_written: counts.drops.not_written - others.drops.not_written,
    },
    packets_sampled_out: counts.packets_sampled_out - others.packets_sampled_out,
    packets_filtered: counts.packets_filtered - others.packets_filtered,
    bytes_captured: counts.bytes_captured - others.bytes_captured,
  };
}

/** `counts` of an attachment, some of whose captured packets were lost on their way to the file. */
export function withoutUnwritten(counts: PacketCounts, [rows, bytes]: RowCount): PacketCounts {
  return {
    ...counts,
    packets_captured: counts.packets_captured - rows,
    packets_dropped: counts.packets_dropped + rows,
    drops: { ...counts.drops, not_written: counts.drops.not_written + rows },
    bytes_captured: counts.bytes_captured - bytes,
  };
}
