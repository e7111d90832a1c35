/**
 * What a file says of itself that holds a selection of other recordings: what it holds counts as
 * captured, and what is not selected as filtered, so that loss stays what it was, and
 * seen = captured + dropped + sampled out + filtered.
 *
 * @module
 */
import { basename } from "node:path";
import { SCHEMA_VERSION } from "../contract/columns.ts";
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { boundedLosses, type LossInterval, lossText } from "../contract/loss_interval.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";
import { VERSION } from "../core/version.ts";
import { joinedEvents, type RecordedEvent } from "./interface_events.ts";
import { joinedAttachments } from "./joined_attachments.ts";
import type { CopiedRows, JoinedCounters, JoinedPart } from "./joined_part.ts";
import { notedMembers, notesOf } from "./joined_notes.ts";
import { lostByCause } from "./loss_intervals.ts";
import { countOf, objectOf, recordedEntries } from "./recorded_json.ts";
import type { FileMetadata } from "./recording_facts.ts";
import { recordedSeconds } from "./recording_span.ts";
import { isEverything, type Selection } from "./selection.ts";
import { hasTime, type TimeWindow } from "./time_window.ts";

/** Rows that a file had lost since it was recorded, as a cause of loss. */
const MISSING_ROWS = "missing_rows";

/** What holds some of the packets of a file is not that file of its recording any more. */
const NO_PLACE = {
  [FILE_METADATA_KEY.recordingId]: null,
  [FILE_METADATA_KEY.fileNumber]: null,
  [FILE_METADATA_KEY.countersBefore]: null,
  [FILE_METADATA_KEY.lastFile]: null,
};

/** Names of files that are noted; of thousands the first will do. */
const MAX_FILES = 100;

/** Times of loss at most: twice as many as a recording has. */
const MAX_INTERVALS = 4096;

const PREFIX = "xdp_inspector.";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/**
 * The metadata, by key.
 *
 * @param parts at least one, all with one sampling rate
 * @param copied what the file holds
 * @param filter text of the filter of the selection
 */
export function joinedMetadata(
  parts: readonly JoinedPart[],
  copied: readonly CopiedRows[],
  selection: Selection,
  window: TimeWindow,
  filter: string | null,
): Record<string, string> {
  const times = parts.map((part) => partTimes(part.metadata, window));
  const known = times.filter((time) => time !== null);
  const seconds = recordedSeconds(parts.map(({ span }) => span));
  // Losses of the selected time, where all parts say when.
  const isTimed = hasTime(window) &&
    parts.every(({ losses }) => losses.isTimed);
  const counters = joinedCounters(isTimed ? parts.map(inTime) : parts, copied);
  const { list: attachments, slots } = joinedAttachments(parts, copied, isTimed);
  const texts: Record<string, string | null> = {
    ...commonTexts(parts),
    ...(parts.length > 1 || !isEverything(selection) ? NO_PLACE : {}),
    [FILE_METADATA_KEY.schemaVersion]: String(SCHEMA_VERSION),
    [FILE_METADATA_KEY.toolVersion]: VERSION,
    [FILE_METADATA_KEY.host]: listed(parts, FILE_METADATA_KEY.host),
    [FILE_METADATA_KEY.started]: known.length === parts.length
      ? known.map(({ started }) => started).sort()[0]!
      : null,
    [FILE_METADATA_KEY.ended]: known.length === parts.length
      ? known.map(({ ended }) => ended).sort().at(-1)!
      : null,
    [FILE_METADATA_KEY.durationSeconds]: seconds === null ? null : String(seconds),
    [FILE_METADATA_KEY.sampleRate]: String(parts[0]!.sampleRate),
    [FILE_METADATA_KEY.filter]: joinedFilter(parts),
    [FILE_METADATA_KEY.attachments]: attachments.length === 0 ? null : JSON.stringify(attachments),
    [FILE_METADATA_KEY.counters]: counters === null ? null : JSON.stringify(counters),
    [FILE_METADATA_KEY.lossIntervals]: counters === null || MISSING_ROWS in counters.drops
      ? null
      : joinedLosses(parts, slots),
    [FILE_METADATA_KEY.interfaceEvents]: null,
    [FILE_METADATA_KEY.interfaceEventsLeftOut]: null,
    [FILE_METADATA_KEY.selection]: JSON.stringify(selectionNote(parts, selection, window, filter)),
  };
  const events = joinedEvents(parts.map(({ metadata }) => metadata), isWithin(window, selection));
  return {
    ...Object.fromEntries(
      Object.entries(texts).filter((pair): pair is [string, string] => pair[1] !== null),
    ),
    ...events,
  };
}

