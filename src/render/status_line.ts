/**
 * The line that shows how a recording stands while it runs.
 *
 * @module
 */
import { addressText } from "../contract/address_text.ts";
import type { RecordingSnapshot } from "../contract/recording_report.ts";
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
} from "../core/quantity.ts";

/**
 * Describes the moment between two snapshots.
 *
 * @param previous the snapshot before, for the rates; undefined at the first
 * @param durationMs planned length of the recording in milliseconds; 0 = until interrupted
 * @param width columns of the terminal; what does not fit is left out from the right
 * @param sampleRate one packet in how many is kept: packets and rates are scaled up by it
 */
export function renderStatusLine(
  now: RecordingSnapshot,
  previous: RecordingSnapshot | undefined,
  durationMs: number,
  width: number,
  sampleRate = 1,
): string {
  const elapsed = formatDuration(Math.floor(now.elapsedMs / 1000));
  const { packets_captured, packets_dropped, bytes_captured } = now.counts;
  const wanted = now.counts.packets_seen - now.counts.packets_filtered;
  const seconds = (now.elapsedMs - (previous?.elapsedMs ?? 0)) / 1000;
  const rate = (count: number, before: number) =>
    seconds > 0 ? sampleRate * (count - before) / seconds : 0;
  const packetRate = rate(packets_captured, previous?.counts.packets_captured ?? 0);
  const bytes = bytes_captured - (previous?.counts.bytes_captured ?? 0);
  const bitRate = rate(bytes, 0) * 8;
  const parts = [
    durationMs > 0 ? `${elapsed} of ${formatDuration(durationMs / 1000)}` : elapsed,
    formatAmount(packets_captured * sampleRate, "packet"),
    formatRate(packetRate, "packets"),
    formatRate(bitRate, "bit"),
    ...(sampleRate > 1 ? [`scaled up by ${formatCount(sampleRate)}`] : []),
    packets_dropped === 0
      ? "lost 0"
      : `lost ${formatCount(packets_dropped)} (${formatShare(packets_dropped / wanted)})`,
    `file ${formatBytes(now.fileBytes)}`,
    // The counts of senders and of all packets are read one after the other: never above all.
    ...now.topSenders.map((sender) =>
      `${addressText(sender.address)} ${
        formatShare(Math.min(1, bytes > 0 ? sender.bytes / bytes : 0))
      }`
    ),
  ];
  let line = parts[0]!;
  for (const part of parts.slice(1)) {
    if (line.length + 2 + part.length > width) break;
    line += `  ${part}`;
  }
  return line.slice(0, width);
}
