/**
 * When something was recorded, and when packets were lost: from the rows of the report `loss`.
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
  /** Recordings that lost something. When in it, nobody knows. */
  readonly losses: readonly TimeMark[];
}

/**
 * @param rows of `loss`, all of them
 * @param least gaps that are shorter are left out, in nanoseconds
 */
export function recordedSpans(
  rows: readonly Row[],
  columns: readonly ReportColumn[],
  least: bigint,
): RecordedSpans {
  const place = (name: string) => columns.findIndex((column) => column.name === name);
  const [start, end, dropped] = [
    place("recording_start"),
    place("recording_end"),
    place("packets_dropped"),
  ];
  const spans = rows.map((row) => {
    const [from, to] = [row[start] ?? null, row[end] ?? null];
    if (from === null || to === null) return null;
    return {
      from: BigInt(from as bigint),
      to: BigInt(to as bigint),
      lost: Number(row[dropped] ?? 0),
    };
  });
  const known = spans.filter((span) => span !== null)
    .sort((one, other) => one.from < other.from ? -1 : one.from > other.from ? 1 : 0);
  const gaps: TimeMark[] = [];
  let until = known[0]?.to ?? 0n;
  for (const { from, to } of known) {
    if (from - until >= least && from > until) gaps.push({ from: until, to: from });
    if (to > until) until = to;
  }
  const losses = known.filter(({ lost }) => lost > 0);
  return {
    gaps: known.length === spans.length ? gaps : [],
    losses: unique(losses),
  };
}

/** A recording has a row for each cause. */
function unique(marks: readonly TimeMark[]): TimeMark[] {
  return [...new Map(marks.map(({ from, to }) => [`${from} ${to}`, { from, to }])).values()];
}
