/**
 * The format `markdown`: tables for GitHub, issues and wikis (GitHub Flavored Markdown, 4.10), with
 * numbers as people read them. Alignment is told by the second line and not by spaces, so that rows
 * are printed as they come.
 *
 * @module
 */
import type { ResultRows } from "../query/result_rows.ts";
import type { Row } from "../query/session.ts";
import type { Answer, Section } from "../reports/answer.ts";
import {
  cutOffLine,
  type FooterLine,
  noteLine,
  oneSidedLine,
  rowsLine,
  timeSpanLine,
  trustLines,
} from "./footer.ts";
import type { Format } from "./format.ts";
import { resultColumns, resultRowsLine } from "./result_columns.ts";
import type { TableColumn } from "./table.ts";
import { tableColumns } from "./table_columns.ts";
import { matchedLine } from "./selection_lines.ts";
import { visibleText } from "./visible_text.ts";

export const MARKDOWN: Format<string> = {
  name: "markdown",
  hasNotes: true,
  endings: [".md", ".markdown"],
  render,
  renderRows,
};

async function* renderRows(rows: ResultRows): AsyncGenerator<string> {
  const columns = resultColumns(rows.columns);
  yield* table(columns, rows.batches);
  yield list([resultRowsLine(rows.tally)]);
}

async function* render(answer: Answer): AsyncGenerator<string> {
  if (answer.kind === "table" && answer.closing !== undefined) {
    yield* sectionTable(answer.section);
    yield list([...await answer.closing()]);
    return;
  }
  const overview = await answer.overview();
  const closing = [
    await matchedLine(answer.trust.selected),
    timeSpanLine(overview, answer.trust.recordedSeconds),
    ...await trustLines(answer.trust),
  ];
  if (answer.kind === "table") {
    const rows = yield* sectionTable(answer.section);
    const { section, trust } = answer;
    const note = noteLine(section.report, overview, trust);
    const doubts = [oneSidedLine(section, trust), cutOffLine(section, trust)];
    yield list([rows, note, ...doubts, ...closing]);
    return;
  }
  yield answer.report.lines(answer.row)
    .map(({ name, amount, note }) => `- ${name}: ${escape(amount + note)}\n`)
    .join("");
  for (const section of answer.sections) {
    yield `\n## ${escape(section.report.section!.heading)}\n\n`;
    yield list([yield* sectionTable(section)]);
  }
  yield list(closing);
}

/** The table of a report. Returns how many of its rows it shows. */
async function* sectionTable(
  { report, batches, tally }: Section,
): AsyncGenerator<string, FooterLine> {
  yield* table(tableColumns(report), batches);
  return rowsLine(tally.shown, tally.found);
}

async function* table(
  columns: readonly TableColumn[],
  batches: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  yield line(columns.map(({ heading }) => escape(heading)));
  yield line(columns.map(({ align }) => align === "right" ? "--:" : ":--"));
  for await (const batch of batches) {
    yield batch.map((row) => line(columns.map(({ cell }) => escape(cell(row))))).join("");
  }
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}

/** What is to be said below a table. */
function list(lines: readonly (FooterLine | null)[]): string {
  const items = lines.filter((one) => one !== null).map(({ text, isWarning }) => {
    return isWarning ? `- **${escape(text)}**\n` : `- ${escape(text)}\n`;
  });
  return `\n${items.join("")}`;
}

/** Text that stands for itself: control characters written out, nothing left that Markdown or HTML acts on. */
function escape(text: string): string {
  return visibleText(text).replace(/[\\`*_[\]<>|~&]/g, "\\$&");
}
