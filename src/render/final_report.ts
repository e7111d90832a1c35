/**
 * The report at the end of a recording, for people. Scripts use `--json`.
 *
 * @module
 */
import type { RecordingReport } from "../contract/recording_report.ts";
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
} from "../core/quantity.ts";
import { earlyEndsOf } from "./trust_lines.ts";
import { visibleText } from "./visible_text.ts";

/** Causes of loss that the kernel has counted. */
type KernelCause = Exclude<keyof RecordingReport["drops"], "not_written">;

/** What each of them means, and what to change. */
const KERNEL_CAUSES: Readonly<Record<KernelCause, string>> = {
  ring_full: `ring full: try a larger "--buffer", "--sample" or one "--direction"`,
  queue_full: `queue full, the output is too slow: try another disk, or "--sample"`,
};

/** The same of a queue that is full because there is so much text to write. */
const ADDRESS_FLOOD =
  `queue full, new addresses in most packets are slow to write: try a filter, or "--sample"`;

/** New addresses for each row that make it slow: a row has four addresses. */
const FLOOD_SHARE = 0.25;

function isAddressFlood(
  { new_addresses: added = 0, rows_written: rows }: RecordingReport,
): boolean {
  return added > FLOOD_SHARE * rows;
}

/**
 * The report as lines: tcpdump's three first, because scripts look for them, then where the rest
 * went.
 */
export function renderFinalReport(report: RecordingReport): string[] {
  return [
    ...packetLines(report),
    ...report.interfaces.map((one) => interfaceLine(one, report.sample_rate)),
    ...renderEarlyEnds(report),
    trafficLine(report),
    ...fileLines(report),
  ];
}

/** What became of the packets. */
function packetLines(report: RecordingReport): string[] {
  const { packets_captured: captured, packets_dropped: dropped, packets_seen: seen } = report;
  const { not_written: notWritten } = report.drops;
  const lines = [
    `${captured} ${plural(captured)} captured`,
    `${captured + dropped} ${plural(captured + dropped)} received by filter`,
    `${dropped - notWritten} ${plural(dropped - notWritten)} dropped by kernel`,
  ];
  for (const [cause, meaning] of Object.entries(KERNEL_CAUSES)) {
    const count = report.drops[cause as KernelCause];
    if (count === 0) continue;
    const share = formatShare(count / (seen - report.packets_filtered));
    const isFlood = cause === "queue_full" && isAddressFlood(report);
    lines.push(`  ${formatCount(count)} ${isFlood ? ADDRESS_FLOOD : meaning} (${share})`);
  }
  if (report.filter !== "") {
    const { packets_filtered: filtered } = report;
    lines.push(
      `filter "${visibleText(report.filter)}": ${
        formatAmount(seen - filtered, "packet")
      } matched, ${formatCount(filtered)} did not`,
    );
  }
  if (notWritten > 0) {
    const share = formatShare(notWritten / seen);
    lines.push(`${formatAmount(notWritten, "packet")} not written, the output failed (${share})`);
  }
  if (report.sample_rate > 1) {
    lines.push(
      `1 packet in ${formatCount(report.sample_rate)} kept, ${
        formatCount(report.packets_sampled_out)
      } sampled out`,
    );
  }
  return lines;
}

function interfaceLine(one: RecordingReport["interfaces"][number], rate: number): string {
  const { name, direction, packets_captured: captured, packets_dropped: dropped } = one;
  const bytes = formatBytes(one.bytes_captured * rate);
  const size = rate > 1 ? `stand for ${formatCount(captured * rate)} packets, ${bytes}` : bytes;
  return `${visibleText(name)} ${direction}: ${formatCount(captured)} captured, ${
    formatCount(dropped)
  } dropped, ${size}`;
}

function trafficLine(report: RecordingReport): string {
  const { sample_rate: rate, duration_seconds: seconds } = report;
  const bytes = report.bytes_captured * rate;
  return `${formatBytes(bytes)} of traffic in ${formatDuration(seconds)}, ${
    formatRate(perSecond(report.packets_captured * rate, seconds), "packets")
  }, ${formatRate(perSecond(bytes * 8, seconds), "bit")}${
    rate > 1 ? `, scaled up by ${formatCount(rate)}` : ""
  }`;
}

/** Where the rows are. A live view may write nothing. */
function fileLines(report: RecordingReport): string[] {
  if (report.output === "") return [];
  const rows = formatAmount(report.rows_written, "row");
  const place = `${filesOf(report)}"${visibleText(report.output)}"`;
  // Even a file without rows has a footer.
  const isMade = report.file_bytes > 0 || report.files !== undefined;
  const size = formatBytes(report.file_bytes);
  return [isMade ? `${rows} in ${place}, ${size}` : `${rows} written, but not to ${place}`];
}

function filesOf({ files }: RecordingReport): string {
  return files === undefined ? "" : `${formatAmount(files, "file")} in `;
}

/** A line for each attachment that ended before the recording, or for a while. */
export function renderEarlyEnds(
  report: Pick<RecordingReport, "interfaces" | "interface_events">,
): string[] {
  return earlyEndsOf(report).map(({ text }) => visibleText(text));
}

/**
 * The line that says that the wanted number of packets did not come.
 *
 * @param count packets after which the recording was to stop; null = there was no such limit
 */
export function renderCountMissed(
  { packets_captured: captured }: Pick<RecordingReport, "packets_captured">,
  count: number | null,
): string[] {
  if (count === null || captured >= count) return [];
  return [
    `ended before the ${formatAmount(count, "packet")} of "--count": ${formatCount(captured)} came`,
  ];
}

function plural(count: number): string {
  return count === 1 ? "packet" : "packets";
}

function perSecond(count: number, seconds: number): number {
  return seconds > 0 ? count / seconds : 0;
}
