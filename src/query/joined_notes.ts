/**
 * What was wrong between the recordings that a file was made of: files of one recording that were not
 * there, packets that several had. The file has one span and one set of counters, which do not tell it
 * any more.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { objectOf } from "./recorded_json.ts";
import type { FileMetadata } from "./recording_facts.ts";
import { type RecordingSpan, repeatedPackets } from "./recording_span.ts";
import { type SeriesGap, seriesGaps, type SeriesPlace } from "./series_place.ts";

export interface JoinedNotes {
  readonly gaps: readonly SeriesGap[];
  /** Interfaces that several recordings recorded at one time, sorted. */
  readonly recordedTwice: readonly string[];
}

/** More than these are not noted, and not read. */
const MAX_NOTED = 100;
/** Longer is no name of an interface: IFNAMSIZ of include/uapi/linux/if.h, in bytes, and its escapes. */
const MAX_NAME = 64;

/** A recording that a file is made of. */
interface NotedPart {
  readonly metadata: FileMetadata;
  readonly span: RecordingSpan;
  readonly place: SeriesPlace | null;
}

/** What to note, with what was noted in the recordings themselves. */
export function notesOf(parts: readonly NotedPart[]): JoinedNotes {
  const earlier = parts.map(({ metadata }) => joinedNotes(metadata));
  const { recordedTwice } = repeatedPackets(parts.map(({ span }) => span));
  return {
    gaps: [
      ...earlier.flatMap(({ gaps }) => gaps),
      ...seriesGaps(parts.map(({ place }) => place)),
    ].slice(0, MAX_NOTED),
    recordedTwice: together([recordedTwice, ...earlier.map((notes) => notes.recordedTwice)]),
  };
}

/** Members of the metadata's object, those that say something. */
export function notedMembers({ gaps, recordedTwice }: JoinedNotes): Record<string, unknown> {
  return {
    ...(gaps.length > 0 && {
      gaps: gaps.map(({ missing, before, packets }) => ({
        ...(missing !== null && { missing: [missing.first, missing.last] }),
        before,
        ...(packets !== null && { packets }),
      })),
    }),
    ...(recordedTwice.length > 0 && { recorded_twice: recordedTwice }),
  };
}

/** Reads them; what is none counts as not said. */
export function joinedNotes(metadata: FileMetadata): JoinedNotes {
  const { gaps, recorded_twice: twice } = objectOf(metadata.get(FILE_METADATA_KEY.selection)) ?? {};
  return {
    gaps: listOf(gaps).flatMap((one) => gapOf(objectOf(one) ?? {})),
    recordedTwice: listOf(twice).filter((name) => typeof name === "string")
      .filter((name) => name.length <= MAX_NAME),
  };
}

/** Different names, sorted. */
export function together(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort().slice(0, MAX_NOTED);
}

function gapOf({ missing, before, packets = null }: Record<string, unknown>): SeriesGap[] {
  if (!isCount(before) || !(packets === null || Number.isSafeInteger(packets))) return [];
  const found = { before, packets: packets as number | null };
  if (missing === undefined) return [{ missing: null, ...found }];
  const [first, last] = listOf(missing);
  return isCount(first) && isCount(last) ? [{ missing: { first, last }, ...found }] : [];
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_NOTED) : [];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
