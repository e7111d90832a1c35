/**
 * The time that a selection is about: what the user wrote, on the calendar of what was recorded.
 *
 * @module
 */
import { RunError, UsageError } from "../core/errors.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";
import type { WrittenTime } from "../core/written_time.ts";
import type { TimeRange } from "../parquet/footer_outline.ts";
import type { Selection } from "./selection.ts";

/** Nanoseconds since 1970 (UTC). */
export interface TimeWindow {
  /** The first that counts; null = all. */
  readonly from: bigint | null;
  /** The first that does not count any more; null = all. */
  readonly to: bigint | null;
}

/** Whether it leaves any time out. */
export function hasTime({ from, to }: TimeWindow): boolean {
  return from !== null || to !== null;
}

const NS_PER_DAY = 86_400_000_000_000n;
/** What a column of nanoseconds can hold. */
const MAX_NS = 2n ** 63n - 1n;

/**
 * Finds out which time is meant.
 *
 * - A time of day is on the day on which the recording began, in its own zone. In a recording that goes
 *   on past midnight, one before its beginning is on the next day; a start only if the recording still
 *   ran then.
 * - A distance from the end counts back from the end of the recording, one from the start counts
 *   from the start; behind `to`, from `from` if that is given.
 *
 * @param recorded from the start of the first recording to the end of the last; null = nobody knows
 * @throws {UsageError} the end is before the start
 * @throws {RunError} what the user wrote needs a recording that says when it ran
 */
export function timeWindow(
  { from, to }: Pick<Selection, "from" | "to">,
  recorded: TimeRange | null,
): TimeWindow {
  const start = from === null ? null : resolve(from, recorded, "from", null);
  const end = to === null ? null : resolve(to, recorded, "to", start);
  if (start !== null && end !== null && start > end) {
    throw new UsageError(
      `Cannot select from ${described(from!, start)} to ${described(to!, end)}: the end is earlier`,
      { hint: "Exchange the two times, or write them with their dates" },
    );
  }
  return { from: start === null ? null : bounded(start), to: end === null ? null : bounded(end) };
}

function resolve(
  time: WrittenTime,
  recorded: TimeRange | null,
  which: "from" | "to",
  from: bigint | null,
): bigint {
  if (time.kind === "instant") return time.ns;
  if (time.kind === "after start" && from !== null) return from + time.ns;
  if (recorded === null) {
    throw new RunError(
      `Cannot find the time "${time.text}": the files do not say when they were recorded`,
      { hint: 'Write it with its date, as in "2026-11-23T14:00:00"' },
    );
  }
  const { first, last } = recorded;
  if (time.kind === "after start") return first + time.ns;
  if (time.kind === "before end") return last - time.ns;
  const sameDay = startOfDay(first + time.zoneNs) - time.zoneNs + time.ns;
  if (sameDay >= first) return sameDay;
  const nextDay = sameDay + NS_PER_DAY;
  if (nextDay <= last) return nextDay;
  const isOverMidnight = startOfDay(last + time.zoneNs) > startOfDay(first + time.zoneNs);
  return which === "to" && isOverMidnight ? nextDay : sameDay;
}

/** Also right before 1970, where the remainder is negative. */
function startOfDay(ns: bigint): bigint {
  const remainder = ns % NS_PER_DAY;
  return ns - (remainder < 0n ? remainder + NS_PER_DAY : remainder);
}

/** A file may say that it ran in any year. */
function bounded(ns: bigint): bigint {
  return ns > MAX_NS ? MAX_NS : ns < -MAX_NS ? -MAX_NS : ns;
}

function described(time: WrittenTime, ns: bigint): string {
  const iso = isoFromNanoseconds(bounded(ns));
  return time.kind === "instant" ? `"${time.text}"` : `"${time.text}" (${iso})`;
}
