/**
 * Whether the files of a recording of several are all there: each says what those before it have.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { isObject, knownCount, listOf, objectOf } from "./recorded_json.ts";
import type { FileMetadata } from "./recording_facts.ts";

/** A file's place in its recording. */
export interface SeriesPlace {
  /** The same in all files of the recording. */
  readonly id: string;
  /** The first is 1. */
  readonly number: number;
  /** Packets in all files before; null if it does not say. */
  readonly packetsBefore: number | null;
  /** Packets in the file; null if it does not say. */
  readonly packets: number | null;
}

/** What is wrong between two files that should follow each other. */
export interface SeriesGap {
  /** Numbers of the files that are not there; null = none, but the counters do not fit. */
  readonly missing: { readonly first: number; readonly last: number } | null;
  /** Number of the file before which it is. */
  readonly before: number;
  /** Packets that are not there, less than 0 if there are too many; null = nobody knows. */
  readonly packets: number | null;
}

/** More than any recording has. */
const MAX_NUMBER = 2 ** 31;

/** Reads what the recorder writes; null for a recording of one file, and for what is nothing of the kind. */
export function seriesPlace(metadata: FileMetadata): SeriesPlace | null {
  const id = metadata.get(FILE_METADATA_KEY.recordingId) ?? "";
  const text = metadata.get(FILE_METADATA_KEY.fileNumber) ?? "";
  if (!/^[0-9a-f-]{36}$/.test(id) || !/^\d{1,10}$/.test(text)) return null;
  const number = Number(text);
  if (number < 1 || number > MAX_NUMBER) return null;
  return {
    id,
    number,
    packetsBefore: sumBefore(metadata.get(FILE_METADATA_KEY.countersBefore)),
    packets: captured(objectOf(metadata.get(FILE_METADATA_KEY.counters))),
  };
}

/**
 * What is missing between files, by recording. What is missing before the first and behind the last was
 * removed, or is still to come.
 */
export function seriesGaps(places: readonly (SeriesPlace | null)[]): SeriesGap[] {
  const recordings = new Map<string, SeriesPlace[]>();
  for (const place of places) {
    if (place === null) continue;
    const files = recordings.get(place.id) ?? [];
    recordings.set(place.id, files);
    files.push(place);
  }
  return [...recordings.values()].flatMap((files) => {
    const sorted = files.sort((one, other) => one.number - other.number);
    return sorted.slice(1).flatMap((next, index) => gapBetween(sorted[index]!, next));
  });
}

function gapBetween(last: SeriesPlace, next: SeriesPlace): SeriesGap[] {
  const isKnown = last.packetsBefore !== null && last.packets !== null &&
    next.packetsBefore !== null;
  const packets = isKnown ? next.packetsBefore! - last.packetsBefore! - last.packets! : null;
  const before = next.number;
  if (next.number === last.number + 1) {
    return packets === null || packets === 0 ? [] : [{ missing: null, before, packets }];
  }
  // The same file under two names: it is told by the packets that count twice.
  if (next.number === last.number) return [{ missing: null, before, packets }];
  const missing = { first: last.number + 1, last: next.number - 1 };
  return [{ missing, before, packets }];
}

function sumBefore(text: string | undefined): number | null {
  const list = listOf(text);
  if (list === null) return null;
  return list.reduce<number | null>((sum, one) => {
    const count = isObject(one) ? captured(one.counters) : null;
    return sum === null || count === null ? null : sum + count;
  }, 0);
}

function captured(counters: unknown): number | null {
  const count = isObject(counters) ? knownCount(counters.packets_captured) : null;
  return count === null ? null : Number(count);
}
