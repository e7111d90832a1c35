/**
 * When something was recorded, and when packets were lost: from the rows of the report `loss`, by file and
 * by time.
 *
 * @module
 */
import type { Row } from "../../query/session.ts";
import type { ReportColumn } from "../../reports/report.ts";
import type { TimeMark } from "./chart.ts";

/** What is to be marked in a chart over time. */
export interface RecordedSpans {
  /** Times of which there is no recording; none if a file does not say when it was recorded. */
  readonly gaps: readonly TimeMark[];
  /** Times in which packets were lost: seconds, or the whole of a recording that does not say. */
  readonly losses: readonly TimeMark[];
}

/** All rows of a report. */
export interface SpanRows {
  readonly rows: readonly Row[];
  readonly columns: readonly ReportColumn[];
}

/**
 * @param files of `loss`
 * @param times of `loss --by time`
 * @param shortest gaps that are shorter are left out, of both, in nanoseconds
 */
export function recordedSpans(files: SpanRows, times: SpanRows, shortest: bigint): RecordedSpans {
  const spans = marks(files, "recording_start", "recording_end");
  const known = inOrder(spans);
  const gaps: TimeMark[] = [];
  let until = known[0]?.to ?? 0n;
  for (const { from, to } of known) {
    if (from - until >= shortest && from > until) gaps.push({ from: until, to: from });
    if (to > until) until = to;
  }
  return {
    gaps: known.length === spans.length ? gaps : [],
    losses: merged(inOrder(marks(times, "loss_start", "loss_end")), shortest),
  };
}

/** Null where a row does not say. */
function marks({ rows, columns }: SpanRows, start: string, end: string): (TimeMark | null)[] {
  const place = (name: string) => columns.findIndex((column) => column.name === name);
  const [first, last] = [place(start), place(end)];
  return rows.map((row) => {
    const [from, to] = [row[first] ?? null, row[last] ?? null];
    return from === null || to === null
      ? null
      : { from: BigInt(from as bigint), to: BigInt(to as bigint) };
  });
}

function inOrder(spans: readonly (TimeMark | null)[]): TimeMark[] {
  return spans.filter((span) => span !== null)
    .sort((one, other) => one.from < other.from ? -1 : one.from > other.from ? 1 : 0);
}

/** A chart shows no more of them. */
function merged(known: readonly TimeMark[], shortest: bigint): TimeMark[] {
  const result: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of known) {
    const last = result.at(-1);
    if (last !== undefined && from - last.to <= shortest) last.to = to > last.to ? to : last.to;
    else result.push({ from, to });
  }
  return result;
}
