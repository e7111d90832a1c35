/**
 * What two attachments of a recording without a kernel have counted.
 *
 * @module
 */
import type { PlacedAttachment } from "../../src/contract/attachment.ts";
import { type PacketCounters, zeroCounters } from "../../src/contract/packet_counters.ts";

/** Both directions of one interface. */
export const FAKE_ATTACHMENTS: readonly PlacedAttachment[] = [
  { slot: 0, interface: "eth0", direction: "ingress", hook: "xdp", mode: "generic" },
  { slot: 1, interface: "eth0", direction: "egress", hook: "tcx", mode: "tcx" },
];

/** Counters of {@linkcode FAKE_ATTACHMENTS}. */
export const FAKE_COUNTERS: readonly PacketCounters[] = [
  { ...zeroCounters(), seen: 10, captured: 7, ringFull: 3, capturedBytes: 700 },
  { ...zeroCounters(), seen: 5, captured: 4, queueFull: 1, capturedBytes: 80 },
];

/** Rows that fit {@linkcode FAKE_COUNTERS}. */
export const FAKE_ROWS = 11;
