/**
 * Comma-separated values: header line, quoting as in RFC 4180, lines ended by LF alone, as
 * line-oriented tools expect.
 *
 * NULL is an empty field, the empty string is `""`. Control and format characters are written out
 * (`\x1b`): RFC 4180 has no place for them, and CSV is printed on terminals too.
 *
 * @module
 */
import type { Row, Value } from "../query/session.ts";
import type { SummaryAnswer } from "../reports/answer.ts";
import type { ReportColumn } from "../reports/report.ts";
import type { Format } from "./format.ts";
import { machineValue } from "./machine_value.ts";
import { visibleText } from "./visible_text.ts";

export const CSV: Format<string> = {
  name: "csv",
  hasNotes: false,
  endings: [".csv"],
  render: (answer) =>
    answer.kind === "summary"
      ? renderSummary(answer)
      : renderCsv(answer.section.report.columns, answer.section.batches),
  renderRows: ({ columns, batches }) => renderCsv(columns, batches),
};

/** One line of fields, ended by a newline. */
export function csvLine(values: readonly Value[]): string {
  return `${values.map(csvField).join(",")}\n`;
}

/** The header, then the rows batch by batch. */
export async function* renderCsv(
  columns: readonly ReportColumn[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield csvLine(columns.map(({ name }) => name));
  for await (const batch of batches) {
    yield batch
      .map((row) =>
        csvLine(columns.map((column, index) => machineValue(column, row[index] ?? null)))
      )
      .join("");
  }
}

/** Header and one line. The sections are not in it: they are reports of their own. */
async function* renderSummary({ report, row }: SummaryAnswer): AsyncGenerator<string> {
  yield* renderCsv(report.columns, singleBatch(row));
}

async function* singleBatch(row: Row): AsyncGenerator<readonly Row[]> {
  yield await Promise.resolve([row]);
}

function csvField(value: Value): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const text = visibleText(value);
  // A lone space would be trimmed by many readers.
  return text === "" || /[",]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
