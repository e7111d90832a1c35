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
import { truncateText } from "./visible_text.ts";

/** An address is not shortened below that. */
const MIN_ADDRESS = 12;

/**
 * Describes the moment between two snapshots.
 *
 * @param previous the snapshot before, for the rates; undefined at the first
 * @param durationMs planned length of the recording in milliseconds; 0 = until interrupted
 * @param width columns of the terminal. For the busiest sender the total, the planned length and the time
 * make room, in this order; what does not fit otherwise is left out from the right
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
  const total = formatAmount(packets_captured * sampleRate, "packet");
  const planned = durationMs > 0 ? ` of ${formatDuration(durationMs / 1000)}` : "";
  const rates = [
    formatRate(packetRate, "packets"),
    formatRate(bitRate, "bit"),
    ...(sampleRate > 1 ? [`scaled up by ${formatCount(sampleRate)}`] : []),
  ];
  const share = formatShare(packets_dropped / wanted);
  const lost = packets_dropped === 0 ? "lost 0" : `lost ${formatCount(packets_dropped)} (${share})`;
  const file = `file ${formatBytes(now.fileBytes)}`;
  const senders = now.topSenders.map((sender): Sender => ({
    address: addressText(sender.address),
    // The counts of senders and of all packets are read one after the other: never above all.
    share: formatShare(Math.min(1, bytes > 0 ? sender.bytes / bytes : 0)),
  }));
  // From all that there is to what matters most.
  const heads = [
    [elapsed + planned, total, ...rates, lost, file],
    [elapsed + planned, ...rates, lost, file],
    [elapsed, ...rates, lost, file],
    [...rates, packets_dropped === 0 ? lost : `lost ${share}`, file],
  ];
  const head = heads.find((one) => leavesRoom(one, senders, width)) ?? heads.at(-1)!;
  return senders.length === 0
    ? joined(heads[0]!, width)
    : joined([...head, ...senderParts(head, senders, width)], width);
}

/** One sender, as texts. */
interface Sender {
  readonly address: string;
  readonly share: string;
}

/** Whether the busiest sender fits behind these parts. */
function leavesRoom(parts: readonly string[], senders: readonly Sender[], width: number): boolean {
  return senders.length > 0 &&
    parts.join("  ").length + 2 + senderText(senders[0]!).length <= width;
}

function senderText({ address, share }: Sender): string {
  return `${address} ${share}`;
}

/** The address of the busiest one is shortened if that lets it fit: those of IPv6 are long. */
function senderParts(head: readonly string[], senders: readonly Sender[], width: number): string[] {
  const [first, ...others] = senders;
  const room = width - head.join("  ").length - 2 - ` ${first!.share}`.length;
  const address = room < first!.address.length && room >= MIN_ADDRESS
    ? truncateText(first!.address, room, "ends")
    : first!.address;
  return [{ ...first!, address }, ...others].map(senderText);
}

/** As many parts as fit, from the left. */
function joined(parts: readonly string[], width: number): string {
  let line = parts[0]!;
  for (const part of parts.slice(1)) {
    if (line.length + 2 + part.length > width) break;
    line += `  ${part}`;
  }
  return line.slice(0, width);
}
