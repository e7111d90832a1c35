/**
 * The page about a capture: how complete it is, what stands out, and the answers of reports.
 *
 * @module
 */
import type { SummaryAnswer, Trust } from "../../reports/answer.ts";
import type { Overview } from "../../query/recordings.ts";
import type { Row } from "../../query/session.ts";
import type { TableReport } from "../../reports/report.ts";
import {
  cutOffLine,
  type FooterLine,
  noteLine,
  oneSidedLine,
  timeSpanLine,
  trustLines,
} from "../footer.ts";
import { machineValue } from "../machine_value.ts";
import { matchedLine } from "../selection_lines.ts";
import { chartMarkup, type RateTable, rateTableMarkup } from "./chart.ts";
import { findings, NOTHING_FOUND } from "./findings.ts";
import { type Markup, markup } from "./markup.ts";
import { pageFrame } from "./page.ts";
import { linesMarkup, tilesMarkup } from "./parts.ts";
import type { RecordedSpans } from "./recorded_spans.ts";
import { framedTable, tableMarkup } from "./table.ts";

/** A report that was asked, with all rows that the page shows. */
export interface AskedTable {
  readonly report: TableReport;
  readonly rows: readonly Row[];
  /** How many rows there are without a limit. */
  readonly found: bigint;
  /** Rows of which the packets of one side only were seen, where the report says which these are. */
  readonly oneSided?: bigint | undefined;
  /** Rows that the end may have cut off from an answer, likewise. */
  readonly cutOff?: bigint | undefined;
  /** The command that prints the same. */
  readonly command: string;
}

/** The rate over time by one key. */
export interface AskedRates {
  readonly label: string;
  /** null = no packets. */
  readonly table: RateTable | null;
  readonly command: string;
}

/** Everything on the page. */
export interface CaptureAnswers {
  readonly summary: Pick<SummaryAnswer, "report" | "row">;
  readonly overview: Overview;
  readonly trust: Trust;
  /** Names of the files. */
  readonly files: readonly string[];
  readonly rates: readonly AskedRates[];
  readonly spans: RecordedSpans;
  readonly tables: Readonly<Record<TableName, AskedTable>>;
}

/** The tables that the page has. */
export type TableName =
  | "hosts"
  | "conversations"
  | "ports"
  | "traffic"
  | "sizes"
  | "tcp"
  | "failed"
  | "scans"
  | "interfaces"
  | "loss";

interface PagePart {
  readonly id: string;
  readonly heading: string;
  readonly tables: readonly (readonly [name: TableName, label: string])[];
  /** Stands in place of tables without rows. */
  readonly empty: string;
}

/** In the order of the page. */
const PARTS: readonly PagePart[] = [
  {
    id: "hosts",
    heading: "Hosts and conversations",
    tables: [["hosts", "Top hosts"], ["conversations", "Top conversations"]],
    empty: "No packet has an IP address.",
  },
  {
    id: "services",
    heading: "Services and protocols",
    tables: [["ports", "Top services"], ["traffic", "Protocols"]],
    empty: "No packets.",
  },
  {
    id: "sizes",
    heading: "Packet sizes",
    tables: [["sizes", "Packet sizes"]],
    empty: "No packets.",
  },
  {
    id: "tcp",
    heading: "TCP health",
    tables: [["tcp", "Retransmissions"], ["failed", "Failed connections"]],
    empty: "No TCP flow had to repeat anything, and no connection failed.",
  },
  {
    id: "scans",
    heading: "Scans",
    tables: [["scans", "Scans"]],
    empty: "No address failed at many ports of a host, or at one port of many hosts.",
  },
  {
    id: "recorded",
    heading: "What was recorded",
    tables: [["interfaces", "Interfaces"], ["loss", "Files and what they lost"]],
    empty: "Nothing is known.",
  },
];

/** Names in the heading of the page. */
const NAMED_FILES = 3;

/** The page, part by part. */
export async function* capturePage(answers: CaptureAnswers): AsyncGenerator<string> {
  const { overview, trust, summary, tables, spans } = answers;
  const span = timeSpanLine(overview, trust.recordedSeconds);
  const names = answers.files.slice(0, NAMED_FILES).join(", ");
  const more = answers.files.length > NAMED_FILES
    ? ` and ${answers.files.length - NAMED_FILES} more`
    : "";
  const hasCharts = answers.rates.some(({ table }) => table !== null);
  const frame = pageFrame({ title: `Capture report: ${names}${more}`, hasCharts });
  yield frame.start;
  yield `${markup`<header>
<h1>Capture report</h1>
<p>${names}${more}</p>
<p class="soft">${span.text}</p>
${navigation()}</header>
${tilesMarkup(summary.report.lines(summary.row))}`}`;
  const matched = await matchedLine(trust.selected);
  const lines = [matched, ...await trustLines(trust)].filter((line) => line !== null);
  const sentences = findings({
    packets: overview.packets,
    bytes: overview.bytes,
    scans: rowsOf(tables.scans),
    failed: rowsOf(tables.failed),
    tcp: rowsOf(tables.tcp),
    conversations: rowsOf(tables.conversations),
    gaps: spans.gaps,
  });
  yield `${standingOut(sentences, lines)}`;
  yield* texts(throughput(answers));
  for (const part of PARTS) yield* texts(pagePart(part, answers));
  yield `${markup`<footer><p>All times are UTC. Made by xdp-inspector report; the commands below the \
tables print the same numbers.</p></footer>\n`}`;
  yield frame.end;
}

