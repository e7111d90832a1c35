/**
 * Newline-delimited JSON: one object a line, nothing around them. A summary is one line.
 *
 * @module
 */
import type { Row } from "../query/session.ts";
import type { ReportColumn } from "../reports/report.ts";
import type { Format } from "./format.ts";
import { jsonRowWriter, jsonSummary } from "./json.ts";

export const NDJSON: Format<string> = {
  name: "ndjson",
  hasNotes: false,
  endings: [".ndjson", ".jsonl"],
  render: (answer) =>
    answer.kind === "summary"
      ? jsonSummary(answer, false)
      : renderNdjson(answer.section.report.columns, answer.section.batches),
  renderRows: ({ columns, batches }) => renderNdjson(columns, batches),
};

/** Rows as objects, one a line. */
export async function* renderNdjson(
  columns: readonly ReportColumn[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  const writeRow = jsonRowWriter(columns);
  for await (const batch of batches) {
    yield batch.map((row) => `${writeRow(row)}\n`).join("");
  }
}
