/**
 * When recordings ran, where they end early, and which packets they may have seen twice.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { interfaceGaps } from "../contract/interface_event.ts";
import { recordedEvents } from "./interface_events.ts";
import type { FileMetadata } from "./recording_facts.ts";
import { seriesPlace } from "./series_place.ts";

/** A part of a recording that ended before the rest, or for a while. */
export interface EarlyEnd extends View {
  /** As the recorder wrote it; null where it is no time. */
  readonly ended: string | null;
  readonly reason: string;
  /** When it went on; left out of what did not. */
  readonly until?: string;
}

/** When one recording ran; null where its file does not say. */
export interface RecordingSpan {
  /** Milliseconds since 1970. */
  readonly startedMs: number | null;
  readonly seconds: number | null;
  /** Interfaces and directions that it recorded. */
  readonly views: readonly View[];
  readonly earlyEnds: readonly EarlyEnd[];
  /** Of a file of a recording of several. */
  readonly series?: { readonly id: string; readonly number: number };
}

/** One direction of one interface; null where the file does not say. */
export interface View {
  readonly interface: string | null;
  readonly direction: string | null;
}

/** What the reader of sums must know: packets that count more than once. */
export interface RepeatedPackets {
  /** Interfaces that several recordings recorded in one direction at one time, sorted. */
  readonly recordedTwice: readonly string[];
  /** Both directions of loopback were recorded at one time: each of its packets passes both. */
  readonly loopback: boolean;
  /** Whether files that do not say what they recorded have packets of one time; left out if not. */
  readonly unnamed?: boolean;
  /** Interfaces that were recorded at one time, sorted; a packet may pass several. At least two, or none. */
  readonly several: readonly string[];
}

/** A step of the wall clock, or a defect, is no length of a recording. */
const MAX_SECONDS = 100 * 366 * 86_400;

/** Forms of the recorder: see `FILE_METADATA_KEY`. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const SECONDS = /^\d{1,12}(\.\d{1,20})?(e-\d{1,3})?$/;

/** Reads what the recorder writes; what is none counts as not said. */
export function recordingSpan(metadata: FileMetadata): RecordingSpan {
  const duration = metadata.get(FILE_METADATA_KEY.durationSeconds) ?? "";
  const seconds = SECONDS.test(duration) ? Number(duration) : NaN;
  const attachments = parts(metadata.get(FILE_METADATA_KEY.attachments));
  const place = seriesPlace(metadata);
  const gaps = interfaceGaps(recordedEvents(metadata));
  return {
    ...place !== null && { series: { id: place.id, number: place.number } },
    startedMs: milliseconds(metadata.get(FILE_METADATA_KEY.started)),
    seconds: seconds <= MAX_SECONDS ? seconds : null,
    views: attachments.map(({ interface: name, direction }) => ({ interface: name, direction })),
    earlyEnds: attachments.flatMap(({ interface: name, direction, ended, reason }) => [
      ...gaps.filter((gap) => gap.interface === name).map(({ from, to }) => {
        return { interface: name, direction, ended: from, reason: "interface_gone", until: to };
      }),
      ...reason === undefined || reason === "stopped"
        ? []
        : [{ interface: name, direction, ended, reason }],
    ]),
  };
}

/**
 * How long anything was recorded: times in which several recordings ran count once, times in which none
 * did not at all. Null if a file does not say how long.
 */
export function recordedSeconds(spans: readonly RecordingSpan[]): number | null {
  let sum = 0;
  const placed: { start: number; seconds: number }[] = [];
  for (const { startedMs, seconds } of spans) {
    if (seconds === null) return null;
    if (startedMs === null) sum += seconds;
    else placed.push({ start: startedMs / 1000, seconds });
  }
  placed.sort((a, b) => a.start - b.start);
  let from = -Infinity;
  let length = 0;
  for (const { start, seconds } of placed) {
    // Relative to the first, so that a single recording keeps its length to the last digit.
    if (start > from + length) {
      sum += length;
      from = start;
      length = 0;
    }
    length = Math.max(length, start - from + seconds);
  }
  return sum + length;
}

