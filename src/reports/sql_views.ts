/**
 * Reports as views of SQL: with all rows, and with types.
 *
 * @module
 */
import { quoteName } from "../query/sql_text.ts";
import { REPORTS } from "./all.ts";
import {
  defaultChoices,
  type Report,
  type ReportColumn,
  tableOf,
  type TableReport,
} from "./report.ts";

/** Reports whose rows are what other questions begin with. */
const NAMES = ["flows", "conversations", "connections"];

/** A view, for those who ask what there is. */
export interface ReportView {
  readonly name: string;
  /** What a row is, as a phrase without a final period. */
  readonly help: string;
  readonly columns: readonly ReportColumn[];
  readonly statement: string;
}

/** The views, of those reports that there are. */
export function reportViews(reports: readonly Report[] = REPORTS): ReportView[] {
  return reports
    .filter((report) => report.kind === "table")
    .filter(({ name }) => NAMES.includes(name))
    .map(viewOf);
}

function viewOf(report: TableReport): ReportView {
  const { name, help, columns, sql } = tableOf(report, defaultChoices(report));
  const selected = columns.map(({ name, kind }) => {
    const column = quoteName(name);
    if (kind === "time") return `make_timestamp_ns(${column}) AS ${column}`;
    return kind === "count" ? `${column}::UBIGINT AS ${column}` : column;
  });
  const statement = `CREATE TEMP VIEW ${quoteName(name)} AS
    SELECT ${selected.join(", ")} FROM (${sql}\n) AS report`;
  return { name, help, columns, statement };
}
