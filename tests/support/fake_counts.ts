/**
 * What two attachments of a recording without a kernel have counted.
 *
 * @module
 */
import type { PlacedAttachment } from "../../src/contract/attachment.ts";
import type { PacketCounts } from "../../src/contract/packet_counts.ts";

/** The counters of the kernel that are not 0. */
export interface Counted {
  readonly seen?: number;
  readonly captured?: number;
  readonly capturedBytes?: number;
  readonly sampledOut?: number;
  readonly filtered?: number;
  readonly ringFull?: number;
  readonly queueFull?: number;
}

/** The counts that these make. */
export function countsOf(counted: Counted): PacketCounts {
  const { ringFull = 0, queueFull = 0 } = counted;
  return {
    packets_seen: counted.seen ?? 0,
    packets_captured: counted.captured ?? 0,
    packets_dropped: ringFull + queueFull,
    drops: { ring_full: ringFull, queue_full: queueFull, not_written: 0 },
    packets_sampled_out: counted.sampledOut ?? 0,
    packets_filtered: counted.filtered ?? 0,
    bytes_captured: counted.capturedBytes ?? 0,
  };
}

/** Both directions of one interface. */
export const FAKE_ATTACHMENTS: readonly PlacedAttachment[] = [
  { attachment: 0, interface: "eth0", direction: "ingress", hook: "xdp", mode: "generic" },
  { attachment: 1, interface: "eth0", direction: "egress", hook: "tcx", mode: "tcx" },
];

/** Counts of {@linkcode FAKE_ATTACHMENTS}. */
export const FAKE_COUNTS: readonly PacketCounts[] = [
  countsOf({ seen: 10, captured: 7, ringFull: 3, capturedBytes: 700 }),
  countsOf({ seen: 5, captured: 4, queueFull: 1, capturedBytes: 80 }),
];

/** Rows that fit {@linkcode FAKE_COUNTS}. */
export const FAKE_ROWS = 11;
