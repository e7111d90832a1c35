/**
 * Names of what a recording keeps in its hidden directory until it has a file.
 *
 * @module
 */
import type { GrowingPaths } from "../../parquet/growing_file.ts";

const DIGITS = 6;

/** A segment that is closed: a Parquet file by itself. */
const SEGMENT = /^(\d{6,})\.parquet$/;
/** Rows of the open segment, which are on the disk before it is closed: the first, and behind the last. */
const TAIL = /^(\d{6,})\.tail-(\d+)-(\d+)$/;
/** A file in the making: see `growing_file.ts`. */
const GROWING = /^part-(\d{6,})\.(data|index)$/;
/** A file that has its footer, and waits for its name. */
const CLOSED = /^part-(\d{6,})\.closed$/;

/** The joined file. */
export const COMPLETE_NAME = "complete.parquet";

/** What is said about a recording while it runs. */
export const STATE_NAME = "recording.json";

/** Room for the end of a file on a disk that is full. */
export const RESERVE_NAME = "reserve";

/** What is being written. */
const UNFINISHED = /\.unfinished$/;

const FIXED: readonly string[] = [COMPLETE_NAME, STATE_NAME, RESERVE_NAME];

/** Rows of the open segment in a file of their own. */
export interface TailName {
  readonly segment: number;
  readonly firstRow: number;
  /** The row behind the last. */
  readonly endRow: number;
}

export function segmentName(number: number): string {
  return `${padded(number)}.parquet`;
}

/** Number of a closed segment; null for every other name. */
export function segmentNumber(name: string): number | null {
  const [, number] = SEGMENT.exec(name) ?? [];
  return number === undefined ? null : Number(number);
}

export function tailName({ segment, firstRow, endRow }: TailName): string {
  return `${padded(segment)}.tail-${firstRow}-${endRow}`;
}

/** What the name of a tail says; null for every other name. */
export function readTailName(name: string): TailName | null {
  const [, segment, firstRow, endRow] = TAIL.exec(name) ?? [];
  if (segment === undefined) return null;
  return { segment: Number(segment), firstRow: Number(firstRow), endRow: Number(endRow) };
}

/** Paths of the file in the making with this number. */
export function growingPaths(directory: string, part: number): GrowingPaths {
  const stem = `${directory}/part-${padded(part)}`;
  return { data: `${stem}.data`, index: `${stem}.index` };
}

/** Number of the file in the making that this is the data or the index of; else null. */
export function growingPart(name: string): { part: number; kind: "data" | "index" } | null {
  const [, part, kind] = GROWING.exec(name) ?? [];
  return part === undefined ? null : { part: Number(part), kind: kind as "data" | "index" };
}

export function closedName(part: number): string {
  return `part-${padded(part)}.closed`;
}

/** Number of a file that has its footer; null for every other name. */
export function closedPart(name: string): number | null {
  const [, part] = CLOSED.exec(name) ?? [];
  return part === undefined ? null : Number(part);
}

/** Whether a recording makes such files. Nothing else is ever removed. */
export function isOwnName(name: string): boolean {
  const stem = name.replace(UNFINISHED, "");
  return FIXED.includes(stem) || [SEGMENT, TAIL, GROWING, CLOSED].some((one) => one.test(stem));
}

/** Whether a file holds packets, or says what others do. */
export function isWorthKeeping(name: string): boolean {
  return name === STATE_NAME || [SEGMENT, TAIL, GROWING, CLOSED].some((one) => one.test(name));
}

function padded(number: number): string {
  return String(number).padStart(DIGITS, "0");
}
