/**
 * What the command line of `stats` asks for.
 *
 * @module
 */

/** Names of the reports. */
export const REPORTS = ["summary", "top", "flows", "traffic"] as const;
export type ReportName = (typeof REPORTS)[number];

/** Names of the output formats, the same for every report. */
export const FORMATS = ["table", "json", "ndjson", "csv"] as const;
export type FormatName = (typeof FORMATS)[number];

export interface StatsOptions {
  readonly report: ReportName;
  /** Files, globs and directories, as written by the user; at least one. */
  readonly files: readonly string[];
  /** Rows shown; 0 = all, null = the report's own default. */
  readonly limit: number | null;
  readonly format: FormatName;
}
