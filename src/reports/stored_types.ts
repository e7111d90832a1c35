/**
 * How the values of reports are stored where types are kept.
 *
 * @module
 */
import type { Query } from "../query/recordings.ts";
import type { Row } from "../query/session.ts";
import { quoteText } from "../query/sql_text.ts";
import type { Meaning } from "../query/typed_rows.ts";
import type { ColumnKind, ReportColumn } from "./report.ts";

/** What the values of a column are beside their type. */
const MEANINGS: Partial<Readonly<Record<ColumnKind, Meaning>>> = {
  time: "time",
  count: "count",
  bytes: "count",
};

/** Types of the values that are known without a query. */
const ROW_TYPES: Readonly<Record<ColumnKind, string>> = {
  text: "VARCHAR",
  address: "VARCHAR",
  port: "USMALLINT",
  count: "HUGEINT",
  bytes: "HUGEINT",
  share: "DOUBLE",
  time: "BIGINT",
  seconds: "DOUBLE",
  packet_rate: "DOUBLE",
  bit_rate: "DOUBLE",
};

/** What the columns mean, for `Recordings.typed()`. */
export function meanings(columns: readonly ReportColumn[]): Meaning[] {
  return columns.map(({ kind }) => MEANINGS[kind] ?? null);
}

/** A query of one row that is known already. */
export function rowQuery(columns: readonly ReportColumn[], row: Row): Query {
  return { sql: `SELECT ${rowValues(columns, row)}`, parameters: {} };
}

/** A query of rows that are known already, in their order. */
export function rowsQuery(columns: readonly ReportColumn[], rows: readonly Row[]): Query {
  if (rows.length === 0) {
    const { sql } = rowQuery(columns, columns.map(() => null));
    return { sql: `${sql} LIMIT 0`, parameters: {} };
  }
  const all = rows.map((row, index) => `SELECT ${rowValues(columns, row)}, ${index} AS place`);
  const names = columns.map(({ name }) => name).join(", ");
  const sql = `SELECT ${names} FROM (${all.join(" UNION ALL ")}) ORDER BY place`;
  return { sql, parameters: {} };
}

function rowValues(columns: readonly ReportColumn[], row: Row): string {
  return columns.map(({ name, kind, type }, index) => {
    const value = row[index] ?? null;
    const sql = typeof value === "string" ? quoteText(value) : String(value ?? "NULL");
    return `${sql}::${type ?? ROW_TYPES[kind]} AS ${name}`;
  }).join(", ");
}
