/**
 * The format `table`: aligned columns, and below them what a reader must know to trust them.
 *
 * @module
 */
import { printableLines } from "../core/printable.ts";
import type { ResultRows } from "../query/result_rows.ts";
import type { Answer, Section } from "../reports/answer.ts";
import {
  cutOffLine,
  type FooterLine,
  leftOutLine,
  noteLine,
  oneSidedLine,
  renderFooter,
  rowsLine,
  timeSpanLine,
  trustLines,
} from "./footer.ts";
import type { Format } from "./format.ts";
import { matchedLine } from "./selection_lines.ts";
import { resultColumns, resultRowsLine } from "./result_columns.ts";
import { bold } from "./style.ts";
import { renderTable, type Screen } from "./table.ts";
import { tableColumns } from "./table_columns.ts";

export const TABLE: Format<string> = {
  name: "table",
  hasNotes: true,
  endings: [".txt"],
  render,
  renderRows,
};

async function* renderRows(rows: ResultRows, screen: Screen): AsyncGenerator<string> {
  if (rows.isExplanation) {
    // A drawing of several lines.
    for await (const batch of rows.batches) {
      yield batch.map((row) => `${printableLines(String(row.at(-1))).trimEnd()}\n`).join("");
    }
    return;
  }
  let leftOut: readonly string[] = [];
  yield* renderTable(resultColumns(rows.columns), rows.batches, screen, (headings) => {
    leftOut = headings;
  });
  yield renderFooter([resultRowsLine(rows.tally), leftOutLine(leftOut)], screen);
}

async function* render(answer: Answer, screen: Screen): AsyncGenerator<string> {
  if (answer.kind === "table" && answer.closing !== undefined) {
    const [, leftOut] = yield* sectionTable(answer.section, screen, null);
    yield "\n" + renderFooter([leftOut ?? null, ...await answer.closing()], screen);
    return;
  }
  const overview = await answer.overview();
  const closing = [
    await matchedLine(answer.trust.selected),
    timeSpanLine(overview, answer.trust.recordedSeconds),
    ...await trustLines(answer.trust),
  ];
  if (answer.kind === "table") {
    const lines = yield* sectionTable(answer.section, screen, overview.bytes);
    const note = noteLine(answer.section.report, overview, answer.trust);
    const { section, trust } = answer;
    const doubts = [oneSidedLine(section, trust), cutOffLine(section, trust)];
    yield "\n" + renderFooter([...lines, note, ...doubts, ...closing], screen);
    return;
  }
  yield answer.report.lines(answer.row)
    .map(({ name, amount, note }) => {
      return `${bold(name.padEnd(7), screen.colour)}  ${amount}${note}\n`;
    })
    .join("");
  for (const section of answer.sections) {
    yield `\n${bold(section.report.section!.heading, screen.colour)}\n`;
    const lines = yield* sectionTable(section, screen, overview.bytes);
    yield renderFooter(lines, screen);
  }
  yield "\n" + renderFooter(closing, screen);
}

/**
 * The table of a report. Returns what is to be said about its rows and columns.
 *
 * @param total bytes of all packets; null = nobody knows
 */
async function* sectionTable(
  { report, batches, tally }: Section,
  screen: Screen,
  total: bigint | null,
): AsyncGenerator<string, (FooterLine | null)[]> {
  let leftOut: readonly string[] = [];
  yield* renderTable(tableColumns(report, total), batches, screen, (headings) => {
    leftOut = headings;
  });
  return [rowsLine(tally.shown, tally.found), leftOutLine(leftOut)];
}
