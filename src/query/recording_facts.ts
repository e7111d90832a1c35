/**
 * What the recorder wrote into a file about the recording itself: how it was sampled and what was
 * lost. The file may come from anywhere, so nothing here trusts its text.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { RunError } from "../core/errors.ts";
import { DAMAGED_HINT } from "./input_hints.ts";
import { countOf, isObject, knownCount, objectOf, recordedEntries } from "./recorded_json.ts";

/** Key/value metadata of one Parquet file. */
export type FileMetadata = ReadonlyMap<string, string>;

/** Packet counts of a recording, as its final report gave them. */
export interface CaptureCounters {
  readonly seen: bigint;
  readonly captured: bigint;
  readonly dropped: bigint;
  /** Seen, and left out by the filter of the recording. */
  readonly filtered: bigint;
  /** Dropped packets by cause. */
  readonly drops: ReadonlyMap<string, bigint>;
}

/** Where packets were recorded, and what was seen and lost there; null where the file does not say. */
export interface AttachmentFacts {
  readonly interface: string | null;
  readonly direction: string | null;
  readonly hook: string | null;
  readonly mode: string | null;
  readonly counters: CaptureCounters | null;
}

/** How complete the packets of some files are, taken together. */
export interface Completeness {
  /** Sums over the files whose metadata has counters. */
  readonly counters: CaptureCounters;
  readonly files: number;
  /** Files without counters: nobody knows what they lack. */
  readonly filesUnknown: number;
}

/** Causes of loss are a dozen: more are not from the recorder, and not worth the time. */
const MAX_CAUSES = 64;
const MAX_CAUSE_LENGTH = 64;

/** Takes what causes of several files are beyond {@linkcode MAX_CAUSES}. */
const OTHER_CAUSES = "other";

/** The largest sampling rate that makes sense: rate times packets must stay a 128-bit integer. */
const MAX_SAMPLE_RATE = 2 ** 32;

/** Schema version of a file; null when it does not say. */
export function schemaVersion(metadata: FileMetadata): string | null {
  return metadata.get(FILE_METADATA_KEY.schemaVersion) ?? null;
}

/**
 * One packet in how many was kept; 1 when the file does not say.
 *
 * @throws {RunError} the file says something that is no rate: scaling by 1 would be a guess
 */
export function sampleRate(metadata: FileMetadata, label: string): number {
  const text = metadata.get(FILE_METADATA_KEY.sampleRate);
  if (text === undefined) return 1;
  const rate = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (rate >= 1 && rate <= MAX_SAMPLE_RATE) return rate;
  throw new RunError(`Cannot read "${label}": its sample rate "${text}" is not valid`, {
    hint: DAMAGED_HINT,
  });
}

/** The counters of a recording; null when they are missing or not what the recorder writes. */
export function captureCounters(metadata: FileMetadata): CaptureCounters | null {
  return countersOf(objectOf(metadata.get(FILE_METADATA_KEY.counters)));
}

/** What a recording holds: packets, and the sum of their lengths. */
export interface Content {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** What the recorder wrote by its own count; null when it is missing or not what the recorder writes. */
export function recordedContent(metadata: FileMetadata): Content | null {
  const counters = objectOf(metadata.get(FILE_METADATA_KEY.counters));
  const packets = knownCount(counters?.packets_captured);
  const bytes = knownCount(counters?.bytes_captured);
  return packets === null || bytes === null ? null : { packets, bytes };
}

/** The filter of a recording; empty if there was none, or the file does not say. */
export function recordedFilter(metadata: FileMetadata): string {
  return metadata.get(FILE_METADATA_KEY.filter) ?? "";
}

/** The attachments of a recording; none when they are missing or not what the recorder writes. */
export function recordedAttachments(metadata: FileMetadata): AttachmentFacts[] {
  return recordedEntries(metadata).flatMap((one): AttachmentFacts[] => {
    const [name, direction] = [toText(one.interface), toText(one.direction)];
    // A packet file may not know either, and then says so.
    if (name === null && one.interface !== null) return [];
    if (direction === null && one.direction !== null) return [];
    const [hook, mode] = [toText(one.hook), toText(one.mode)];
    return [{ interface: name, direction, hook, mode, counters: countersOf(one.counters) }];
  });
}

function countersOf(parsed: unknown): CaptureCounters | null {
  if (!isObject(parsed)) return null;
  const seen = knownCount(parsed.packets_seen);
  const captured = knownCount(parsed.packets_captured);
  const dropped = knownCount(parsed.packets_dropped);
  const drops = isObject(parsed.drops) ? countsByCause(parsed.drops) : new Map<string, bigint>();
  if (seen === null || captured === null || dropped === null || drops === null) return null;
  const filtered = countOf(parsed.packets_filtered);
  return { seen, captured, dropped, filtered: filtered < seen ? filtered : seen, drops };
}

/** Adds up what is known about several files. */
export function completeness(files: readonly (CaptureCounters | null)[]): Completeness {
  let seen = 0n;
  let captured = 0n;
  let dropped = 0n;
  let filtered = 0n;
  const drops = new Map<string, bigint>();
  for (const counters of files) {
    if (counters === null) continue;
    seen += counters.seen;
    captured += counters.captured;
    dropped += counters.dropped;
    filtered += counters.filtered;
    for (const [cause, count] of counters.drops) {
      const key = drops.has(cause) || drops.size < MAX_CAUSES ? cause : OTHER_CAUSES;
      drops.set(key, (drops.get(key) ?? 0n) + count);
    }
  }
  return {
    counters: { seen, captured, dropped, filtered, drops },
    files: files.length,
    filesUnknown: files.filter((counters) => counters === null).length,
  };
}

function countsByCause(drops: Record<string, unknown>): Map<string, bigint> | null {
  const counts = new Map<string, bigint>();
  const entries = Object.entries(drops);
  if (entries.length > MAX_CAUSES) return null;
  for (const [cause, value] of entries) {
    const count = knownCount(value);
    if (count === null || cause.length > MAX_CAUSE_LENGTH) return null;
    counts.set(cause, count);
  }
  return counts;
}

/** No name of the kernel has a NUL in it, and no SQL literal can. */
function toText(value: unknown): string | null {
  return typeof value === "string" && !value.includes("\0") ? value : null;
}
