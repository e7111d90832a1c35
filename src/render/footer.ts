/**
 * What a reader must know to trust a table: how much of it is shown, which time it covers, and what
 * the capture lost.
 *
 * @module
 */
import { formatAmount, formatCount, formatDuration, formatShare } from "../core/quantity.ts";
import type { Completeness } from "../query/recording_facts.ts";
import type { LossInTime, Overview } from "../query/recordings.ts";
import type { Section, Trust } from "../reports/answer.ts";
import type { TableReport } from "../reports/report.ts";
import type { FooterLine } from "./footer_line.ts";
import { warning } from "./style.ts";
import type { Screen } from "./table.ts";
import { secondsBetween, timeRange } from "./timestamp.ts";
import { earlyEndLines, mismatchLine, repeatedLines, seriesGapLines } from "./trust_lines.ts";
import { displayWidth, visibleText } from "./visible_text.ts";

export type { FooterLine };

/** `10 of 1,234 rows`, or `1 row` when there is but one. */
export function rowsLine(shown: number | bigint, found: number | bigint): FooterLine {
  if (BigInt(found) === 1n) return { text: "1 row" };
  return { text: `${formatCount(shown)} of ${formatCount(found)} rows` };
}

/**
 * First to last packet with the time between, and how long was recorded; `no packets` without any.
 *
 * @param recordedSeconds null = nobody knows
 */
export function timeSpanLine(
  { firstPacket, lastPacket }: Overview,
  recordedSeconds: number | null = null,
): FooterLine {
  const recorded = recordedSeconds === null ? "" : `, ${formatDuration(recordedSeconds)} recorded`;
  if (firstPacket === null || lastPacket === null) return { text: `no packets${recorded}` };
  const duration = formatDuration(secondsBetween(firstPacket, lastPacket));
  return { text: `${timeRange(firstPacket, lastPacket)} (${duration})${recorded}` };
}

/**
 * `capture complete`, or what was lost, or that nobody knows.
 *
 * @param isPart the answer is about less than what the counters are about
 * @param inTime what was lost in the selected time, if that is known
 */
export function captureLine(
  completeness: Completeness,
  isPart = false,
  inTime: LossInTime | null = null,
): FooterLine {
  const { counters, files, filesUnknown } = completeness;
  const { dropped, drops } = inTime ?? counters;
  const seen = counters.seen - counters.filtered;
  if (filesUnknown === files) return { text: "capture loss unknown", isWarning: true };
  const unknown = filesUnknown === 0
    ? ""
    : `; loss unknown for ${formatCount(filesUnknown)} of ${formatCount(files)} files`;
  if (dropped === 0n) return { text: `capture complete${unknown}`, isWarning: filesUnknown > 0 };
  if (inTime !== null) {
    // Of how many, nobody has counted.
    const most = inTime.isCut ? "up to " : "";
    const lost = `lost ${most}${formatAmount(dropped, "packet")}${causes(drops)}`;
    return { text: `${lost}, in the selected time${unknown}`, isWarning: true };
  }
  const share = seen === 0n ? 1 : Number(dropped) / Number(seen);
  const lost = `${formatCount(dropped)} of ${formatAmount(seen, "packet")} (${formatShare(share)})`;
  const where = isPart ? ", in the whole recording" : "";
  return { text: `lost ${lost}${causes(drops)}${where}${unknown}`, isWarning: true };
}

/** A longer expression is cut in a line. */
const MAX_FILTER = 120;

/** What the recordings left out on purpose; null when nothing. */
export function filterLine(
  filters: readonly string[],
  { counters: { filtered } }: Completeness,
): FooterLine | null {
  const [first] = filters;
  if (first === undefined && filtered === 0n) return null;
  const text = first === undefined || first.length <= MAX_FILTER
    ? first
    : `${first.slice(0, MAX_FILTER)}...`;
  const what = filters.length > 1
    ? `${formatCount(filters.length)} filters, "${text}" the first`
    : (
      text === undefined ? "a filter" : `the filter "${text}"`
    );
  const count = `${formatAmount(filtered, "packet")} did not match`;
  return { text: `recorded with ${what}: ${count}`, isWarning: true };
}

/**
 * Packets that were kept, and to how many percent the number of those that they stand for is known in 19 of 20
 * cases: 196 % by the square root of it, or less (P. Phaal and S. Panchen, "Packet Sampling Basics", sflow.org).
 */
const SAMPLE_ERRORS = [[100, 20], [10_000, 2]] as const;

