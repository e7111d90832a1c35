/**
 * Flags about what a recording writes while it runs.
 *
 * @module
 */
import { parseByteSize } from "../core/byte_size.ts";
import { parseDuration } from "../core/duration.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import { choiceFlag, type Flag, optionalFlag, switchFlag, valueFlag } from "./flag.ts";
import { parseWholeNumber } from "./flag_values.ts";

/** What is done with rows that cannot be written. */
export type OnError = "stop" | "drop";

/** Shortest time, milliseconds: packets wait half a second until the writer gets them. */
const MIN_FLUSH_MS = 1000;

/** What `record` is told about the way to the disk. */
export interface WritingFlags {
  readonly flushMs: Flag<number>;
  readonly onError: Flag<OnError>;
  readonly minFreeBytes: Flag<number | null>;
}

/** The flags of every file that is written. */
export function writingFlags(): WritingFlags {
  return {
    flushMs: valueFlag({
      long: "--flush-interval",
      valueName: "<time>",
      defaultValue: "5s",
      help:
        "packets older than this are on the disk: a crash costs no more; 0 = when a segment is full",
      parse: parseFlushInterval,
    }),
    onError: choiceFlag({
      long: "--on-error",
      choices: ["stop", "drop"],
      defaultValue: "stop",
      help:
        "when the output cannot be written: end with what is there, or go on and count the loss",
    }),
    minFreeBytes: optionalFlag({
      long: "--min-free",
      valueName: "<size>",
      defaultText: "1GiB, at most 5 % of the disk",
      help: "space that the output leaves free on its disk; 0 = it may fill it",
      parse: parseFreeSpace,
    }),
  };
}

/** What `record` is told about a series of files; null and false = not said. */
export interface SeriesFlags {
  readonly rotateBytes: Flag<number | null>;
  readonly rotateMs: Flag<number | null>;
  readonly keepFiles: Flag<number | null>;
  readonly keepBytes: Flag<number | null>;
  readonly keepAgeMs: Flag<number | null>;
  readonly hive: Flag<boolean>;
  readonly onClose: Flag<string | null>;
}

/** The flags that make a series of files in a directory. */
export function seriesFlags(): SeriesFlags {
  return {
    rotateBytes: optionalFlag({
      long: "--rotate-size",
      short: "-C",
      valueName: "<size>",
      help: "begin a new file when one has about this size; the output is a directory",
      parse: (text) => parsePositive(parseByteSize(text)),
    }),
    rotateMs: optionalFlag({
      long: "--rotate-interval",
      short: "-G",
      valueName: "<time>",
      help:
        "begin a new file at each multiple of this time on the clock (UTC), also without packets",
      parse: parseRotateInterval,
    }),
    keepFiles: optionalFlag({
      long: "--keep-files",
      short: "-W",
      valueName: "<n>",
      help: "keep the newest n files of these interfaces in the directory, and remove older ones",
      parse: (text) => parseWholeNumber(text, 1, "Leave --keep-files out to keep all"),
    }),
    keepBytes: optionalFlag({
      long: "--keep-size",
      valueName: "<size>",
      help: "keep the newest files of these interfaces, up to this size in all",
      parse: (text) => parsePositive(parseByteSize(text)),
    }),
    keepAgeMs: optionalFlag({
      long: "--keep-age",
      valueName: "<time>",
      help: "remove files of these interfaces whose last packet is older, as in 12h or 90d",
      parse: parseAge,
    }),
    hive: switchFlag({
      long: "--hive",
      help: "put the files into directories host=<host>/date=<day>/",
    }),
    onClose: optionalFlag({
      long: "--on-close",
      valueName: "<command>",
      help:
        "have a shell run this with the path of each finished file behind it, as the user of --user",
      parse: parseCommand,
    }),
  };
}

/** The settings of a series. */
export interface SeriesOptions {
  /** Bytes after which a file ends; null = it may have any size. */
  readonly rotateBytes: number | null;
  /** Milliseconds between the beginnings of files, on the wall clock; null = any time. */
  readonly rotateMs: number | null;
  readonly keepFiles: number | null;
  readonly keepBytes: number | null;
  readonly keepAgeMs: number | null;
  /** Directories for host and day. */
  readonly hive: boolean;
  /** Command line for a shell, which gets the path of a file; null = none. */
  readonly onClose: string | null;
}

/** The settings where no flag asks for a series. */
export const NO_SERIES: SeriesOptions = {
  rotateBytes: null,
  rotateMs: null,
  keepFiles: null,
  keepBytes: null,
  keepAgeMs: null,
  hive: false,
  onClose: null,
};

/** @returns null if no flag asks for a series */
export function seriesOptions(flags: SeriesOptions): SeriesOptions | null {
  const { rotateBytes, rotateMs, keepFiles, keepBytes, keepAgeMs, hive, onClose } = flags;
  const options = { rotateBytes, rotateMs, keepFiles, keepBytes, keepAgeMs, hive, onClose };
  return Object.values(options).some((value) => value !== null && value !== false) ? options : null;
}

const MIN_ROTATE_MS = 1000;
const DAY_MS = 86_400_000;
const MAX_AGE_DAYS = 100_000;

function parseRotateInterval(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs >= MIN_ROTATE_MS) return durationMs;
  throw new InvalidValue("it is shorter than 1s", 'Write "1s" or more');
}

/** A duration, or days: these may be more than a recording can have. */
function parseAge(text: string): number {
  const [, days] = /^(\d{1,6})d$/.exec(text) ?? [];
  const ageMs = days !== undefined && Number(days) <= MAX_AGE_DAYS
    ? Number(days) * DAY_MS
    : parseDuration(text);
  return parsePositive(ageMs);
}

function parsePositive(value: number): number {
  if (value > 0) return value;
  throw new InvalidValue("it is 0", "Leave the flag out for no limit");
}

function parseCommand(text: string): string {
  if (text.trim() === "") throw new InvalidValue("it is empty", "Write a command");
  return text;
}

function parseFlushInterval(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === 0 || durationMs >= MIN_FLUSH_MS) return durationMs;
  throw new InvalidValue("it is shorter than 1s", 'Write "1s" or more');
}

function parseFreeSpace(text: string): number {
  return text === "0" ? 0 : parseByteSize(text);
}
