/**
 * The rate over time as a chart: the rows of the report `timeline` as data for the script of the page,
 * and the same as a table.
 *
 * @module
 */
import type { Row, Value } from "../../query/session.ts";
import { formatRate } from "../../core/quantity.ts";
import { isoFromNanoseconds } from "../../core/timestamps.ts";
import type { ReportColumn } from "../../reports/report.ts";
import { jsonText } from "../json.ts";
import { exactTimestamp } from "../timestamp.ts";
import { visibleText } from "../visible_text.ts";
import { framedTable } from "./table.ts";
import { jsonData, type Markup, markup } from "./markup.ts";

/** A part of the time that is marked in the chart; both ends in nanoseconds. */
export interface TimeMark {
  readonly from: bigint;
  readonly to: bigint;
}

/** Rates by time and group. */
export interface RateTable {
  /** Where the buckets begin, ascending, in nanoseconds. */
  readonly starts: readonly bigint[];
  /** How wide a bucket is, in nanoseconds; that of the gap between two where there are several. */
  readonly width: bigint;
  /** One of each group, in the report's order; the last names are those with the least. */
  readonly groups: readonly { readonly name: string; readonly rates: readonly (number | null)[] }[];
}

/** Packets that have no such value. */
const NAMELESS = "none";

/**
 * The rows of `timeline` by time and group; null without rows.
 *
 * @param columns of the rows
 * @param width of a bucket in nanoseconds, if it is known
 */
export function rateTable(
  rows: readonly Row[],
  columns: readonly ReportColumn[],
  width: bigint | null = null,
): RateTable | null {
  const [start, rate] = (["time", "bit_rate"] as const)
    .map((kind) => columns.findIndex((column) => column.kind === kind)) as [number, number];
  const group = columns.findIndex((column) => column.name === "group_name");
  const starts: bigint[] = [];
  const rates = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const at = row[start] as bigint;
    if (starts.at(-1) !== at) starts.push(at);
    const name = group < 0 ? "all packets" : groupName(row[group] ?? null);
    const values = rates.get(name) ?? [];
    rates.set(name, values);
    const value = row[rate] ?? null;
    values[starts.length - 1] = value === null ? null : Number(value);
  }
  if (starts.length === 0) return null;
  const gap = starts.length > 1 ? starts[1]! - starts[0]! : 1_000_000_000n;
  const groups = [...rates].map(([name, values]) => ({
    name,
    rates: starts.map((_, index) => values[index] ?? null),
  }));
  return { starts, width: width ?? gap, groups };
}

function groupName(value: Value): string {
  return value === null ? NAMELESS : String(value);
}

/** The chart. Without its script it says where the numbers are. */
export function chartMarkup(
  { starts, width, groups }: RateTable,
  { label, gaps = [], losses = [] }: {
    readonly label: string;
    readonly gaps?: readonly TimeMark[];
    readonly losses?: readonly TimeMark[];
  },
): Markup {
  const first = starts[0]!;
  // Seconds since 1970 have no room for nanoseconds in a number.
  const since = (time: bigint) => Number(time - first) / 1e9;
  const marks = (list: readonly TimeMark[]) => list.map(({ from, to }) => [since(from), since(to)]);
  const data = jsonText({
    start: Number(first / 1_000_000n) / 1000,
    width: Number(width) / 1e9,
    offsets: starts.map(since),
    names: groups.map(({ name }) => visibleText(name)),
    rates: groups.map(({ rates }) => rates),
    gaps: marks(gaps),
    losses: marks(losses),
  });
  return markup`<figure class="chart" aria-label="${label}">
<script type="application/json">${jsonData(data)}</script>
<noscript><p>Without scripts the rates are in the table below.</p></noscript>
</figure>
`;
}

/** The rates as a table, a column for each group. */
export async function* rateTableMarkup(
  { starts, groups }: RateTable,
  { label, command }: { readonly label: string; readonly command: string },
): AsyncGenerator<Markup> {
  const headings = [
    { text: "Start (UTC)", column: "bucket_start", isNumber: false },
    ...groups.map(({ name }) => ({ text: name, column: name, isNumber: true })),
  ];
  const rows = starts.map((start, index) => {
    const cells = groups.map(({ rates }) => {
      const rate = rates[index] ?? null;
      const shown = rate === null ? "-" : formatRate(rate, "bit");
      return markup`<td class="number" data-value="${
        rate === null ? "" : String(rate)
      }">${shown}</td>`;
    });
    const time = exactTimestamp(start);
    return markup`<tr><th scope="row" data-value="${
      isoFromNanoseconds(start)
    }">${time}</th>${cells}</tr>\n`;
  });
  yield markup`<details><summary>${label} as a table</summary>\n`;
  yield* framedTable({ label, headings }, rows, () => markup`<code>${command}</code>`);
  yield markup`</details>\n`;
}
