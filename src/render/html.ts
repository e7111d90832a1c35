/**
 * The format `html`: the answer as a page of its own, for a browser.
 *
 * @module
 */
import type { Answer, Section } from "../reports/answer.ts";
import type { ResultRows } from "../query/result_rows.ts";
import type { Report } from "../reports/report.ts";
import type { Row } from "../query/session.ts";
import {
  cutOffLine,
  type FooterLine,
  noteLine,
  oneSidedLine,
  timeSpanLine,
  trustLines,
} from "./footer.ts";
import type { Format } from "./format.ts";
import { matchedLine } from "./selection_lines.ts";

export const HTML: Format<string> = {
  name: "html",
  hasNotes: true,
  endings: [".html", ".htm"],
  render,
  renderRows,
};

/** Rows that a chart is drawn of, at most: a browser has to hold them. */
const CHART_ROWS = 20_000;

async function* render(answer: Answer): AsyncGenerator<string> {
  // The texts of pages are large: nobody loads them who does not print one.
  const { markup } = await import("./page/markup.ts");
  const { pageFrame } = await import("./page/page.ts");
  const { linesMarkup, tilesMarkup } = await import("./page/parts.ts");
  const report = answer.kind === "table" ? answer.section.report : answer.report;
  const frame = pageFrame({ title: report.name, hasCharts: isOverTime(report) });
  yield frame.start;
  yield `${markup`<header><h1>${report.name}</h1>\n<p class="soft">${report.help}</p></header>\n`}`;
  if (answer.kind === "table") {
    yield* sectionMarkup(answer.section, report.name);
  } else {
    yield `${tilesMarkup(answer.report.lines(answer.row))}`;
    for (const section of answer.sections) {
      yield* sectionMarkup(section, section.report.section!.heading, true);
    }
  }
  yield `${markup`<section aria-labelledby="about"><h2 id="about">About these numbers</h2>\n${
    linesMarkup(await closingLines(answer))
  }</section>\n`}`;
  yield frame.end;
}

async function closingLines(answer: Answer): Promise<readonly FooterLine[]> {
  const isTable = answer.kind === "table";
  if (isTable && answer.closing !== undefined) return await answer.closing();
  const overview = await answer.overview();
  return [
    isTable ? noteLine(answer.section.report, overview, answer.trust) : null,
    isTable ? oneSidedLine(answer.section, answer.trust) : null,
    isTable ? cutOffLine(answer.section, answer.trust) : null,
    await matchedLine(answer.trust.selected),
    timeSpanLine(overview, answer.trust.recordedSeconds),
    ...await trustLines(answer.trust),
  ].filter((line) => line !== null);
}

async function* renderRows(rows: ResultRows): AsyncGenerator<string> {
  const { pageFrame } = await import("./page/page.ts");
  const { resultMarkup } = await import("./page/table.ts");
  const frame = pageFrame({ title: "Answer", hasCharts: false });
  yield `${frame.start}<h1>Answer</h1>\n<section>\n`;
  for await (const part of resultMarkup(rows)) yield `${part}`;
  yield `</section>\n${frame.end}`;
}

async function* sectionMarkup(
  section: Section,
  heading: string,
  isPart = false,
): AsyncGenerator<string> {
  const { markup } = await import("./page/markup.ts");
  const { tableMarkup } = await import("./page/table.ts");
  const { chartMarkup, rateTable } = await import("./page/chart.ts");
  const { report } = section;
  const title = isPart ? markup`<h2>${heading}</h2>\n` : null;
  yield `${markup`<section>${title}`}`;
  let { batches } = section;
  if (isOverTime(report)) {
    const { first, all } = await firstRows(batches, CHART_ROWS);
    batches = all;
    const table = first === null ? null : rateTable(first, report.columns);
    if (table !== null) yield `${chartMarkup(table, { label: "Rate over time" })}`;
  }
  for await (const part of tableMarkup({ ...section, batches }, { label: heading })) {
    yield `${part}`;
  }
  yield "</section>\n";
}

/** Whether the report has a rate for each point in time, which a chart shows. */
function isOverTime({ columns }: Pick<Report, "columns">): boolean {
  return columns[0]?.kind === "time" && columns.some(({ kind }) => kind === "bit_rate");
}

/** Looks at the rows before they are passed on, unless they are more than `limit`: then null. */
async function firstRows(
  batches: AsyncIterable<readonly Row[]>,
  limit: number,
): Promise<{ first: readonly Row[] | null; all: AsyncIterable<readonly Row[]> }> {
  const seen: Row[] = [];
  const iterator = batches[Symbol.asyncIterator]();
  let isDone = false;
  while (!isDone && seen.length <= limit) {
    const next = await iterator.next();
    isDone = next.done === true;
    if (!next.done) seen.push(...next.value);
  }
  async function* all(): AsyncGenerator<readonly Row[]> {
    yield seen;
    while (!isDone) {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
    }
  }
  return { first: isDone ? seen : null, all: all() };
}
