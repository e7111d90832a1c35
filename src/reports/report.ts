/**
 * What a report is. Each file of this directory that a list in `all.ts` names is one report: what it
 * is called, what can be chosen, what it asks, and how its answer is laid out.
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
  /** A number that is a name: of a port, a VLAN, a type of ICMP. */
  | "port"
  | "count"
  | "bytes"
  | "packet_rate"
  | "bit_rate"
  /** A part of a whole, 0 to 1. */
  | "share"
  /** Nanoseconds since 1970, UTC. */
  | "time"
  | "seconds";

/** Something that the rows of a report can be grouped by: a value of `--by`. */
export interface Grouping {
  /** The word on the command line. */
  readonly name: string;
  /** What a row is then, as a phrase without a final period. */
  readonly help: string;
  /** What may be written behind the name, as `/24` in `subnet/24`. */
  readonly argument?: {
    /** As shown in help: `[/n]`. */
    readonly usage: string;
    /**
     * Reads what stands behind the first slash.
     *
     * @throws {InvalidValue} It is not usable.
     */
    readonly parse: (text: string) => readonly number[];
  };
}

/** A flag that not all reports have. Reports that share one name the same object. */
export interface ReportFlag {
  /** `--every`. */
  readonly long: string;
  /** Placeholder of the value, `<time>`. */
  readonly valueName: string;
  /** What it does, as a phrase without a final period. */
  readonly help: string;
  /** What counts where it is left out. */
  readonly defaultText: string;
  /** The words of which the value is one; none if it can be anything. */
  readonly choices?: readonly string[];
  /**
   * Reads the value.
   *
   * @throws {InvalidValue} It is not usable.
   */
  readonly parse: (text: string) => unknown;
}

/** What was written behind the name of a report, checked against the report. */
export interface Choices {
  /** What rows are grouped by; null if the report groups by nothing, or by nothing more. */
  readonly by: ChosenGrouping | null;
  /** What `--sort` asks for; null = the report's own order. */
  readonly order: Order | null;
  /** Values of the report's own flags by {@linkcode ReportFlag.long}; those not given are missing. */
  readonly flags: ReadonlyMap<string, unknown>;
}

/** `subnet/24` as `subnet` and 24. */
export interface ChosenGrouping {
  readonly name: string;
  /** What the grouping's argument was read as; empty if none was written. */
  readonly argument: readonly number[];
}

/** A column of the report that its rows are sorted by. */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** A column as programs get it: its name and its place are part of the contract. */
export interface ReportColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** DuckDB's type of the value, if not the usual one of its kind. */
  readonly type?: "DOUBLE" | "BOOLEAN" | "UTINYINT";
}

/** A column as people get it: an address and its port are one. */
export interface TableCell {
  readonly heading: string;
  /** Name of the report's column. */
  readonly column: string;
  /** Name of the column with the port that belongs to the address in `column`. */
  readonly port?: string;
  /** Stands for NULL, if not the table's own. */
  readonly empty?: string;
  /** Terminal cells that a text is never shortened below, if not the table's own. */
  readonly min?: number;
  /** Whether no digit of a time is left out: rows may begin within one millisecond. */
  readonly isExact?: boolean;
  /** "first" goes as soon as text would be shortened much, "last" only when nothing else helps. */
  readonly leaveOut?: "first" | "last";
  /**
   * Whether a terminal with room for it shows the numbers as bars too, beside the largest or as shares of
   * those of all packets; one cell of a table at most.
   */
  readonly bar?: "size" | "share";
}

/** What all reports have. */
interface ReportTexts {
  /** The word on the command line. */
  readonly name: string;
  /** What it shows, as a phrase without a final period. */
  readonly help: string;
  /** Rows shown unless the user says otherwise; 0 = all. For a summary: rows of each section. */
  readonly defaultLimit: number;
  /** What its numbers mean, for the manual page: paragraphs, with words of code between backticks. */
  readonly definitions?: readonly string[];
}

