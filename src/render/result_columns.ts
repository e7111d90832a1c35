/**
 * The answer to a user's own query as a table: values as they are, for the query says how they look.
 *
 * @module
 */
import { formatCount } from "../core/quantity.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";
import type { ResultHeading, ResultRows } from "../query/result_rows.ts";
import type { Value } from "../query/session.ts";
import type { FooterLine } from "./footer_line.ts";
import type { TableColumn } from "./table.ts";

/** Shown for NULL, which an empty text is not. */
const NOTHING = "NULL";

export function resultColumns(headings: readonly ResultHeading[]): TableColumn[] {
  return headings.map(({ name, kind }, index) => {
    const cell = (row: readonly Value[]) => valueText(row[index] ?? null, kind);
    return kind === "text"
      ? { heading: name, align: "left", shorten: "start", cell }
      : { heading: name, align: kind === "count" ? "right" : "left", cell };
  });
}

/** `12 rows`, or that there are more. */
export function resultRowsLine({ shown, isCut }: ResultRows["tally"]): FooterLine {
  if (isCut) {
    return { text: `${formatCount(shown)} rows shown, there are more: -n 0 shows all` };
  }
  return { text: shown === 1 ? "1 row" : `${formatCount(shown)} rows` };
}

function valueText(value: Value, kind: ResultHeading["kind"]): string {
  if (value === null) return NOTHING;
  if (kind !== "time" || typeof value !== "bigint") return String(value);
  return isoFromNanoseconds(value).replace("T", " ").replace(/Z$/, "");
}