function isWithin({ from, to }: TimeWindow, { interfaces }: Selection) {
  const first = from === null ? "" : isoFromNanoseconds(from);
  const end = to === null ? null : isoFromNanoseconds(to);
  return ({ time, interface: name }: RecordedEvent) =>
    time >= first && (end === null || time < end) &&
    (interfaces.length === 0 || interfaces.includes(name));
}

/** Keys of this program that say the same in all files, those that this version does not know too. */
function commonTexts(parts: readonly JoinedPart[]): Record<string, string> {
  const [first, ...others] = parts;
  return Object.fromEntries(
    [...first!.metadata].filter(([key, value]) =>
      key.startsWith(PREFIX) && others.every(({ metadata }) => metadata.get(key) === value)
    ),
  );
}

/** Different values with commas between them; null if no file has one. */
function listed(parts: readonly JoinedPart[], key: string): string | null {
  const values = new Set(parts.map(({ metadata }) => metadata.get(key) ?? ""));
  values.delete("");
  return values.size === 0 ? null : [...values].join(", ");
}

/** What let all of the packets in. */
function joinedFilter(parts: readonly JoinedPart[]): string {
  const filters = [
    ...new Set(parts.map(({ metadata }) => {
      return metadata.get(FILE_METADATA_KEY.filter) ?? "";
    })),
  ];
  if (filters.includes("")) return "";
  return filters.length === 1 ? filters[0]! : filters.map((filter) => `(${filter})`).join(" or ");
}

/** When a part was recorded, as far as it is selected; null = it does not say. */
function partTimes(metadata: FileMetadata, { from, to }: TimeWindow) {
  const started = metadata.get(FILE_METADATA_KEY.started) ?? "";
  const ended = metadata.get(FILE_METADATA_KEY.ended) ?? "";
  if (!TIME.test(started) || !TIME.test(ended)) return null;
  const first = from === null ? started : isoFromNanoseconds(from);
  const last = to === null ? ended : isoFromNanoseconds(to);
  // Texts of one form are in the order of their times.
  const begin = first > started ? first : started;
  const end = last < ended ? last : ended;
  return { started: begin, ended: end < begin ? begin : end };
}

/** A part as if what was lost outside of the selected time had not been seen. */
function inTime(part: JoinedPart): JoinedPart {
  const { counters, losses } = part;
  if (counters === null) return part;
  const drops = lostByCause(losses.intervals);
  const dropped = [...drops.values()].reduce((sum, count) => sum + count, 0n);
  const seen = counters.seen - (counters.dropped - dropped);
  return { ...part, counters: { ...counters, seen, dropped, drops } };
}

/** When the parts lost packets; null if one of them does not say. */
function joinedLosses(
  parts: readonly JoinedPart[],
  slots: readonly ReadonlyMap<unknown, number>[],
): string | null {
  if (parts.some(({ losses }) => !losses.isTimed)) return null;
  const lists: LossInterval[][] = [];
  for (const [index, { losses }] of parts.entries()) {
    for (const { slot, startNs, endNs, seen, filtered, drops } of losses.intervals) {
      const number = slots[index]!.get(slot);
      // Of an attachment that is not in the list of its file.
      if (number === undefined) return null;
      const list = lists[number] ??= [];
      list.push({
        startNs: startNs!,
        endNs: endNs!,
        seen: Number(seen),
        filtered: Number(filtered),
        drops: Object.fromEntries([...drops].map(([cause, count]) => [cause, Number(count)])),
      });
    }
  }
  const sorted = Array.from(
    lists,
    (list = []) =>
      list.sort((one, other) =>
        one.startNs < other.startNs ? -1 : one.startNs > other.startNs ? 1 : 0
      ),
  );
  return lossText(boundedLosses(sorted, MAX_INTERVALS));
}

