/**
 * What the final report says of each attachment.
 *
 * @module
 */
import type { PlacedAttachment } from "../contract/attachment.ts";
import type { PacketCounts } from "../contract/packet_counts.ts";
import type { InterfaceReport } from "../contract/recording_report.ts";

/**
 * One report for each attachment, in their order.
 *
 * @param counts by number of the attachment
 */
export function interfaceReports(
  attachments: readonly PlacedAttachment[],
  counts: readonly PacketCounts[],
): InterfaceReport[] {
  return attachments.map((one) => ({
    name: one.interface,
    direction: one.direction,
    hook: one.hook,
    mode: one.mode,
    ...counts[one.attachment]!,
  }));
}
