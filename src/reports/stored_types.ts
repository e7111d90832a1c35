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
  const values = columns.map(({ name, kind, type }, index) => {
    const value = row[index] ?? null;
    const sql = typeof value === "string" ? quoteText(value) : String(value ?? "NULL");
    return `${sql}::${type ?? ROW_TYPES[kind]} AS ${name}`;
  });
  return { sql: `SELECT ${values.join(", ")}`, parameters: {} };
}
