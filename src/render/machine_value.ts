/**
 * Values for programs: raw bytes, exact integers, ISO 8601 times.
 *
 * @module
 */
import { isoFromNanoseconds } from "../core/timestamps.ts";
import type { Value } from "../query/session.ts";
import type { ReportColumn } from "../reports/report.ts";

/** The value as JSON and CSV give it. */
export function machineValue(column: ReportColumn, value: Value): Value {
  return column.kind === "time" && typeof value === "bigint" ? isoFromNanoseconds(value) : value;
}
