/**
 * The settings of one recording, checked against each other.
 *
 * @module
 */
import { resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import { NoFilterError } from "../filter/filter_error.ts";
import { isWord } from "../filter/words.ts";
import { checkFilter, type WrittenFilter } from "../filter/written_filter.ts";
import type { Surroundings } from "./command.ts";
import { readFilter } from "./filter_flags.ts";
import { type OnError, type SeriesOptions, seriesOptions } from "./output_flags.ts";
import { flagForWord } from "./word_hints.ts";

/** Commands that record, which write their words alike. */
export type RecordingCommand = "record" | "live";

/** Settings of `record`. */
export interface RecordOptions {
  /** Names, each once; none = the interface of the default route. */
  interfaces: string[];
  /** Milliseconds; 0 = until interrupted. */
  durationMs: number;
  /** A program and its arguments, to record while it runs; null = none. */
  program: readonly string[] | null;
  /** Path of the Parquet file, or of a directory for it; `-` = standard output, which is then no terminal. */
  output: string;
  /** Captured packets after which to stop, at least 1; null = no such limit. */
  count: number | null;
  /** null = not said: both, and of loopback one. */
  direction: "in" | "out" | "inout" | null;
  /** Wait for interfaces that are not there, and attach again to those that come back. */
  waits: boolean;
  /** Which packets; null = all. */
  filter: WrittenFilter | null;
  mode: "auto" | "native" | "generic" | "tc";
  /** One packet in how many is kept, at least 1 = all. */
  sample: number;
  /** Size of the ring in bytes, a power of two. */
  bufferBytes: number;
  /** Fail if the output exists. */
  noClobber: boolean;
  /** Replace an output that is no recording. */
  force: boolean;
  /** Let the group read the output. */
  groupRead: boolean;
  /** Milliseconds after which a packet is on the disk; 0 = when its segment is full. */
  flushMs: number;
  /** What is done when the output cannot be written. */
  onError: OnError;
  /** Bytes that stay free on the disk of the output; null = as many as is usual. */
  minFreeBytes: number | null;
  /** Several files in a directory; null = one. */
  series: SeriesOptions | null;
  /** Path of the file to create once every program is attached. */
  readyFile: string | null;
  /** User to become once everything is attached; null = the caller of sudo, else nobody. */
  user: string | null;
  verbosity: "quiet" | "normal" | "verbose";
  /** Print the final report as JSON on standard output. */
  json: boolean;
}

/** The values of the flags of `record`. */
export interface RecordFlagValues
  extends Omit<RecordOptions, "verbosity" | "series" | "filter">, SeriesOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly filter: string | null;
  readonly filterFile: string | null;
  readonly resolve: boolean;
  /** Words without a flag: a filter. */
  readonly operands: readonly string[];
}

/**
 * Turns the values of the flags of `record` into its settings.
 *
 * @param command whose flags they are, for hints
 * @throws {UsageError} If two flags contradict each other, an interface is named twice, or binary
 * output would go to a terminal.
 */
export function recordOptions(
  values: RecordFlagValues,
  surroundings: Pick<Surroundings, "stdoutIsTerminal">,
  command: RecordingCommand = "record",
): RecordOptions {
  const { rotateBytes, rotateMs, keepFiles, keepBytes, keepAgeMs, hive, onClose, ...others } =
    values;
  const { quiet, verbose, filter: expression, filterFile, resolve, operands, ...rest } = others;
  const options = {
    ...rest,
    series: seriesOptions({
      rotateBytes,
      rotateMs,
      keepFiles,
      keepBytes,
      keepAgeMs,
      hive,
      onClose,
    }),
  };
  if (quiet && verbose) {
    throw new UsageError("Cannot use --quiet together with --verbose", {
      hint: "Leave one of them out",
    });
  }
  if (options.noClobber && options.force) {
    throw new UsageError("Cannot use --no-clobber together with --force", {
      hint: "Leave one of them out",
    });
  }
  const repeated = options.interfaces.find((name, index, names) => names.indexOf(name) < index);
  if (repeated !== undefined) {
    throw new UsageError(`Cannot record on "${repeated}" twice`, {
      hint: "Name each interface once",
    });
  }
  const filter = filterOf({ filter: expression, filterFile, resolve }, operands, command);
  checkOutput(options, surroundings);
  return { ...options, filter, verbosity: quiet ? "quiet" : verbose ? "verbose" : "normal" };
}

/** A word that is no filter may be the name of an interface or of a file, for which there are flags. */
function filterOf(
  flags: Parameters<typeof readFilter>[0],
  words: readonly string[],
  command: RecordingCommand,
): WrittenFilter | null {
  try {
    const written = readFilter(flags, words);
    if (written !== null) checkFilter(written);
    return written;
  } catch (error) {
    const isName = error instanceof UsageError && error.cause instanceof NoFilterError &&
      words.length === 1;
    // A filter that only lacks something.
    if (!isName || isWord(words[0]!.split(/[\s.]/)[0]!)) throw error;
    throw new UsageError(error.message, { hint: flagForWord(command, words), cause: error });
  }
}

function checkOutput(
  options: Pick<RecordOptions, "output" | "json" | "readyFile" | "program" | "series">,
  { stdoutIsTerminal }: Pick<Surroundings, "stdoutIsTerminal">,
): void {
  if (options.readyFile !== null && resolve(options.readyFile) === resolve(options.output)) {
    throw new UsageError(`Cannot use "${options.readyFile}" for both --output and --ready-file`, {
      hint: "Name another file with --ready-file",
    });
  }
  if (options.output !== "-") return;
  if (options.series !== null) {
    throw new UsageError('Cannot make several files of "-" for --output: it is one stream', {
      hint: "Name a directory with --output",
    });
  }
  if (options.program !== null) {
    throw new UsageError(
      `Cannot use "-" for --output while "${
        options.program[0]
      }" runs: both write to standard output`,
      { hint: "Name a file with --output" },
    );
  }
  if (options.json) {
    throw new UsageError(
      'Cannot use --json together with "-" for --output: both are standard output',
      {
        hint: "Name a file with --output",
      },
    );
  }
  if (stdoutIsTerminal) {
    throw new UsageError('Cannot use "-" for --output: standard output is a terminal', {
      hint: "Name a file with --output, or send the output to a file or program",
    });
  }
}
