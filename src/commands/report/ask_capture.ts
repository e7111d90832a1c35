/**
 * Asks everything that the page about a capture shows.
 *
 * @module
 */
import type { Recordings } from "../../query/recordings.ts";
import type { Row } from "../../query/session.ts";
import { rateTable } from "../../render/page/chart.ts";
import type {
  AskedRates,
  AskedTable,
  CaptureAnswers,
  TableName,
} from "../../render/page/capture_page.ts";
import { recordedSpans } from "../../render/page/recorded_spans.ts";
import { findReport } from "../../reports/all.ts";
import { answerReport } from "../../reports/answer.ts";
import { CONNECTIONS } from "../../reports/connections.ts";
import { type Choices, defaultChoices, type TableReport } from "../../reports/report.ts";
import { SUMMARY } from "../../reports/summary.ts";
import { EVERY, roundWidth, TIMELINE } from "../../reports/timeline.ts";

/** Buckets of a chart: enough to zoom into, few enough to be read as a table. */
const BUCKETS = 240;
/** Rows of reports that show all unless told otherwise. */
const MOST_ROWS = 100;

/** How often {@linkcode askCapture} has an answer. */
export const QUESTIONS = 14;

/** A question: a report, and what is written behind its name. */
interface Question {
  readonly report: TableReport;
  readonly choices: Choices;
  /** The same for a person. */
  readonly command: string;
}

/**
 * @param limit rows of each table; null = the default of each
 * @param onAnswer called with each of {@linkcode QUESTIONS} answers
 */
export async function askCapture(
  recordings: Recordings,
  limit: number | null,
  onAnswer: () => void = () => {},
): Promise<CaptureAnswers> {
  const summary = await answerReport(recordings, SUMMARY, { limit: 1, withFound: false });
  if (summary.kind !== "summary") throw new TypeError("the summary is a table");
  const overview = await summary.overview();
  const answered = <T>(answer: T) => (onAnswer(), answer);
  answered(summary);
  const ask = async (name: TableName, question = plain(name)) =>
    answered(await askTable(recordings, question, limit));
  // All of it: files that the table has no room for are on the time line all the same.
  const loss = answered(await askTable(recordings, plain("loss"), 0));
  const byTime = { ...plain("loss"), choices: choicesBy("loss", "time") };
  const lossTimes = answered(await askTable(recordings, byTime, 0));
  const tables: Record<TableName, AskedTable> = {
    hosts: await ask("hosts"),
    conversations: await ask("conversations"),
    ports: await ask("ports"),
    traffic: await ask("traffic"),
    sizes: await ask("sizes"),
    tcp: await ask("tcp"),
    failed: await ask("failed", failedConnections()),
    scans: await ask("scans"),
    interfaces: await ask("interfaces"),
    loss: { ...loss, rows: loss.rows.slice(0, limit ?? MOST_ROWS) },
  };
  const { firstPacket: first, lastPacket: last } = overview;
  const every = first === null || last === null ? null : roundWidth(first, last, BUCKETS);
  const rates = [
    answered(await askRates(recordings, "protocol", "Throughput by protocol", every)),
    answered(await askRates(recordings, "direction", "Throughput by direction", every)),
  ];
  const { report: { columns }, rows } = loss;
  const width = every ?? rates[0]!.table?.width ?? 0n;
  const fileName = columns.findIndex(({ name }) => name === "file");
  return {
    summary,
    overview,
    trust: summary.trust,
    files: [...new Set(rows.map((row) => String(row[fileName])))],
    rates,
    spans: recordedSpans(
      { rows, columns },
      { rows: lossTimes.rows, columns: lossTimes.report.columns },
      width,
    ),
    tables,
  };
}

function plain(name: string): Question {
  const report = findReport(name) as TableReport;
  return { report, choices: defaultChoices(report), command: `stats ${name}` };
}

/** @param by what the rows of a report are grouped by */
function choicesBy(name: string, by: string): Choices {
  return { ...plain(name).choices, by: { name: by, argument: [] } };
}

function failedConnections(): Question {
  const state = CONNECTIONS.flags!.find(({ long }) => long === "--state")!;
  const flags = new Map([[state.long, state.parse("failed")]]);
  return {
    report: CONNECTIONS,
    choices: { ...defaultChoices(CONNECTIONS), flags },
    command: "stats connections --state failed",
  };
}

async function askTable(
  recordings: Recordings,
  { report, choices, command }: Question,
  limit: number | null,
): Promise<AskedTable> {
  const rows = limit ?? (report.defaultLimit || MOST_ROWS);
  const answer = await answerReport(recordings, report, { limit: rows, withFound: true, choices });
  if (answer.kind !== "table") throw new TypeError(`the report "${report.name}" is no table`);
  const { section } = answer;
  const all: Row[] = [];
  for await (const batch of section.batches) all.push(...batch);
  const isDefault = rows === report.defaultLimit ||
    report.defaultLimit === 0 && section.tally.found <= rows;
  return {
    report: section.report,
    rows: all,
    found: section.tally.found,
    oneSided: section.tally.oneSided,
    cutOff: section.tally.cutOff,
    command: `${command}${isDefault ? "" : ` -n ${rows}`}`,
  };
}

async function askRates(
  recordings: Recordings,
  by: string,
  label: string,
  every: bigint | null,
): Promise<AskedRates> {
  const choices: Choices = {
    by: { name: by, argument: [] },
    order: null,
    flags: new Map(every === null ? [] : [[EVERY.long, every]]),
  };
  const width = every === null ? "" : ` --every ${durationText(every)}`;
  const question = { report: TIMELINE, choices, command: `stats timeline --by ${by}${width}` };
  const { report, rows, command } = await askTable(recordings, question, 0);
  return { label, table: rateTable(rows, report.columns, every), command };
}

/** As `--every` takes it. */
function durationText(nanoseconds: bigint): string {
  const milliseconds = nanoseconds / 1_000_000n;
  return milliseconds % 1000n === 0n ? `${milliseconds / 1000n}s` : `${milliseconds}ms`;
}
