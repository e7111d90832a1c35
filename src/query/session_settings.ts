/**
 * What DuckDB is told when a session begins: what its queries may open, and how much memory they may take.
 *
 * @module
 */
import { quoteText } from "./sql_text.ts";

/** DuckDB allows itself 80 % of the machine or container; a report takes at most half of it. */
const MEMORY_SHARE = 0.5 / 0.8;

/**
 * What a report may take of it for each thread where there is a disk to spill to: spilling earlier costs
 * next to nothing, and others need the memory. At least as much as DuckDB advises ("Working with Huge
 * Databases" of its performance guide: 125 MB).
 */
const REPORT_BYTES_PER_THREAD = 160 * 2 ** 20;
/** And however few threads there are. */
const MIN_REPORT_BYTES = 640 * 2 ** 20;

/** Copying needs a few row groups for each thread; the rest is sorting, which can be done on a disk. */
const MAX_WRITER_BYTES = 2 ** 30;

/** Where a process finds what it has open: proc_pid_fd(5). */
const OWN_DESCRIPTORS = "/proc/self/fd/";

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  bytes: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
  PiB: 2 ** 50,
};

/** Asks for what {@linkcode memorySettings} begins with. */
export const DEFAULTS_SQL =
  "SELECT current_setting('memory_limit'), current_setting('threads')::INTEGER";

/**
 * Statements that say how much memory a session may take.
 *
 * @param defaults the row of {@linkcode DEFAULTS_SQL}
 */
export function memorySettings(
  [memoryLimit, threads]: readonly unknown[],
  { spillBytes, sessions, isWriter }: {
    /** What a report may spill; null = this is no report. */
    readonly spillBytes: number | null;
    /** How many share it. */
    readonly sessions: number;
    readonly isWriter: boolean;
  },
): string[] {
  const ofDuckDb = parseMemoryLimit(String(memoryLimit));
  if (ofDuckDb === null) return [];
  const half = ofDuckDb * MEMORY_SHARE;
  const limit = spillBytes === null ? half : reportMemory(half, Number(threads), spillBytes);
  const max = isWriter ? MAX_WRITER_BYTES : Infinity;
  return [`SET memory_limit = '${Math.floor(Math.min(limit / sessions, max) / 1024)}KiB'`];
}

/**
 * Statements that say what queries may do.
 *
 * @param paths the only files that they may open; null = whatever DuckDB can
 * @param writesTo directory that they may write to
 */
export function settings(paths: readonly string[] | null, writesTo: string | null): string[] {
  const list = (texts: readonly string[]) => `[${texts.map((text) => quoteText(text)).join(", ")}]`;
  return [
    // Kept, for `progress`, and printed by nobody.
    "SET enable_progress_bar = true",
    "SET enable_progress_bar_print = false",
    // The footer of a file is read once, and not by each query.
    "SET parquet_metadata_cache = true",
    ...paths === null ? [] : [
      `SET allowed_paths = ${list(paths)}`,
      // As the encoder of recordings does: who has become somebody else may not enter the directories above.
      ...writesTo === null ? [] : [
        `SET allowed_directories = ${
          list([writesTo, ...writesTo.startsWith(OWN_DESCRIPTORS) ? [OWN_DESCRIPTORS] : []])
        }`,
      ],
      "SET enable_external_access = false",
      "SET lock_configuration = true",
    ],
  ];
}

/**
 * What a report may take before it spills.
 *
 * @param maxBytes what it may take at all
 * @param spillBytes what it may spill. With less room on the disk than in memory, reports would fail that need not.
 */
export function reportMemory(maxBytes: number, threads: number, spillBytes: number): number {
  if (spillBytes < maxBytes) return maxBytes;
  return Math.min(maxBytes, Math.max(MIN_REPORT_BYTES, threads * REPORT_BYTES_PER_THREAD));
}

/** Bytes of a limit in DuckDB's notation, `18.8 GiB`; null when it cannot be read. */
export function parseMemoryLimit(text: string): number | null {
  const [, amount, unit = ""] = /^([\d.]+) (\w+)$/.exec(text) ?? [];
  const bytes = Number(amount) * (BYTES_PER_UNIT[unit] ?? NaN);
  return Number.isFinite(bytes) ? bytes : null;
}
