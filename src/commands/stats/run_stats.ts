/**
 * The `stats` command: opens the recordings, asks for the report, and hands rows to a renderer as
 * they come, so that a report of any size needs little memory.
 *
 * @module
 */
import { reportError } from "../../cli/error_report.ts";
import type { StatsOptions } from "../../cli/stats_options.ts";
import { EXIT } from "../../core/errors.ts";
import { writeStderr, writeStdout } from "../../core/standard_streams.ts";
import { stdoutLook } from "../../core/terminal.ts";
import { type Overview, Recordings } from "../../query/recordings.ts";
import {
  defaultLimit,
  reportColumns,
  TABULAR_REPORTS,
  type TabularReport,
} from "../../query/reports.ts";
import type { Row } from "../../query/session.ts";
import { summarize } from "../../query/summary.ts";
import { renderCsv } from "../../render/csv.ts";
import {
  captureLine,
  type FooterLine,
  leftOutLine,
  renderFooter,
  rowsLine,
  samplingLine,
  skippedLine,
  timeSpanLine,
  withoutIpLine,
} from "../../render/footer.ts";
import { renderJson, renderNdjson } from "../../render/json.ts";
import { bold } from "../../render/style.ts";
import {
  renderSummaryCsv,
  renderSummaryHead,
  renderSummaryJson,
  SECTION_HEADINGS,
} from "../../render/summary.ts";
import { renderTable, type Screen } from "../../render/table.ts";
import { tableColumns } from "../../render/table_columns.ts";

/** Rows of each section of a summary, unless the user says otherwise. */
const SUMMARY_ROWS = 5;

/** Spill files hold addresses: they are nobody else's to read. */
const PRIVATE_UMASK = 0o077;

/** Where a report goes. */
export interface StatsOutput {
  /** Takes the report's text. */
  data(text: string): void;
  /** Takes everything else: what was skipped, and what the reader of the numbers must know. */
  note(text: string): void;
  readonly screen: Screen;
}

/**
 * Prints a report.
 *
 * @returns exit code: 1 when a file that a pattern or directory led to had to be left out
 * @throws {RunError} a file cannot be read, or the output not be written
 * @throws {BrokenPipe} nobody reads the output any more
 */
export async function runStats(
  options: StatsOptions,
  output: StatsOutput = processOutput(),
): Promise<number> {
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    using recordings = await Recordings.open(options.files);
    for (const fault of recordings.skipped) output.note(reportError(fault, false).text);
    if (options.format === "table") await printTable(options, recordings, output);
    else await printForPrograms(options, recordings, output);
    return recordings.skipped.length > 0 ? EXIT.FAILURE : EXIT.DONE;
  } finally {
    Deno.umask(umask);
  }
}

async function printForPrograms(
  { report, limit, format }: StatsOptions,
  recordings: Recordings,
  output: StatsOutput,
): Promise<void> {
  let text: AsyncIterable<string> | Iterable<string>;
  if (report === "summary") {
    const summary = summarize(recordings, await recordings.overview());
    const sections = TABULAR_REPORTS.map((section) => ({
      report: section,
      batches: recordings.report(section, limit ?? SUMMARY_ROWS),
    }));
    text = format === "csv"
      ? [renderSummaryCsv(summary)]
      : renderSummaryJson(summary, sections, format === "json");
  } else {
    const render =
      { json: renderJson, ndjson: renderNdjson, csv: renderCsv, table: renderCsv }[format];
    const batches = recordings.report(report, limit ?? defaultLimit(report));
    text = render(reportColumns(report), batches);
  }
  for await (const part of text) output.data(part);
  // The numbers alone do not tell that they are incomplete or scaled.
  const warnings = trustLines(recordings).filter((line) => line?.isWarning === true);
  output.note(renderFooter(warnings, { width: null, colour: false }));
}

async function printTable(
  { report, limit }: StatsOptions,
  recordings: Recordings,
  output: StatsOutput,
): Promise<void> {
  const { screen } = output;
  const overview = await recordings.overview();
  if (report !== "summary") {
    const lines = await printRows(report, limit ?? defaultLimit(report), recordings, output);
    const note = report === "traffic" ? null : withoutIpLine(overview);
    output.data(
      "\n" + renderFooter([...lines, note, ...closingLines(overview, recordings)], screen),
    );
    return;
  }
  output.data(renderSummaryHead(summarize(recordings, overview), screen));
  for (const section of TABULAR_REPORTS) {
    output.data(`\n${bold(SECTION_HEADINGS[section], screen.colour)}\n`);
    const lines = await printRows(section, limit ?? SUMMARY_ROWS, recordings, output);
    output.data(renderFooter(lines, screen));
  }
  output.data("\n" + renderFooter(closingLines(overview, recordings), screen));
}

/** Prints the table of a report. Returns what is to be said about its rows and columns. */
async function printRows(
  report: TabularReport,
  limit: number,
  recordings: Recordings,
  output: StatsOutput,
): Promise<(FooterLine | null)[]> {
  const tally = { shown: 0, found: 0n };
  let leftOut: readonly string[] = [];
  const batches = counted(recordings.report(report, limit, true), tally);
  const table = renderTable(tableColumns(report), batches, output.screen, (headings) => {
    leftOut = headings;
  });
  for await (const part of table) output.data(part);
  return [rowsLine(tally.shown, tally.found), leftOutLine(leftOut)];
}

/** Passes batches on, counting their rows; the last value of a row is the number of rows found. */
async function* counted(
  batches: AsyncIterable<Row[]>,
  tally: { shown: number; found: bigint },
): AsyncGenerator<Row[]> {
  for await (const batch of batches) {
    tally.shown += batch.length;
    tally.found = BigInt(batch[0]!.at(-1) as bigint);
    yield batch;
  }
}

function closingLines(overview: Overview, recordings: Recordings): (FooterLine | null)[] {
  return [timeSpanLine(overview), ...trustLines(recordings)];
}

function trustLines(recordings: Recordings): (FooterLine | null)[] {
  return [
    captureLine(recordings.completeness),
    samplingLine(recordings.sampleRates),
    skippedLine(recordings.skipped.length),
  ];
}

function processOutput(): StatsOutput {
  return { data: writeStdout, note: writeStderr, screen: stdoutLook() };
}
