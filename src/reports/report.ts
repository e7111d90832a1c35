/**
 * What a report is. Each file of this directory that a list in `all.ts` names is one report: what it
 * is called, what it asks, and how its answer is laid out.
 *
 * @module
 */
import type { Completeness } from "../query/recording_facts.ts";
import type { EarlyEnd } from "../query/recording_span.ts";
import type { Overview } from "../query/recordings.ts";
import type { Row } from "../query/session.ts";

/** What the values of a column are; renderers choose the notation by it. */
export type ColumnKind =
  | "text"
  | "address"
  | "port"
  | "count"
  | "bytes"
  /** A part of a whole, 0 to 1. */
  | "share"
  /** Nanoseconds since 1970, UTC. */
  | "time"
  | "seconds";

/** A column as programs get it: its name and its place are part of the contract. */
export interface ReportColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** DuckDB's type of a summary's value, if not the usual one of its kind. */
  readonly type?: "DOUBLE" | "BOOLEAN";
}

/** A column as people get it: an address and its port are one. */
export interface TableCell {
  readonly heading: string;
  /** Name of the report's column. */
  readonly column: string;
  /** Name of the column with the port that belongs to the address in `column`. */
  readonly port?: string;
  /** Terminal cells that a text is never shortened below, if not the table's own. */
  readonly min?: number;
  /** "first" goes as soon as text would be shortened much, "last" only when nothing else helps. */
  readonly leaveOut?: "first" | "last";
}

/** What all reports have. */
interface ReportTexts {
  /** The word on the command line. */
  readonly name: string;
  /** What it shows, as a phrase without a final period. */
  readonly help: string;
  /** Columns in the order of the contract. */
  readonly columns: readonly ReportColumn[];
  /** Rows shown unless the user says otherwise; 0 = all. For a summary: rows of each section. */
  readonly defaultLimit: number;
}

/** A report that is one table. */
export interface TableReport extends ReportTexts {
  readonly kind: "table";
  /** Columns that tell one row from another; they decide between rows that are equal otherwise. */
  readonly keys: readonly string[];
  /** Columns that rows are sorted by, the largest first; the next decides between equals. */
  readonly sorts: readonly string[];
  /**
   * A query over the views `packets` and `attachments` (`src/query/views.ts`), with `columns` as its
   * columns, neither sorted nor limited.
   */
  readonly sql: string;
  readonly cells: readonly TableCell[];
  /** What a reader must know of this report beside its rows; null = nothing. */
  readonly note?: (overview: Overview) => string | null;
  /** Its part of the summary, if it has one; the lowest place comes first. */
  readonly section?: { readonly heading: string; readonly place: number };
}

/** A report of one row about all packets, followed by the first rows of other reports. */
export interface SummaryReport extends ReportTexts {
  readonly kind: "summary";
  /** The row. */
  readonly summarize: (facts: SummaryFacts) => Row;
  /** The row as lines for people. */
  readonly lines: (row: Row) => readonly SummaryLine[];
}

export type Report = TableReport | SummaryReport;

/** What a summary is made of. */
export interface SummaryFacts {
  readonly overview: Overview;
  readonly completeness: Completeness;
  readonly fileCount: number;
  /** The different sampling rates of the files, ascending. */
  readonly sampleRates: readonly number[];
  /** Time in which anything was recorded, in seconds; null if a file does not say. */
  readonly recordedSeconds: number | null;
  readonly earlyEnds: readonly EarlyEnd[];
  /** Whether the files hold all that their recorders counted. */
  readonly isWhole: boolean;
}

/** `Packets  36 (1.20 packets/s)`: a name, an amount, and what is said behind it. */
export interface SummaryLine {
  readonly name: string;
  readonly amount: string;
  readonly note: string;
}
