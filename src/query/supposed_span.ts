/**
 * When files were recorded that do not say it, as packet files of other programs.
 *
 * @module
 */
import type { TimeRange } from "../parquet/footer_outline.ts";
import type { RecordingSpan } from "./recording_span.ts";
import type { FileFacts } from "./selected_facts.ts";

/** Where one file ends and the next begins, packets may be a little out of order. */
const SEAM_PERCENT = 1n;

type Recorded = Pick<FileFacts, "span" | "times">;

/** What a file says, or, of one that does not, that it was recorded while it has packets. */
export function supposedSpan({ span, times }: Recorded): RecordingSpan {
  const range = supposedRange({ span, times });
  if (range === null) return span;
  const { first, last } = range;
  return { ...span, startedMs: Number(first) / 1e6, seconds: Number(last - first) / 1e9 };
}

/**
 * Whether files that say neither when nor at which interface they were recorded have packets of one time: they may
 * be the same.
 */
export function haveOneTime(files: readonly Recorded[]): boolean {
  const ranges = files.filter(({ span: { views } }) =>
    !views.some((view) => view.interface !== null)
  )
    .map(supposedRange).filter((range) => range !== null)
    .sort((one, other) => one.first < other.first ? -1 : 1);
  let end: bigint | null = null;
  for (const { first, last } of ranges) {
    if (end !== null && first < end) return true;
    if (end === null || last > end) end = last;
  }
  return false;
}

/** Null if the file says when it was recorded, or has no packets. */
function supposedRange({ span, times }: Recorded): TimeRange | null {
  if (times === null || span.startedMs !== null && span.seconds !== null) return null;
  const { first, last } = times;
  return { first, last: last - (last - first) * SEAM_PERCENT / 100n };
}
