/**
 * What the command line of `stats` asks for.
 *
 * @module
 */

import { FORMATS } from "../render/formats.ts";
import { REPORTS } from "../reports/all.ts";

/** Names of the reports; the first is the default. */
export const REPORT_NAMES: readonly string[] = REPORTS.map(({ name }) => name);

/** Names of the output formats; the first is the default. */
export const FORMAT_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

export interface StatsOptions {
  /** Name of the report. */
  readonly report: string;
  /** Files, globs and directories, as written by the user; at least one. */
  readonly files: readonly string[];
  /** Rows shown; 0 = all, null = the report's own default. */
  readonly limit: number | null;
  /** Name of the format. */
  readonly format: string;
}
