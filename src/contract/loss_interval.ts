/**
 * When packets were lost: counters of the seconds in which that was, in the metadata of a file.
 *
 * @module
 */
import { isoFromNanoseconds } from "../core/timestamps.ts";

/** What one attachment lost in a time. */
export interface LossInterval {
  /** Nanoseconds since 1970, by the clock of the recording. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Packets that it was given in the parts of that time in which it lost some. */
  readonly seen: number;
  /** Those of them that did not match the filter. */
  readonly filtered: number;
  /** Lost packets by cause; none of them is 0. */
  readonly drops: Readonly<Record<string, number>>;
}

/** The same as an element of the metadata's list. The names are a public contract. */
export interface RecordedLoss {
  /** Number of the attachment. */
  readonly slot: number;
  /** ISO-8601 in UTC with nine fraction digits. */
  readonly started: string;
  readonly ended: string;
  readonly packets_seen: number;
  readonly packets_filtered: number;
  readonly drops: Readonly<Record<string, number>>;
}

const NS_PER_S = 1_000_000_000n;

/**
 * Lengths that intervals are merged to where there are too many, in seconds. Each is a multiple of the one
 * before, and divides the widths of a timeline that are longer.
 */
const UNITS: readonly bigint[] = [
  ...[5n, 10n, 30n, 60n, 300n, 600n, 1800n, 3600n, 10_800n, 21_600n, 43_200n, 86_400n],
];

/** Both as one, with the time between. */
export function addLosses(one: LossInterval, other: LossInterval): LossInterval {
  const drops = { ...one.drops };
  for (const [cause, count] of Object.entries(other.drops)) {
    const sum = (drops[cause] ?? 0) + count;
    if (sum === 0) delete drops[cause];
    else drops[cause] = sum;
  }
  return {
    startNs: one.startNs < other.startNs ? one.startNs : other.startNs,
    endNs: one.endNs > other.endNs ? one.endNs : other.endNs,
    seen: one.seen + other.seen,
    filtered: one.filtered + other.filtered,
    drops,
  };
}

/**
 * At most `maxLength` intervals in all, or one of each attachment: where there are more, neighbours within a
 * longer unit of time become one, and the sums stay what they are.
 *
 * @param lists of each attachment, by time
 */
export function boundedLosses(
  lists: readonly (readonly LossInterval[])[],
  maxLength: number,
): (readonly LossInterval[])[] {
  let bounded = [...lists];
  const isBounded = () => bounded.reduce((sum, { length }) => sum + length, 0) <= maxLength;
  for (const unit of UNITS) {
    if (isBounded()) return bounded;
    bounded = bounded.map((list) => merged(list, unit * NS_PER_S));
  }
  if (isBounded()) return bounded;
  return bounded.map((list) => list.length === 0 ? list : [list.reduce(addLosses)]);
}

function merged(list: readonly LossInterval[], unit: bigint): LossInterval[] {
  const result: LossInterval[] = [];
  for (const one of list) {
    const last = result.at(-1);
    // An interval ends where the next begins.
    const fits = last !== undefined && last.startNs / unit === (one.endNs - 1n) / unit;
    if (fits) result[result.length - 1] = addLosses(last, one);
    else result.push(one);
  }
  return result;
}

/** The text of the metadata. */
export function lossText(lists: readonly (readonly LossInterval[])[]): string {
  const recorded = lists.flatMap((list, slot) =>
    list.map((one): RecordedLoss => ({
      slot,
      started: isoFromNanoseconds(one.startNs),
      ended: isoFromNanoseconds(one.endNs),
      packets_seen: one.seen,
      packets_filtered: one.filtered,
      drops: one.drops,
    }))
  );
  recorded.sort((one, other) =>
    one.started < other.started ? -1 : one.started > other.started ? 1 : one.slot - other.slot
  );
  return JSON.stringify(recorded);
}