function rowsOf({ report: { columns }, rows }: AskedTable) {
  return { columns, rows };
}

function navigation(): Markup {
  const links = [
    ["findings", "What stands out"],
    ["time", "Over time"],
    ...PARTS.map((part) => {
      return [part.id, part.heading];
    }),
  ].map(([id = "", heading = ""]) => markup`<li><a href="#${id}">${heading}</a></li>\n`);
  return markup`<nav aria-label="Parts of this page"><ul>\n${links}</ul></nav>\n`;
}

function standingOut(sentences: readonly string[], lines: readonly FooterLine[]): Markup {
  const found = sentences.length === 0 ? [NOTHING_FOUND] : sentences;
  return markup`<section id="findings" aria-labelledby="findings-h">
<h2 id="findings-h">What stands out</h2>
${linesMarkup(found.map((text) => ({ text })))}<h3>How complete it is</h3>
${linesMarkup(lines)}</section>
`;
}

async function* throughput({ rates, spans }: CaptureAnswers): AsyncGenerator<Markup> {
  yield markup`<section id="time" aria-labelledby="time-h">\n<h2 id="time-h">Over time</h2>\n`;
  for (const { label, table, command } of rates) {
    yield markup`<h3>${label}</h3>\n`;
    if (table === null) {
      yield markup`<p>No packets.</p>\n`;
      continue;
    }
    yield chartMarkup(table, { label, ...spans });
    yield* rateTableMarkup(table, { label, command });
  }
  if (spans.losses.length > 0) {
    yield markup`<p class="soft">The strip at the top of a chart marks times in which packets were \
lost: seconds, or the whole of a recording that does not say when.</p>\n`;
  }
  yield markup`</section>\n`;
}

async function* pagePart(
  { id, heading, tables, empty }: PagePart,
  { tables: asked, summary, overview, trust }: CaptureAnswers,
): AsyncGenerator<Markup> {
  yield markup`<section id="${id}" aria-labelledby="${id}-h">\n<h2 id="${id}-h">${heading}</h2>\n`;
  const shown = tables.filter(([name]) => asked[name].rows.length > 0);
  if (shown.length === 0) yield markup`<p>${empty}</p>\n`;
  for (const [name, label] of shown) {
    if (tables.length > 1) yield markup`<h3>${label}</h3>\n`;
    const { report, rows, found, oneSided = 0n, cutOff = 0n, command } = asked[name];
    const tally = { shown: rows.length, found, oneSided, cutOff };
    const section = { report, batches: once(rows), tally };
    yield* tableMarkup(section, { label, command });
    const doubts = [oneSidedLine(section, trust), cutOffLine(section, trust)];
    for (const note of [noteLine(report, overview, trust), ...doubts]) {
      if (note !== null) yield markup`<p class="soft">${note.text}</p>\n`;
    }
  }
  if (id === "recorded") yield* summaryTable(summary);
  yield markup`</section>\n`;
}

async function* texts(parts: AsyncIterable<Markup>): AsyncGenerator<string> {
  for await (const part of parts) yield `${part}`;
}

async function* once(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  yield await Promise.resolve(rows);
}

/** The row of the summary, as programs get it. */
async function* summaryTable(
  { report, row }: CaptureAnswers["summary"],
): AsyncGenerator<Markup> {
  const headings = ["name", "value"].map((text) => ({ text, column: text, isNumber: false }));
  const rows = report.columns.map((column, index) => {
    const value = machineValue(column, row[index] ?? null);
    const text = value === null ? "" : String(value);
    return markup`<tr><th scope="row">${column.name}</th><td data-value="${text}">${
      text || "-"
    }</td></tr>\n`;
  });
  yield markup`<details><summary>All numbers of the summary</summary>\n`;
  yield* framedTable(
    { label: "Summary", headings },
    rows,
    () => markup`<code>stats summary</code>`,
  );
  yield markup`</details>\n`;
}
