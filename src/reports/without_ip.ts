/**
 * Packets that a report by address cannot list: without an IP header there is no address.
 *
 * @module
 */
import { formatCount } from "../core/quantity.ts";
import type { Overview } from "../query/recordings.ts";

/** How many packets are missing in a report by address; null when there are none. */
export function withoutIpNote({ packets, ipPackets }: Overview): string | null {
  const count = packets - ipPackets;
  if (count <= 0n) return null;
  const subject = count === 1n
    ? "1 packet without an IP header is"
    : `${formatCount(count)} packets without an IP header are`;
  return `${subject} not listed here, but in the report "traffic"`;
}