/** Null if a part does not say, or does not hold what it says. */
function joinedCounters(
  parts: readonly JoinedPart[],
  copied: readonly CopiedRows[],
): JoinedCounters | null {
  let [seen, dropped, sampledOut] = [0n, 0n, 0n];
  const drops = new Map<string, bigint>();
  const add = (cause: string, count: bigint) => drops.set(cause, (drops.get(cause) ?? 0n) + count);
  for (const [index, part] of parts.entries()) {
    const { counters, content, rows } = part;
    if (counters === null) return null;
    const here = sumOf(copied.filter((one) => one.part === index), "packets");
    if (here > counters.captured || (content !== null && BigInt(rows) > content.packets)) {
      return null;
    }
    const missing = smaller(
      content === null ? 0n : content.packets - BigInt(rows),
      counters.captured - here,
    );
    seen += counters.seen;
    dropped += counters.dropped + missing;
    sampledOut += sampledOutOf(part);
    for (const [cause, count] of counters.drops) add(cause, count);
    if (missing > 0n) add(MISSING_ROWS, missing);
  }
  const captured = sumOf(copied, "packets");
  const filtered = seen - captured - dropped - sampledOut;
  if (filtered < 0n) return null;
  return {
    packets_seen: Number(seen),
    packets_captured: Number(captured),
    packets_dropped: Number(dropped),
    drops: Object.fromEntries([...drops].map(([cause, count]) => [cause, Number(count)])),
    packets_sampled_out: Number(sampledOut),
    packets_filtered: Number(filtered),
    bytes_captured: Number(sumOf(copied, "bytes")),
  };
}

/** Packets that sampling left out, of what is selected. */
function sampledOutOf({ metadata, sampleRate, counters, attachments }: JoinedPart): bigint {
  // What was not sampled has none, and its filter nothing to do with it.
  if (sampleRate === 1) return 0n;
  const all = objectOf(metadata.get(FILE_METADATA_KEY.counters));
  const total = countOf(all?.packets_sampled_out);
  const isAll = counters !== null && countOf(all?.packets_seen) === counters.seen;
  if (isAll) return total;
  const viewOf = (one: Partial<Record<"interface" | "direction", unknown>>) =>
    JSON.stringify([one.interface, one.direction]);
  const selected = new Set(attachments.map(viewOf));
  return recordedEntries(metadata)
    .filter((one) => selected.has(viewOf(one)))
    .reduce((sum, one) => sum + countOf(objectOf(one.counters)?.packets_sampled_out), 0n);
}

function selectionNote(
  parts: readonly JoinedPart[],
  selection: Selection,
  { from, to }: TimeWindow,
  filter: string | null,
): Record<string, unknown> {
  const { interfaces, direction, where } = selection;
  const earlier = new Set(parts.flatMap(({ metadata }) => {
    return metadata.get(FILE_METADATA_KEY.selection) ?? [];
  }));
  return {
    files: parts.slice(0, MAX_FILES).map(({ label }) => basename(label)),
    ...(isEverything(selection) ? {} : {
      ...(from !== null && { from: isoFromNanoseconds(from) }),
      ...(to !== null && { to: isoFromNanoseconds(to) }),
      ...(interfaces.length > 0 && { interfaces }),
      ...(direction !== null && { direction }),
      ...(where !== null && { where }),
      ...(filter !== null && { filter }),
    }),
    ...notedMembers(notesOf(parts)),
    ...(earlier.size > 0 && { of: [...earlier].slice(0, MAX_FILES).map(objectOf) }),
  };
}

function sumOf(rows: readonly CopiedRows[], field: "packets" | "bytes"): bigint {
  return rows.reduce((sum, row) => sum + row[field], 0n);
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
