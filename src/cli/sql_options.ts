/**
 * What the command line of `sql` asks for.
 *
 * @module
 */
import type { Selection } from "../query/selection.ts";
import type { TableRequest } from "../query/user_tables.ts";

export interface SqlOptions {
  /** Files, globs and directories, as written by the user; at least one. */
  readonly files: readonly string[];
  readonly selection: Selection;
  /** The query; null = from {@linkcode queryFile}, else from standard input, or from a prompt. */
  readonly query: string | null;
  /** Path of a file with the query. */
  readonly queryFile: string | null;
  readonly tables: readonly TableRequest[];
  /** Whether statements may do whatever DuckDB can. */
  readonly isUnrestricted: boolean;
  /** Rows at most; 0 = all, null = the default of the format. */
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
