/**
 * JSON (RFC 8259). Integers of any size are written out digit by digit:
 * a reader with 64-bit integers gets every one exactly.
 *
 * @module
 */
import type { Row, Value } from "../query/session.ts";
import type { SummaryAnswer, Trust } from "../reports/answer.ts";
import type { ReportColumn } from "../reports/report.ts";
import { distinctNames } from "./distinct_names.ts";
import type { Format } from "./format.ts";
import { machineValue } from "./machine_value.ts";
import { jsonString } from "./visible_text.ts";

export const JSON_TEXT: Format<string> = {
  name: "json",
  hasNotes: false,
  endings: [".json"],
  render: (answer) =>
    answer.kind === "summary"
      ? jsonSummary(answer, true)
      : renderJson(answer.section.report.columns, answer.section.batches),
  renderRows: ({ columns, batches }) => renderJson(columns, batches),
};

/** What `jsonText` can write: JSON's values and bigint. */
export type Json = Value | readonly Json[] | { readonly [name: string]: Json };

/** Compact JSON text of a value. A number that JSON has no word for (NaN, infinity) becomes null. */
export function jsonText(value: Json): string {
  switch (typeof value) {
    case "string":
      return jsonString(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "bigint":
    case "boolean":
      return String(value);
  }
  if (value === null) return "null";
  if (isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  const members = Object.entries(value).map(([name, member]) => {
    return `${jsonString(name)}:${jsonText(member)}`;
  });
  return `{${members.join(",")}}`;
}

/** Writes rows as objects, their members in the report's order; a name that stands twice is numbered. */
export function jsonRowWriter(columns: readonly ReportColumn[]): (row: Row) => string {
  // Millions of rows may follow: what is the same in each is made once.
  const names = distinctNames(columns.map(({ name }) => name));
  const members = columns.map((column, index) => {
    return { column, start: `${index === 0 ? "{" : ","}${jsonString(names[index]!)}:` };
  });
  return (row) => {
    let text = "";
    for (let index = 0; index < members.length; index++) {
      const { column, start } = members[index]!;
      text += start + jsonText(machineValue(column, row[index] ?? null));
    }
    return `${text}}`;
  };
}

/** Rows as one JSON array, one object a line, ended by a newline. Text is yielded batch by batch. */
export async function* renderJson(
  columns: readonly ReportColumn[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield* jsonArray(columns, batches, "\n");
  yield "\n";
}

/**
 * Rows as a JSON array that is part of a larger document.
 *
 * @param lineBreak what separates the objects beside the comma: a newline with indentation, or ""
 */
async function* jsonArray(
  columns: readonly ReportColumn[],
  batches: AsyncIterable<readonly Row[]>,
  lineBreak: string,
): AsyncGenerator<string> {
  const writeRow = jsonRowWriter(columns);
  const indent = lineBreak === "" ? "" : `${lineBreak}  `;
  let separator = "[";
  for await (const batch of batches) {
    let text = "";
    for (const row of batch) {
      text += `${separator}${indent}${writeRow(row)}`;
      separator = ",";
    }
    yield text;
  }
  yield separator === "[" ? "[]" : `${lineBreak}]`;
}

/**
 * A summary as one object: its columns, `drops` by cause, how many packets matched if not all were asked
 * for, and an array for each section.
 *
 * @param isPretty one member a line; otherwise all on one line, as newline-delimited JSON needs
 */
export async function* jsonSummary(
  { report, row, drops, sections, trust }:
    & Pick<SummaryAnswer, "report" | "row" | "drops" | "sections">
    & { readonly trust?: Pick<Trust, "selected"> },
  isPretty: boolean,
): AsyncGenerator<string> {
  const lineBreak = isPretty ? "\n  " : "";
  const space = isPretty ? " " : "";
  const member = (name: string) => `${lineBreak}${jsonText(name)}:${space}`;
  yield "{";
  for (const [index, column] of report.columns.entries()) {
    yield `${member(column.name)}${jsonText(machineValue(column, row[index] ?? null))},`;
  }
  yield `${member("drops")}${jsonText(drops && Object.fromEntries(drops))}`;
  const selected = await trust?.selected?.matched();
  if (selected !== undefined) {
    yield `,${member("matched_packets")}${selected.matched}`;
    yield `,${member("recorded_packets")}${selected.total}`;
  }
  for (const section of sections) {
    yield `,${member(section.report.name)}`;
    yield* jsonArray(section.report.columns, section.batches, lineBreak);
  }
  yield isPretty ? "\n}\n" : "}\n";
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