/** What of a table can depend on what was written. */
export interface TableLayout {
  /** Columns in the order of the contract. */
  readonly columns: readonly ReportColumn[];
  /**
   * Columns that tell one row from another; they decide between rows that are equal otherwise. The query
   * may have some that the report does not show.
   */
  readonly keys: readonly string[];
  /** Columns that rows are sorted by, the largest first; the next decides between equals. */
  readonly sorts: readonly string[];
  readonly cells: readonly TableCell[];
  /** What a reader must know of this report beside its rows; null = nothing. */
  readonly note?: ((overview: Overview, gaps: Gaps) => string | null) | undefined;
  readonly oneSided?: OneSided | undefined;
  readonly cutOff?: CutOff | undefined;
}

/** Rows of which the packets of one side only were seen. */
export interface OneSided {
  /** SQL for one, over the columns of the report, which are those of the table `one`. */
  readonly where: string;
  /** The same where packets were selected by a condition, which may have left out the other side. */
  readonly whereFiltered?: string;
  /** What that leaves uncertain, as said below a table with so many of them. */
  readonly note: (rows: bigint) => string;
}

/** Rows of what seems unanswered, of which an answer can have come after the end. */
export interface CutOff {
  /** SQL for one that seems so, over the columns of the report, which are those of the table `one`. */
  readonly where: string;
  /** Its column with the time of the last packet that seems so, in nanoseconds since 1970. */
  readonly last: string;
  /** What is said below a table with so many of them. */
  readonly note: (rows: bigint) => string;
}

/** What is missing in the recordings. */
export interface Gaps {
  /** Whether only one packet in so many was kept, of any file. */
  readonly isSampled: boolean;
  /** Whether packets were lost. */
  readonly isLossy: boolean;
}

/** A report that is one table. Its layout is the one for nothing written behind its name. */
export interface TableReport extends ReportTexts, TableLayout {
  readonly kind: "table";
  /**
   * A query over the views `packets` and `attachments` (`src/query/views.ts`), with `columns` as its
   * columns, neither sorted nor limited.
   */
  readonly sql: string | ((choices: Choices) => string);
  /** What `--by` takes; `default` is what counts without it, null = no grouping beside the keys. */
  readonly by?: { readonly default: string | null; readonly groupings: readonly Grouping[] };
  /** Flags of its own. */
  readonly flags?: readonly ReportFlag[];
  /** The layout where it differs by what was written. */
  readonly layout?: (choices: Choices) => TableLayout;
  /** Of packets that loopback shows going out and coming in, it counts one. */
  readonly countsOnce?: true;
  /** Its part of the summary, if it has one; the lowest place comes first. */
  readonly section?: { readonly heading: string; readonly place: number };
}

/** A report of one row about all packets, followed by the first rows of other reports. */
export interface SummaryReport extends ReportTexts {
  readonly kind: "summary";
  /** Columns in the order of the contract. */
  readonly columns: readonly ReportColumn[];
  /** The row. */
  readonly summarize: (facts: SummaryFacts) => Row;
  /** The row as lines for people. */
  readonly lines: (row: Row) => readonly SummaryLine[];
}

export type Report = TableReport | SummaryReport;

/** A report as it is asked for. */
export interface Table extends TableReport {
  readonly sql: string;
}

/** What counts when nothing is written behind the name of a report. */
export function defaultChoices(report: Report): Choices {
  const name = report.kind === "table" ? report.by?.default ?? null : null;
  return { by: name === null ? null : { name, argument: [] }, order: null, flags: new Map() };
}

/** A report with the layout and the query that were chosen. */
export function tableOf(report: TableReport, choices: Choices): Table {
  const { sql, layout } = report;
  return {
    ...report,
    ...layout?.(choices),
    sql: typeof sql === "string" ? sql : sql(choices),
  };
}

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
