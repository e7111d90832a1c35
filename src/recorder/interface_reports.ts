/**
 * What the final report says of each attachment.
 *
 * @module
 */
import type { PacketCounts } from "../contract/packet_counts.ts";
import type { InterfaceReport } from "../contract/recording_report.ts";
import type { SourceEnd } from "../sources/batch_source.ts";
import { attachmentEnds } from "./recording_metadata.ts";

/**
 * One report for each attachment, in their order.
 *
 * @param counts by number of the attachment
 */
export function interfaceReports(
  end: Pick<SourceEnd, "attachments" | "earlyEnds" | "endedNs">,
  counts: readonly PacketCounts[],
): InterfaceReport[] {
  const ends = attachmentEnds(end);
  return end.attachments.map((one, index) => ({
    name: one.interface,
    direction: one.direction,
    hook: one.hook,
    mode: one.mode,
    ...ends[index]!,
    ...counts[one.attachment]!,
  }));
}
