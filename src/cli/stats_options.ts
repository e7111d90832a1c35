/**
 * What the command line of `stats` asks for.
 *
 * @module
 */
import type { Choices } from "../reports/report.ts";
import type { Selection } from "../query/selection.ts";

export interface StatsOptions {
  /** Name of the report. */
  readonly report: string;
  /** What was written for the report beside its name; left out = nothing. */
  readonly choices?: Choices;
  /** Whether to print the SQL of the report instead of its answer. */
  readonly explain?: boolean;
  /** Files, globs and directories, as written by the user; at least one. */
  readonly files: readonly string[];
  /** Which packets; all unless given. */
  readonly selection?: Selection;
  /** Rows shown; 0 = all, null = the report's own default. */
  readonly limit: number | null;
  /** Name of the format. */
  readonly format: string;
  /** The file to write; none = standard output. */
  readonly output?: string;
  /** Whether that may replace a file. */
  readonly force?: boolean;
  /** Longest time that the answer may take in milliseconds; 0 or none = no limit. */
  readonly timeoutMs?: number;
}
