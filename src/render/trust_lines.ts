/**
 * Lines about what a recording did not see, or saw more than once.
 *
 * @module
 */
import { formatAmount, formatCount } from "../core/quantity.ts";
import { interfaceGaps } from "../contract/interface_event.ts";
import type { EarlyEnd, RepeatedPackets } from "../query/recording_span.ts";
import type { ContentMismatch } from "../query/content_check.ts";
import type { RecordingReport } from "../contract/recording_report.ts";
import type { SeriesGap } from "../query/series_place.ts";
import type { FooterLine } from "./footer_line.ts";

/** Why a part of a recording ends, in words. */
const END_REASONS: Readonly<Record<string, string>> = {
  interface_gone: "the interface disappeared",
  never_came: "the interface never came",
  detached: "somebody detached the program",
  crashed: "the recorder was killed, and what it lost is not known",
};

/** More names than these do not fit a line. */
const MAX_NAMED = 6;

/** `eth0 egress ended early at 2026-11-23 13:54:10.000 UTC: somebody detached the program`. */
export function earlyEndLines(ends: readonly EarlyEnd[]): FooterLine[] {
  const lines = ends.slice(0, MAX_NAMED).map((end) => ({
    text: earlyEndText(end),
    isWarning: true,
  }));
  if (ends.length <= MAX_NAMED) return lines;
  const rest = formatCount(ends.length - MAX_NAMED);
  return [...lines, { text: `${rest} more ended early`, isWarning: true }];
}

/** The same of a recording that has just ended. */
export function earlyEndsOf(
  { interfaces, interface_events }: Pick<RecordingReport, "interfaces" | "interface_events">,
): FooterLine[] {
  const gaps = interfaceGaps(interface_events);
  return earlyEndLines(interfaces.flatMap(({ name, direction, ended, end_reason: reason }) => [
    ...gaps.filter((gap) => gap.interface === name).map(({ from, to }) => {
      return { interface: name, direction, ended: from, reason: "interface_gone", until: to };
    }),
    ...reason === "stopped" ? [] : [{ interface: name, direction, ended, reason }],
  ]));
}

/** Files that do not hold what their recorder counted; null when all do. */
export function mismatchLine(mismatch: ContentMismatch | null): FooterLine | null {
  if (mismatch === null) return null;
  const { files, label, counted, found } = mismatch;
  const more = files > 1
    ? `, and so ${files === 2 ? "is 1 file" : `are ${formatCount(files - 1)} files`} more`
    : "";
  // Where a part is selected, nobody looked at the bytes.
  const bytes = (count: bigint) => found.bytes === null ? "" : ` with ${formatCount(count)} bytes`;
  const has = `${formatAmount(found.packets, "packet")}${bytes(found.bytes ?? 0n)}`;
  const recorded = `${formatCount(counted.packets)}${bytes(counted.bytes)}`;
  const text = `"${label}" was changed or is damaged${more}: it has ${has}, but ${recorded} ` +
    "were recorded";
  return { text, isWarning: true };
}

/** What is missing between files of one recording. */
export function seriesGapLines(gaps: readonly SeriesGap[]): FooterLine[] {
  const lines = gaps.slice(0, MAX_NAMED).map((gap) => ({ text: gapText(gap), isWarning: true }));
  if (gaps.length <= MAX_NAMED) return lines;
  const rest = formatCount(gaps.length - MAX_NAMED);
  return [...lines, { text: `${rest} more gaps between files`, isWarning: true }];
}

function gapText({ missing, before, packets }: SeriesGap): string {
  if (missing === null) {
    const what = packets === null
      ? ""
      : packets > 0
      ? `: ${formatAmount(packets, "packet")} are in neither`
      : `: ${formatAmount(-packets, "packet")} are in both`;
    return `file ${formatCount(before)} of a recording does not follow from the one before${what}`;
  }
  const { first, last } = missing;
  const which = first === last
    ? `file ${formatCount(first)} of a recording is missing`
    : `files ${formatCount(first)} to ${formatCount(last)} of a recording are missing`;
  return packets === null ? which : `${which}, with ${formatAmount(packets, "packet")}`;
}

/** Packets that count more than once. */
export function repeatedLines(
  { recordedTwice, loopback, several, unnamed = false }: RepeatedPackets,
): FooterLine[] {
  const lines: FooterLine[] = [];
  if (recordedTwice.length > 0) {
    const text = `${named(recordedTwice)} recorded by several files at one time: ` +
      "their packets count more than once";
    lines.push({ text, isWarning: true });
  }
  if (unnamed) {
    const text = "files that do not say what they recorded have packets of one time: " +
      "a packet that is in several of them counts more than once";
    lines.push({ text, isWarning: true });
  }
  if (loopback) {
    const text = "lo in both directions: each of its packets counts twice, going out and coming in";
    lines.push({ text, isWarning: true });
  }
  if (several.length > 0) {
    lines.push({ text: `a packet that passes several of ${named(several)} counts at each` });
  }
  return lines;
}

function earlyEndText({ interface: name, direction, ended, reason, until }: EarlyEnd): string {
  const why = END_REASONS[reason] ?? reason.slice(0, 40);
  if (until !== undefined) {
    const from = ended === null ? "" : ` from ${momentText(ended)}`;
    return `${name} ${direction} was not recorded${from} to ${momentText(until)} UTC: ${why}`;
  }
  if (reason === "never_came") return `${name} ${direction} was not recorded: ${why}`;
  const at = ended === null ? "" : ` at ${momentText(ended)} UTC`;
  return `${name} ${direction} ended early${at}: ${why}`;
}

function momentText(time: string): string {
  return time.slice(0, 23).replace("T", " ");
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).join(", ");
  return names.length > MAX_NAMED
    ? `${shown} and ${formatCount(names.length - MAX_NAMED)} more`
    : shown;
}