/** How sampling changed the numbers; null when it did not. */
export function samplingLine(rates: readonly number[]): FooterLine | null {
  const [min = 1, max = 1] = [rates[0], rates.at(-1)];
  if (max === 1) return null;
  const kept = min === max
    ? `1 packet in ${formatCount(max)}`
    : `1 packet in ${formatCount(min)} to ${formatCount(max)}, by file,`;
  const [few, many] = SAMPLE_ERRORS.map(([count, percent]) => {
    return `${formatCount(count * max)} packets to within ${percent} %`;
  });
  const text = `sampled: ${kept} was kept, packets and bytes are scaled up: ${few}, ${many}`;
  return { text, isWarning: true };
}

/** What a report says of itself; null when nothing. */
export function noteLine(
  { note }: TableReport,
  overview: Overview,
  { sampleRates, completeness }: Pick<Trust, "sampleRates" | "completeness">,
): FooterLine | null {
  const gaps = {
    isSampled: sampleRates.some((rate) => rate > 1),
    isLossy: completeness.counters.dropped > 0n,
  };
  const text = note?.(overview, gaps) ?? null;
  return text === null ? null : { text };
}

/** What rows of one side leave uncertain; null where there are none, or sampling makes all uncertain. */
export function oneSidedLine(
  { report, tally }: Pick<Section, "report" | "tally">,
  { sampleRates }: Pick<Trust, "sampleRates">,
): FooterLine | null {
  const { oneSided = 0n } = tally;
  if (oneSided === 0n || report.oneSided === undefined) return null;
  return sampleRates.some((rate) => rate > 1) ? null : { text: report.oneSided.note(oneSided) };
}

/** What the end leaves uncertain of rows that seem unanswered; null where there are none, as above. */
export function cutOffLine(
  { report, tally }: Pick<Section, "report" | "tally">,
  { sampleRates }: Pick<Trust, "sampleRates">,
): FooterLine | null {
  const { cutOff = 0n } = tally;
  if (cutOff === 0n || report.cutOff === undefined) return null;
  return sampleRates.some((rate) => rate > 1) ? null : { text: report.cutOff.note(cutOff) };
}

/** How far the numbers can be trusted. */
export async function trustLines(trust: Trust): Promise<FooterLine[]> {
  const { completeness, sampleRates, skippedFiles, earlyEnds, repeatedPackets } = trust;
  // Of no file there is nothing to say.
  const capture = completeness.files === 0
    ? null
    : captureLine(completeness, trust.selected?.isNarrower, trust.selected?.lossInTime);
  const mismatch = await trust.contentMismatch();
  // Nothing was lost of what was seen, but not all was seen, or not all is here.
  const gaps = trust.seriesGaps ?? [];
  const isPartial = (earlyEnds.length > 0 || mismatch !== null || gaps.length > 0) &&
    capture?.isWarning !== true;
  return [
    isPartial ? null : capture,
    ...earlyEndLines(earlyEnds),
    mismatchLine(mismatch),
    filterLine(trust.filters ?? [], completeness),
    ...seriesGapLines(gaps),
    samplingLine(sampleRates),
    ...repeatedLines(repeatedPackets),
    skippedLine(skippedFiles),
  ].filter((line) => line !== null);
}

/** Files that a pattern or directory led to and that could not be read; null when all could. */
function skippedLine(count: number): FooterLine | null {
  if (count === 0) return null;
  const files = count === 1 ? "1 file is" : `${formatCount(count)} files are`;
  return { text: `${files} not readable and left out`, isWarning: true };
}

/** Columns that a narrow terminal has no room for; null when all are shown. */
export function leftOutLine(headings: readonly string[]): FooterLine | null {
  if (headings.length === 0) return null;
  return { text: `no room for: ${headings.join(", ")}` };
}

/** The lines, wrapped at spaces to the width of the screen, each ended by a newline. */
export function renderFooter(lines: readonly (FooterLine | null)[], screen: Screen): string {
  return lines
    .filter((line) => line !== null)
    .flatMap(({ text, isWarning = false }) => {
      return wrap(visibleText(text), screen.width ?? Infinity)
        .map((part) => `${warning(part, screen.colour && isWarning)}\n`);
    })
    .join("");
}

function causes(drops: ReadonlyMap<string, bigint>): string {
  const named = [...drops].filter(([, count]) => count > 0n).map(([cause, count]) => {
    return { cause: cause.replaceAll("_", " "), count };
  });
  if (named.length === 0) return "";
  if (named.length === 1) return `, ${named[0]!.cause}`;
  return `: ${named.map(({ cause, count }) => `${cause} ${formatCount(count)}`).join(", ")}`;
}

/** Lines of at most `width` cells; the second and later ones are indented. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && displayWidth(longer) > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = longer;
  }
  return [...lines, line];
}