/** Finds packets that count more than once, by what was recorded at one time. */
export function repeatedPackets(spans: readonly RecordingSpan[]): RepeatedPackets {
  const found = { recordedTwice: new Set<string>(), loopback: false, several: new Set<string>() };
  const running = new Running();
  const events: { at: number; span: RecordingSpan; isStart: boolean }[] = [];
  for (const span of inSequence(spans)) {
    const { startedMs, seconds } = span;
    if (startedMs === null || seconds === null) {
      // Nobody knows what ran beside it.
      new Running().start(span, found);
      continue;
    }
    events.push({ at: startedMs, span, isStart: true });
    events.push({ at: startedMs + seconds * 1000, span, isStart: false });
  }
  // One that begins when another ends has no packet in common with it.
  events.sort((a, b) => a.at - b.at || Number(a.isStart) - Number(b.isStart));
  for (const { span, isStart } of events) {
    if (isStart) running.start(span, found);
    else running.end(span);
  }
  return {
    recordedTwice: [...found.recordedTwice].sort(),
    loopback: found.loopback,
    several: [...found.several].sort(),
  };
}

/**
 * The files of one recording follow each other, whatever was done to the clock meanwhile: each begins no
 * earlier than the one before ends.
 */
function inSequence(spans: readonly RecordingSpan[]): RecordingSpan[] {
  const ends = new Map<string, { number: number; ms: number }>();
  return spans
    .toSorted((one, other) => (one.series?.number ?? 0) - (other.series?.number ?? 0))
    .map((span) => {
      const { series, startedMs, seconds } = span;
      if (series === undefined || startedMs === null || seconds === null) return span;
      const last = ends.get(series.id);
      // The same file once more is another thing.
      const isNext = last !== undefined && last.number < series.number;
      const startMs = isNext ? Math.max(startedMs, last.ms) : startedMs;
      ends.set(series.id, { number: series.number, ms: startMs + seconds * 1000 });
      return { ...span, startedMs: startMs };
    });
}

interface Found {
  readonly recordedTwice: Set<string>;
  loopback: boolean;
  readonly several: Set<string>;
}

/** What is being recorded at a moment, by how many. */
class Running {
  readonly #views = new Map<string, Map<string | null, number>>();

  start({ views }: RecordingSpan, found: Found): void {
    for (const { interface: name, direction } of distinct(views)) {
      const directions = this.#views.get(name) ?? new Map<string | null, number>();
      this.#views.set(name, directions);
      const count = directions.get(direction) ?? 0;
      if (count > 0) found.recordedTwice.add(name);
      directions.set(direction, count + 1);
    }
    if ((this.#views.get("lo")?.size ?? 0) > 1) found.loopback = true;
    if (this.#views.size > 1) { for (const name of this.#views.keys()) found.several.add(name); }
  }

  end({ views }: RecordingSpan): void {
    for (const { interface: name, direction } of distinct(views)) {
      const directions = this.#views.get(name);
      const count = directions?.get(direction) ?? 0;
      if (count > 1) directions!.set(direction, count - 1);
      else directions?.delete(direction);
      if (directions?.size === 0) this.#views.delete(name);
    }
  }
}

interface NamedView extends View {
  readonly interface: string;
}

/**
 * A recording has each view once; its metadata may come from anywhere. Of an interface without a name
 * nobody knows which one it is.
 */
function distinct(views: readonly View[]): NamedView[] {
  const keys = new Set<string>();
  return views.flatMap(({ interface: name, direction }) => {
    const key = `${direction}\0${name}`;
    if (name === null || keys.has(key)) return [];
    keys.add(key);
    return [{ interface: name, direction }];
  });
}

interface Part extends View {
  readonly ended: string | null;
  readonly reason: string | undefined;
}

function parts(text = "[]"): Part[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((one: Record<string, unknown> | null): Part[] => {
    const { interface: name, direction, ended, end_reason } = one ?? {};
    if (!isPlace(name) || !isPlace(direction)) return [];
    return [{
      interface: name,
      direction,
      ended: typeof ended === "string" && TIME.test(ended) ? ended : null,
      reason: typeof end_reason === "string" ? end_reason : undefined,
    }];
  });
}

function isPlace(value: unknown): value is string | null {
  return typeof value === "string" || value === null;
}

function milliseconds(text = ""): number | null {
  const time = TIME.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? null : time;
}
