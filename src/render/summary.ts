/**
 * The summary in each format: its own numbers, then the first rows of the other reports.
 *
 * @module
 */
import { reportColumns, type TabularReport } from "../query/reports.ts";
import type { Row, Value } from "../query/session.ts";
import { type Summary, SUMMARY_COLUMNS } from "../query/summary.ts";
import { csvLine } from "./csv.ts";
import { jsonArray, jsonText } from "./json.ts";
import { machineValue } from "./machine_value.ts";
import { formatBytes, formatCount, formatRate } from "./quantity.ts";
import { bold } from "./style.ts";
import type { Screen } from "./table.ts";

/** Heading of each section of the table. */
export const SECTION_HEADINGS: Readonly<Record<TabularReport, string>> = {
  traffic: "Traffic by protocol",
  top: "Top sources",
  flows: "Top flows",
};

/** Rows of one section. */
export interface Section {
  readonly report: TabularReport;
  readonly batches: AsyncIterable<readonly Row[]>;
}

/**
 * One JSON object: `SUMMARY_COLUMNS`, `drops` by cause, and an array for each section.
 *
 * @param isPretty one member a line; otherwise all on one line, as newline-delimited JSON needs
 */
export async function* renderSummaryJson(
  { row, drops }: Summary,
  sections: readonly Section[],
  isPretty: boolean,
): AsyncGenerator<string> {
  const lineBreak = isPretty ? "\n  " : "";
  const space = isPretty ? " " : "";
  const member = (name: string) => `${lineBreak}${jsonText(name)}:${space}`;
  yield "{";
  for (const [index, column] of SUMMARY_COLUMNS.entries()) {
    yield `${member(column.name)}${jsonText(machineValue(column, row[index] ?? null))},`;
  }
  yield `${member("drops")}${jsonText(drops && Object.fromEntries(drops))}`;
  for (const { report, batches } of sections) {
    yield `,${member(report)}`;
    yield* jsonArray(reportColumns(report), batches, lineBreak);
  }
  yield isPretty ? "\n}\n" : "}\n";
}

/** Header and one line. The sections are not in it: they are reports of their own. */
export function renderSummaryCsv({ row }: Summary): string {
  const values = SUMMARY_COLUMNS.map((column, index) => machineValue(column, row[index] ?? null));
  return csvLine(SUMMARY_COLUMNS.map(({ name }) => name)) + csvLine(values);
}

/** The head of the table: what can be said in one line each. */
export function renderSummaryHead({ row }: Summary, { colour }: Screen): string {
  const value = (name: (typeof SUMMARY_COLUMNS)[number]["name"]): Value =>
    row[SUMMARY_COLUMNS.findIndex((column) => column.name === name)] ?? null;
  const lines = [
    [
      "Packets",
      formatCount(value("packet_count") as bigint),
      rate("packets_per_second", "packets"),
    ],
    ["Bytes", formatBytes(value("total_bytes") as bigint), rate("bits_per_second", "bit")],
  ];
  const average = value("avg_packet_size");
  if (average !== null) lines.push(["Average", `${formatBytes(average as number)} a packet`, ""]);
  return lines
    .map(([name, amount, note]) => `${bold(name!.padEnd(7), colour)}  ${amount}${note}\n`)
    .join("");

  function rate(name: "packets_per_second" | "bits_per_second", unit: "packets" | "bit"): string {
    const perSecond = value(name);
    return perSecond === null ? "" : ` (${formatRate(perSecond as number, unit)})`;
  }
}
