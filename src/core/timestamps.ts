/**
 * Text form of nanosecond timestamps.
 *
 * @module
 */

const NS_PER_SECOND = 1_000_000_000n;

/**
 * ISO-8601 in UTC with nine fraction digits: `2026-11-23T14:00:00.123456789Z`.
 *
 * @param ns nanoseconds since 1970-01-01T00:00:00Z, any 64-bit value
 */
export function isoFromNanoseconds(ns: bigint): string {
  let seconds = Number(ns / NS_PER_SECOND);
  let subsecond = Number(ns % NS_PER_SECOND);
  if (subsecond < 0) {
    // Before 1970 both were cut towards zero; the fraction counts upwards from the full second.
    seconds -= 1;
    subsecond += 1e9;
  }
  const date = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${date}.${String(subsecond).padStart(9, "0")}Z`;
}
