/**
 * The views that questions are asked of. Files, their schema and their sampling rates are dealt with
 * here, once: a report is SQL over `packets`, and the tables of `fact_tables.ts`, and never mentions a file.
 *
 * - `packets`: one row for each recorded packet that is selected, the columns of `src/contract/columns.ts` and
 *   `sample_rate`, how many packets the row stands for. Texts are those of `vocabulary.ts`, so of a
 *   bounded length.
 * - `sum_packets(sample_rate)`: packets, scaled by the sampling rate of their file.
 * - `sum_packets_with(value, sample_rate)`: the same of the packets whose value is not NULL.
 * - `sum_bytes(packet_length, sample_rate)`: bytes, scaled likewise.
 *
 * @module
 */
import { type ColumnName, COLUMNS } from "../contract/columns.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";
import { quoteText } from "./sql_text.ts";
import type { TimeWindow } from "./time_window.ts";
import { checkedColumn, MAX_TEXT_BYTES } from "./vocabulary.ts";

/** A file as the views need it. */
export interface ViewFile {
  /** What DuckDB opens. */
  readonly openPath: string;
  /** One packet in this many was kept. */
  readonly sampleRate: number;
}

/** From this rate on, packet length times rate may not fit in 63 bits: both have up to 32. */
const MAX_BIGINT_RATE = 2 ** 31;

/** With more rates, looking for the right one takes longer than the product. */
const MAX_CHOSEN_RATES = 4;

/** Which rows the view has. */
export interface ViewRows {
  readonly window: TimeWindow;
  /** None = all. */
  readonly interfaces: readonly string[];
  /** As files name it; null = both. */
  readonly direction: string | null;
}

/** Statements that create the view and the sums; at least one file. */
export function viewStatements(files: readonly ViewFile[], rows: ViewRows): string[] {
  const rates = [...new Set(files.map(({ sampleRate }) => sampleRate))];
  return [packetsView(files, rows), ...scaledSums(rates)];
}

/** What the view may have beside rows of files. */
export interface ViewExtras {
  /** SQL over its columns that must all hold; what they say is trusted. */
  readonly conditions?: readonly string[];
  /** SQL of further columns. */
  readonly columns?: readonly string[];
  /** Columns of which it is known that their texts are short enough. */
  readonly short?: ReadonlySet<ColumnName>;
}

/** The statement that creates the view `packets`. */
export function packetsView(
  files: readonly ViewFile[],
  rows: ViewRows,
  { conditions = [], columns = [], short = new Set() }: ViewExtras = {},
): string {
  const filter = rawFilter(rows);
  const parts = [...Map.groupBy(files, ({ sampleRate }) => sampleRate)].map(([rate, group]) => {
    return `SELECT ${
      [...COLUMNS.map(({ name }) => checkedColumn(name, short.has(name))), ...columns].join(", ")
    }, ${rate}::BIGINT AS sample_rate
      FROM ${rowsOf(group)}${filter}`;
  });
  const all = parts.join("\nUNION ALL\n");
  const text = conditions.length === 0
    ? all
    : `SELECT * FROM (${all}) AS packets WHERE ${conditions.join(" AND ")}`;
  return `CREATE OR REPLACE TEMP VIEW packets AS ${text}`;
}

/**
 * A query that tells of columns whether any row has a text that is longer than they can hold. Where a column has
 * a dictionary, DuckDB looks at that only: other conditions than the time would make it look at each row.
 */
export function longTextsSql(
  files: readonly ViewFile[],
  { window }: ViewRows,
  columns: readonly ColumnName[],
): string {
  const looks = columns.map((column) => {
    const conditions = [
      `strlen(file.${column}) > ${MAX_TEXT_BYTES.get(column)}`,
      ...timeConditions(window),
    ];
    return `EXISTS (FROM ${rowsOf(files)} WHERE ${conditions.join(" AND ")})`;
  });
  return `SELECT ${looks.join(", ")}`;
}

/** As they are in the files. */
function rowsOf(files: readonly ViewFile[]): string {
  const paths = files.map(({ openPath }) => quoteText(openPath)).join(", ");
  // hive_partitioning: a directory named "direction=x" must not replace the column of that name.
  return `read_parquet([${paths}], hive_partitioning = false) AS file`;
}

/** Of the columns as they are in the file: DuckDB compares these with what it knows of a row group. */
function rawFilter({ window, interfaces, direction }: ViewRows): string {
  const conditions = [
    ...timeConditions(window),
    ...(interfaces.length === 0
      ? []
      : [`file.interface IN (${interfaces.map((name) => quoteText(name)).join(", ")})`]),
    ...(direction === null ? [] : [`file.direction = ${quoteText(direction)}`]),
  ];
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

function timeConditions({ from, to }: TimeWindow): string[] {
  return [
    ...(from === null ? [] : [`file.timestamp >= ${timestamp(from)}`]),
    ...(to === null ? [] : [`file.timestamp < ${timestamp(to)}`]),
  ];
}

function timestamp(ns: bigint): string {
  return `TIMESTAMP_NS '${isoFromNanoseconds(ns).slice(0, -1)}'`;
}

/**
 * Where all files have one rate, the sums are scaled and not the values: the common case costs
 * nothing.
 */
function scaledSums(rates: readonly number[]): string[] {
  const [packets, withValue] = rates.length === 1
    ? [`count(*) * ${rates[0]}::HUGEINT`, `count(value) * ${rates[0]}::HUGEINT`]
    : ["sum(rate)", "sum(CASE WHEN value IS NOT NULL THEN rate END)"];
  return [
    `CREATE TEMP MACRO sum_packets(rate) AS coalesce(${packets}, 0)::HUGEINT`,
    `CREATE TEMP MACRO sum_packets_with(value, rate) AS coalesce(${withValue}, 0)::HUGEINT`,
    `CREATE TEMP MACRO sum_bytes(length, rate) AS coalesce(${scaledBytes(rates)}, 0)::HUGEINT`,
  ];
}

function scaledBytes(rates: readonly number[]): string {
  const [rate, ...others] = rates;
  if (others.length === 0) return `sum(length) * ${rate}::HUGEINT`;
  // Products of 128 bits take several times as long as those of 64.
  const bits = Math.max(...rates) < MAX_BIGINT_RATE ? "length::BIGINT" : "length::HUGEINT";
  if (rates.length > MAX_CHOSEN_RATES) return `sum(${bits} * rate)`;
  // Rows of one file come together: the rate is looked at once for all of them.
  const cases = others.map((other) => `WHEN rate = ${other} THEN ${bits} * ${other}`);
  return `sum(CASE ${cases.join(" ")} ELSE ${bits} * ${rate} END)`;
}
