/**
 * Points in time for tables, always UTC.
 *
 * @module
 */
import { isoFromNanoseconds } from "../core/timestamps.ts";

/** Date, time and milliseconds, the rest of the digits cut off: `2026-11-23 13:54:00.123`. */
export function tableTimestamp(nanoseconds: bigint): string {
  return isoFromNanoseconds(nanoseconds).slice(0, 23).replace("T", " ");
}

/** The same with as many digits as a beginning needs that may be between two milliseconds: 3, 6 or 9. */
export function exactTimestamp(nanoseconds: bigint): string {
  return isoFromNanoseconds(nanoseconds).slice(0, -1).replace("T", " ").replace(/(000){1,2}$/, "");
}

/** `2026-11-23 13:54:00.123 to 13:54:30.500 UTC`: the date of the end only where it is another one. */
export function timeRange(first: bigint, last: bigint): string {
  const [start, end] = [tableTimestamp(first), tableTimestamp(last)];
  const [date] = start.split(" ");
  return `${start} to ${end.startsWith(`${date} `) ? end.slice(date!.length + 1) : end} UTC`;
}

/** Seconds between two points in time, given in nanoseconds. */
export function secondsBetween(start: bigint, end: bigint): number {
  return Number(end - start) / 1e9;
}
