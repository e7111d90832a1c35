/**
 * The answer to a report: what a renderer needs to print it, computed while it is printed, so that a
 * report of any size needs little memory.
 *
 * @module
 */
import type { SeriesGap } from "../query/series_place.ts";
import type { ContentMismatch } from "../query/content_check.ts";
import type { TimeRange } from "../parquet/footer_outline.ts";
import type { Completeness } from "../query/recording_facts.ts";
import type { EarlyEnd, RepeatedPackets } from "../query/recording_span.ts";
import {
  type LossInTime,
  type Matched,
  type Overview,
  type Query,
  type Recordings,
} from "../query/recordings.ts";
import { OVERVIEW_SQL } from "../query/overview.ts";
import type { Row } from "../query/session.ts";
import type { TypedRows } from "../query/typed_rows.ts";
import { printedAddress } from "../query/vocabulary.ts";
import { REPORTS, summarySections } from "./all.ts";
import {
  type Choices,
  type CutOff,
  defaultChoices,
  type Order,
  type Report,
  type SummaryReport,
  type Table,
  tableOf,
  type TableReport,
} from "./report.ts";
import { meanings, rowQuery } from "./stored_types.ts";

/** Who gets no answer to a SYN in that time asks again: the first RTO (RFC 6298, 2). */
const PATIENCE_NS = 1_000_000_000n;

/** Rows of one report. */
export interface Section {
  /** With the layout that was chosen. */
  readonly report: TableReport;
  /** The rows as they are computed. They come once. */
  readonly batches: AsyncIterable<readonly Row[]>;
  /** Asks for the rows with the types that they are stored in, instead of {@linkcode batches}. */
  readonly typed: () => TypedRows;
  /** Rows that have come, and, where they are counted, those without the limit; right once all have come. */
  readonly tally: Tally;
}

/** How many rows there are. */
interface Tally {
  shown: number;
  found: bigint;
  /** Those of which the packets of one side only were seen, where the report says which these are. */
  oneSided?: bigint;
  /** Those, of the others, that the end may have cut off from an answer. */
  cutOff?: bigint;
}

/** What is to be known about the files whatever was asked. */
export interface Trust {
  readonly completeness: Completeness;
  /** The different sampling rates of the files, ascending. */
  readonly sampleRates: readonly number[];
  /** The different filters that the files were recorded with. */
  readonly filters?: readonly string[];
  /** Files that a pattern or directory led to and that could not be read. */
  readonly skippedFiles: number;
  /** Time in which anything was recorded, in seconds; null if a file does not say. */
  readonly recordedSeconds: number | null;
  readonly earlyEnds: readonly EarlyEnd[];
  readonly repeatedPackets: RepeatedPackets;
  /** What is missing between files of one recording. */
  readonly seriesGaps?: readonly SeriesGap[];
  /** Asks whether the files hold what their recorders counted. Rows must have come, or not been asked for. */
  readonly contentMismatch: () => Promise<ContentMismatch | null>;
  /** Null when all packets are selected. */
  readonly selected: SelectedPart | null;
}

/** What of the files an answer is about. */
export interface SelectedPart {
  /** Counts the packets. Rows must have come, or not been asked for. */
  readonly matched: () => Promise<Matched>;
  /** From the start of the first recording to the end of the last, selected or not; null = nobody knows. */
  readonly recordedRange: TimeRange | null;
  /** Whether it is less than what counters are known of. */
  readonly isNarrower: boolean;
  /** What was lost in the selected time; null where that is not known, or no time is selected. */
  readonly lossInTime?: LossInTime | null;
}

/** The rows of a report. */
export interface TableAnswer {
  readonly kind: "table";
  readonly section: Section;
  readonly trust: Trust;
  /** Asks for all packets together. Rows must have come, or not been asked for. */
  readonly overview: () => Promise<Overview>;
  /** What is said below the table, if not what is said of any report. Rows must have come. */
  readonly closing?: () => Promise<readonly ClosingLine[]>;
}

/** A line below a table. */
export interface ClosingLine {
  readonly text: string;
  readonly isWarning?: boolean;
}

/** A summary with its sections. */
export interface SummaryAnswer {
  readonly kind: "summary";
  readonly report: SummaryReport;
  readonly row: Row;
  /** The row with the types that it is stored in. */
  readonly typed: () => TypedRows;
  /** Lost packets by cause; null when no file says. */
  readonly drops: ReadonlyMap<string, bigint> | null;
  readonly sections: readonly Section[];
  readonly trust: Trust;
  readonly overview: () => Promise<Overview>;
}

