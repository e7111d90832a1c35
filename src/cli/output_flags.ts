/**
 * Flags about what a recording writes while it runs.
 *
 * @module
 */
import { parseByteSize } from "../core/byte_size.ts";
import { parseDuration } from "../core/duration.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import { choiceFlag, type Flag, optionalFlag, valueFlag } from "./flag.ts";

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

function parseFlushInterval(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === 0 || durationMs >= MIN_FLUSH_MS) return durationMs;
  throw new InvalidValue("it is shorter than 1s", 'Write "1s" or more');
}

function parseFreeSpace(text: string): number {
  return text === "0" ? 0 : parseByteSize(text);
}
