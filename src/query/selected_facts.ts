/**
 * What the files say about themselves, as far as a selection is about it.
 *
 * @module
 */
import { type TimeRange, union } from "../parquet/footer_outline.ts";
import { type FileLosses, selectedLosses } from "./loss_intervals.ts";
import { type AttachmentFacts, type CaptureCounters, completeness } from "./recording_facts.ts";
import type { RecordingSpan, View } from "./recording_span.ts";
import { isEverything, type Selection } from "./selection.ts";
import type { TimeWindow } from "./time_window.ts";

/** What one file says. */
export interface FileFacts {
  /** Rows of the file. */
  readonly rows: number;
  /** Times of the first and the last of them by its statistics; null = it does not say. */
  readonly times: TimeRange | null;
  /** Rows with an address by its statistics; null = it does not say. */
  readonly addresses: number | null;
  readonly counters: CaptureCounters | null;
  readonly attachments: readonly AttachmentFacts[];
  readonly span: RecordingSpan;
  /** When what was lost. */
  readonly losses: FileLosses;
}

const NS_PER_MS = 1_000_000n;

/** Names of directions in files. */
const DIRECTIONS = { in: "ingress", out: "egress" } as const;

/** The direction of a selection as files name it; null = both. */
export function selectedDirection({ direction }: Selection): "ingress" | "egress" | null {
  return direction === null ? null : DIRECTIONS[direction];
}

/** From the start of the first recording to the end of the last; null = nobody knows. */
export function recordedRange(files: readonly FileFacts[]): TimeRange | null {
  const ranges = files.map(fileRange).filter((range) => range !== null);
  if (ranges.length === 0) return null;
  return ranges.reduce(union);
}

/** Whether a file may have packets of a time, or was recorded in it. */
export function overlaps(file: FileFacts, { from, to }: TimeWindow): boolean {
  const range = fileRange(file);
  if (range === null || (file.rows > 0 && file.times === null)) return true;
  return (from === null || range.last >= from) && (to === null || range.first < to);
}

/**
 * When something that was recorded and selected ended, unless another file went on: what came in the last
 * moments may have had consequences that nobody saw. In nanoseconds since 1970; of a file that does not say
 * when it was recorded, the last packet.
 *
 * @param leastNs what goes on for less than that has not gone on
 */
export function recordedEnds(
  files: readonly FileFacts[],
  { from, to }: TimeWindow,
  leastNs: bigint,
): bigint[] {
  const ranges = files.map(fileRange).filter((range) => range !== null)
    .map(({ first, last }) => ({
      first: from !== null && from > first ? from : first,
      last: to !== null && to < last ? to : last,
    }))
    .sort((one, other) => one.first < other.first ? -1 : 1);
  const ends: bigint[] = [];
  let end: bigint | null = null;
  for (const { first, last } of ranges) {
    // There may be a moment between files of one recording.
    if (end !== null && first > end + leastNs) ends.push(end);
    if (end === null || last > end) end = last;
  }
  return end === null ? ends : [...ends, end];
}

/**
 * The facts of the selected part of a file; null if the file recorded no interface and direction that is
 * selected. Counters are those of the whole time, losses those of the selected one.
 */
export function selectedFacts<Facts extends FileFacts>(
  file: Facts,
  selection: Selection,
  window: TimeWindow,
): Facts | null {
  if (isEverything(selection)) return file;
  const isSelected = viewFilter(selection);
  const attachments = file.attachments.filter(isSelected);
  if (attachments.length === 0 && file.attachments.length > 0) return null;
  return {
    ...file,
    attachments,
    counters: attachments.length === file.attachments.length
      ? file.counters
      : sumOf(attachments) ?? file.counters,
    span: selectedSpan(file.span, isSelected, window),
    losses: selectedLosses(file.losses, isSelected, window),
  };
}

function viewFilter(selection: Selection): (view: View) => boolean {
  const wanted = selectedDirection(selection);
  const { interfaces } = selection;
  return ({ interface: name, direction }) =>
    (wanted === null || direction === wanted) &&
    (interfaces.length === 0 || name !== null && interfaces.includes(name));
}

/** Null if one does not say. */
function sumOf(attachments: readonly AttachmentFacts[]): CaptureCounters | null {
  if (attachments.some(({ counters }) => counters === null)) return null;
  return completeness(attachments.map(({ counters }) => counters)).counters;
}

function selectedSpan(
  span: RecordingSpan,
  isSelected: (view: View) => boolean,
  { from, to }: TimeWindow,
): RecordingSpan {
  const kept = {
    ...span,
    views: span.views.filter(isSelected),
    earlyEnds: span.earlyEnds.filter((end) => {
      return isSelected(end) && (to === null || end.ended === null || nanoseconds(end.ended) < to);
    }),
  };
  if (from === null && to === null) return kept;
  const { startedMs, seconds } = span;
  if (startedMs === null || seconds === null) return { ...kept, seconds: null };
  const start = Math.max(startedMs, from === null ? -Infinity : milliseconds(from));
  const end = Math.min(startedMs + seconds * 1000, to === null ? Infinity : milliseconds(to));
  return { ...kept, startedMs: start, seconds: Math.max(0, end - start) / 1000 };
}

/** What its metadata and its packets tell together. */
function fileRange({ span: { startedMs, seconds }, times }: FileFacts): TimeRange | null {
  if (startedMs === null || seconds === null) return times;
  const first = BigInt(startedMs) * NS_PER_MS;
  const span = { first, last: first + BigInt(Math.round(seconds * 1e9)) };
  return times === null ? span : union(span, times);
}

function milliseconds(ns: bigint): number {
  return Number(ns) / 1e6;
}

/** Of a text in the recorder's form. */
function nanoseconds(text: string): bigint {
  return BigInt(Date.parse(text)) * NS_PER_MS;
}