export type Answer = TableAnswer | SummaryAnswer;

/**
 * Asks recordings for a report.
 *
 * @param limit rows of each table; 0 = all, null = the report's own default
 * @param choices what was written behind the report's name
 * @param withFound counts the rows that there are without the limit
 * @param reports where a summary takes its sections from
 */
export async function answerReport(
  recordings: Recordings,
  report: Report,
  { limit, withFound, choices = defaultChoices(report), reports = REPORTS }: {
    readonly limit: number | null;
    readonly withFound: boolean;
    readonly choices?: Choices | undefined;
    readonly reports?: readonly Report[] | undefined;
  },
): Promise<Answer> {
  const rows = limit ?? report.defaultLimit;
  const trust = trustOf(recordings);
  if (report.kind === "table") {
    const request = { limit: rows, withFound, choices };
    const section = askSection(recordings, report, request);
    const { repeatedPackets } = trust;
    const seen = report.countsOnce ? { ...repeatedPackets, loopback: false } : repeatedPackets;
    return {
      kind: "table",
      section,
      trust: { ...trust, repeatedPackets: seen },
      overview: () => recordings.overview(),
    };
  }
  const overview = await recordings.overview();
  const { fileCount } = recordings;
  const mismatch = await recordings.contentMismatch();
  const facts = {
    overview,
    fileCount,
    isWhole: mismatch === null && recordings.seriesGaps.length === 0,
    ...trust,
  };
  const row = report.summarize(facts);
  return {
    kind: "summary",
    report,
    row,
    typed: () => recordings.typed(rowQuery(report.columns, row), meanings(report.columns)),
    drops: dropsOf(trust.completeness),
    sections: summarySections(reports).map((section) =>
      askSection(recordings, section, { limit: rows, withFound, choices: defaultChoices(section) })
    ),
    trust: { ...trust, contentMismatch: () => Promise.resolve(mismatch) },
    overview: () => Promise.resolve(overview),
  };
}

function dropsOf({ files, filesUnknown, counters }: Completeness): SummaryAnswer["drops"] {
  return filesUnknown === files ? null : counters.drops;
}

/** What is to be known about recordings whatever is asked of them. */
export function trustOf(recordings: Recordings): Trust {
  const { completeness, sampleRates, skipped, recordedSeconds, earlyEnds, repeatedPackets } =
    recordings;
  return {
    completeness,
    sampleRates,
    filters: recordings.filters,
    skippedFiles: skipped.length,
    recordedSeconds,
    earlyEnds,
    repeatedPackets,
    seriesGaps: recordings.seriesGaps,
    contentMismatch: () => recordings.contentMismatch(),
    selected: selectedPart(recordings),
  };
}

function selectedPart(recordings: Recordings): SelectedPart | null {
  const { isSelective, isNarrower, recordedRange, lossInTime } = recordings;
  if (!isSelective) return null;
  return { matched: () => recordings.matched(), recordedRange, isNarrower, lossInTime };
}

/**
 * The query of a report. Ties are broken by the report's own order and by its keys, so that the same
 * file always gives the same text.
 *
 * @param limit rows; 0 = all
 * @param withFound adds `cut_off`, `one_sided` and `rows_found`, how many rows there are without the limit, as
 * the last columns
 */
export function reportQuery(
  report: TableReport,
  limit: number,
  withFound: boolean,
  choices: Choices = defaultChoices(report),
): Query {
  const table = tableOf(report, choices);
  const doubts = withFound ? { oneSided: table.oneSided?.where ?? "false", cutOff: "false" } : null;
  return { sql: tableSql(table, limit, doubts, choices.order), parameters: {} };
}

/**
 * The queries of a report as text, for somebody to read and to change. Nothing is asked.
 *
 * @param limit rows of each table; 0 = all, null = the report's own default
 */
export function explainReport(
  report: Report,
  { limit, choices = defaultChoices(report), reports = REPORTS }: {
    readonly limit: number | null;
    readonly choices?: Choices | undefined;
    readonly reports?: readonly Report[] | undefined;
  },
): string {
  const rows = limit ?? report.defaultLimit;
  if (report.kind === "table") return statement(reportQuery(report, rows, false, choices));
  const sections = summarySections(reports).map((section) =>
    `\n-- ${section.name}\n${statement(reportQuery(section, rows, false))}`
  );
  return `-- ${report.name}\n${statement({ sql: OVERVIEW_SQL, parameters: {} })}${
    sections.join("")
  }`;
}

