/**
 * When a file lost packets, by what it says. It may come from anywhere: what does not add up to its counters
 * counts as not said, and then all of its loss is somewhere in the time of the recording.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { countOf, listOf, objectOf, recordedEntries } from "./recorded_json.ts";
import type { AttachmentFacts, CaptureCounters, FileMetadata } from "./recording_facts.ts";
import type { RecordingSpan, View } from "./recording_span.ts";
import type { TimeWindow } from "./time_window.ts";

/** What was lost in a time, at one attachment or, where nobody knows which, at any. */
export interface TimedLoss extends View {
  /** Number of the attachment; null = not known. */
  readonly slot: number | null;
  /** Nanoseconds since 1970; both null where the file does not say when it was recorded. */
  readonly startNs: bigint | null;
  readonly endNs: bigint | null;
  readonly seen: bigint;
  readonly filtered: bigint;
  readonly drops: ReadonlyMap<string, bigint>;
}

/** What a file, or what is selected of it, lost in which times. */
export interface FileLosses {
  /** Whether the times are known better than that it was in the recording. */
  readonly isTimed: boolean;
  readonly intervals: readonly TimedLoss[];
  /** Whether some of them are only in part in the time that is selected. */
  readonly isCut: boolean;
}

/** The recorder writes two thousand, `convert` twice as many. */
const MAX_INTERVALS = 10_000;
const MAX_CAUSES = 64;
const MAX_CAUSE_LENGTH = 64;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})Z$/;
const NS_PER_MS = 1_000_000n;

/** Reads what the recorder writes. */
export function fileLosses(
  metadata: FileMetadata,
  counters: CaptureCounters | null,
  attachments: readonly AttachmentFacts[],
  span: RecordingSpan,
): FileLosses {
  const recorded = recordedLosses(metadata);
  if (counters === null) return { isTimed: false, intervals: recorded ?? [], isCut: false };
  if (counters.dropped === 0n) return { isTimed: true, intervals: [], isCut: false };
  if (recorded !== null && addUp(recorded, counters)) {
    return { isTimed: true, intervals: recorded, isCut: false };
  }
  return { isTimed: false, intervals: untimed(counters, attachments, span), isCut: false };
}

/** Those of some attachments, in a time. */
export function selectedLosses(
  { isTimed, intervals }: FileLosses,
  isSelected: (view: View) => boolean,
  { from, to }: TimeWindow,
): FileLosses {
  const selected = intervals.filter((one) => {
    if (one.slot !== null && !isSelected(one)) return false;
    if (one.startNs === null || one.endNs === null) return true;
    // One without length is where it begins.
    const isBehind = from !== null && one.endNs <= from && one.startNs < from;
    return !isBehind && (to === null || one.startNs < to);
  });
  const isCut = selected.some(({ startNs, endNs }) =>
    startNs === null || endNs === null || (from !== null && startNs < from) ||
    (to !== null && endNs > to)
  );
  return { isTimed, intervals: selected, isCut };
}

/** What was lost in a time. */
export interface LossInTime {
  readonly dropped: bigint;
  readonly drops: ReadonlyMap<string, bigint>;
  /** Whether some of it may have been just before or after. */
  readonly isCut: boolean;
}

/** Of all files together; null if one does not say when it lost packets. */
export function lossInTime(
  selected: readonly { readonly losses: FileLosses }[],
): LossInTime | null {
  const files = selected.map(({ losses }) => losses);
  if (files.some(({ isTimed }) => !isTimed)) return null;
  const drops = lostByCause(files.flatMap(({ intervals }) => intervals));
  const dropped = [...drops.values()].reduce((sum, count) => sum + count, 0n);
  return { dropped, drops, isCut: files.some(({ isCut }) => isCut) };
}

/** Packets by cause. */
export function lostByCause(intervals: readonly TimedLoss[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { drops } of intervals) {
    for (const [cause, count] of drops) sums.set(cause, (sums.get(cause) ?? 0n) + count);
  }
  return sums;
}

function addUp(intervals: readonly TimedLoss[], { drops }: CaptureCounters): boolean {
  const sums = lostByCause(intervals);
  return [...new Set([...sums.keys(), ...drops.keys()])].every((cause) =>
    (sums.get(cause) ?? 0n) === (drops.get(cause) ?? 0n)
  );
}

/** All of it somewhere in the recording. */
function untimed(
  counters: CaptureCounters,
  attachments: readonly AttachmentFacts[],
  { startedMs, seconds }: RecordingSpan,
): TimedLoss[] {
  const isKnown = startedMs !== null && seconds !== null;
  const startNs = isKnown ? BigInt(startedMs) * NS_PER_MS : null;
  const endNs = isKnown ? startNs! + BigInt(Math.round(seconds * 1e9)) : null;
  const of = (view: View, slot: number | null, { seen, filtered, drops }: CaptureCounters) => {
    const lost = new Map([...drops].filter(([, count]) => count > 0n));
    return {
      interface: view.interface,
      direction: view.direction,
      slot,
      startNs,
      endNs,
      seen,
      filtered,
      drops: lost,
    };
  };
  const known = attachments.flatMap((one, slot) =>
    one.counters === null || one.counters.dropped === 0n ? [] : [of(one, slot, one.counters)]
  );
  return addUp(known, counters)
    ? known
    : [of({ interface: null, direction: null }, null, counters)];
}

/** Null if it is missing or not what the recorder writes. */
function recordedLosses(metadata: FileMetadata): TimedLoss[] | null {
  const listed = listOf(metadata.get(FILE_METADATA_KEY.lossIntervals));
  if (listed === null || listed.length > MAX_INTERVALS) return null;
  const views = new Map<unknown, View>();
  for (const { slot, interface: name, direction } of recordedEntries(metadata)) {
    if (isName(name) && isName(direction)) views.set(slot, { interface: name, direction });
  }
  const intervals = listed.map((one) => intervalOf(objectOf(one), views));
  return intervals.every((one) => one !== null) ? intervals : null;
}

function intervalOf(
  one: Record<string, unknown> | null,
  views: ReadonlyMap<unknown, View>,
): TimedLoss | null {
  const view = views.get(one?.slot);
  const [startNs, endNs] = [nanoseconds(one?.started), nanoseconds(one?.ended)];
  const causes = Object.entries(objectOf(one?.drops) ?? {});
  if (view === undefined || startNs === null || endNs === null || endNs < startNs) return null;
  if (causes.length > MAX_CAUSES) return null;
  if (causes.some(([cause]) => cause.length > MAX_CAUSE_LENGTH)) return null;
  return {
    ...view,
    slot: Number(one!.slot),
    startNs,
    endNs,
    seen: countOf(one!.packets_seen),
    filtered: countOf(one!.packets_filtered),
    drops: new Map(causes.map(([cause, count]) => [cause, countOf(count)])),
  };
}

function nanoseconds(value: unknown): bigint | null {
  const [, seconds, fraction] = TIME.exec(typeof value === "string" ? value : "") ?? [];
  const ms = seconds === undefined ? NaN : Date.parse(`${seconds}Z`);
  return Number.isNaN(ms) ? null : BigInt(ms) * NS_PER_MS + BigInt(fraction!);
}

/** A packet file may not say, and then has null. No SQL literal has a NUL in it. */
function isName(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && !value.includes("\0"));
}
