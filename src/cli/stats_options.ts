/**
 * What the command line of `stats` asks for.
 *
 * @module
 */

/** Names of the reports. */
export const REPORTS = ["summary", "top", "flows", "traffic"] as const;
export type ReportName = (typeof REPORTS)[number];

/** What each report shows, as a phrase; in the order of the help. */
export const REPORT_TEXTS: Readonly<Record<ReportName, string>> = {
  summary: "time span, rates, loss, and the first rows of the others (default)",
  top: "sources, by bytes",
  flows: "who talks with whom: addresses, ports and protocol, by bytes",
  traffic: "protocols, by bytes",
};

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