/** SQL for which rows are not certain. */
interface Doubts {
  readonly oneSided: string;
  readonly cutOff: string;
}

/** @param doubts null = rows are not counted */
function tableSql(
  { columns, sql, sorts, keys }: Table,
  limit: number,
  doubts: Doubts | null,
  chosen: Order | null,
): string {
  const first = chosen === null
    ? []
    : [`report.${chosen.column} ${chosen.descending ? "DESC" : "ASC"} NULLS LAST`];
  const order = [
    ...first,
    ...sorts.map((name) => `report.${name} DESC NULLS LAST`),
    ...keys.map((name) => `report.${name} NULLS LAST`),
  ].join(", ");
  const counted = (condition: string) => `(SELECT count(*) FROM report AS one WHERE ${condition})`;
  const found = doubts === null
    ? ""
    : `, ${counted(`${doubts.cutOff} AND (${doubts.oneSided}) IS NOT TRUE`)} AS cut_off` +
      `, ${counted(doubts.oneSided)} AS one_sided, (SELECT count(*) FROM report) AS rows_found`;
  const selected = columns.map(({ name, kind }) =>
    kind === "address" ? `${printedAddress(name)} AS ${name}` : name
  );
  if (doubts !== null) selected.push("cut_off", "one_sided", "rows_found");
  // Addresses are looked at in the rows that are shown only.
  return [
    `WITH report AS ${doubts !== null ? "MATERIALIZED " : ""}(`,
    indented(sql, "  "),
    ")",
    `SELECT ${selected.join(", ")} FROM (`,
    `  SELECT *${found} FROM report`,
    ...(limit > 0 ? [`  ORDER BY ${order} LIMIT ${limit}`] : []),
    `) AS report ORDER BY ${order}`,
  ].join("\n");
}

/** Lines with the least indentation among them replaced by another. */
function indented(text: string, indentation: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const least = Math.min(...lines.map((line) => line.search(/\S/)));
  return lines.map((line) => indentation + line.slice(least)).join("\n");
}

function statement({ sql }: Query): string {
  return `${indented(sql, "")};\n`;
}

function askSection(
  recordings: Recordings,
  report: TableReport,
  { limit, withFound, choices }: {
    readonly limit: number;
    readonly withFound: boolean;
    readonly choices: Choices;
  },
): Section {
  const table = tableOf(report, choices);
  const tally: Tally = { shown: 0, found: 0n };
  const sql = tableSql(
    table,
    limit,
    withFound ? doubtsOf(recordings, table) : null,
    choices.order,
  );
  const batches = recordings.rows({ sql, parameters: {} });
  const typed = () => {
    const sql = tableSql(table, limit, null, choices.order);
    return recordings.typed({ sql, parameters: {} }, meanings(table.columns));
  };
  return { report: table, batches: counted(batches, tally, withFound), typed, tally };
}

function doubtsOf(recordings: Recordings, { oneSided, cutOff }: Table): Doubts {
  const filtered = recordings.hasCondition ? oneSided?.whereFiltered : undefined;
  return {
    oneSided: filtered ?? oneSided?.where ?? "false",
    cutOff: cutOff === undefined ? "false" : cutOffSql(cutOff, recordings.endsBefore(PATIENCE_NS)),
  };
}

function cutOffSql({ where, last }: CutOff, ends: readonly bigint[]): string {
  const ended = `SELECT unnest([${ends.join(", ")}]::BIGINT[]) AS ended`;
  return `${where} AND EXISTS (FROM (${ended}) WHERE abs(one.${last}::HUGEINT - ended) < ${PATIENCE_NS})`;
}

/**
 * Passes batches on, counting their rows.
 *
 * @param withFound the last values of a row are the numbers of rows that are cut off, one-sided, and that there
 * are
 */
async function* counted(
  batches: AsyncIterable<Row[]>,
  tally: Tally,
  withFound: boolean,
): AsyncGenerator<Row[]> {
  for await (const batch of batches) {
    tally.shown += batch.length;
    if (withFound) {
      tally.cutOff = BigInt(batch[0]!.at(-3) as bigint);
      tally.oneSided = BigInt(batch[0]!.at(-2) as bigint);
      tally.found = BigInt(batch[0]!.at(-1) as bigint);
    }
    yield batch;
  }
}
