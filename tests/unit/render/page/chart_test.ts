import assert from "node:assert/strict";
import { chartMarkup, rateTable } from "../../../../src/render/page/chart.ts";
import type { Row } from "../../../../src/query/session.ts";
import { roundWidth, TIMELINE } from "../../../../src/reports/timeline.ts";
import { START_NS } from "../../../support/fixture_packets.ts";
import { tableOf } from "../../../../src/reports/report.ts";

const S = 1_000_000_000n;
const BY = { by: { name: "protocol", argument: [] }, order: null, flags: new Map() };
const { columns } = tableOf(TIMELINE, BY);

function row(at: bigint, group: string | null, rate: number | null): Row {
  const values: Record<string, Row[number]> = {
    bucket_start: START_NS + at,
    group_name: group,
    bits_per_second: rate,
  };
  return columns.map(({ name }) => values[name] ?? null);
}

const ROWS = [
  row(0n, "TCP", 8),
  row(0n, null, 1),
  row(5n * S, "TCP", null),
  row(5n * S, null, 2),
  row(10n * S, "TCP", 9),
  row(10n * S, null, 3),
];

Deno.test("rateTable() has a value for each group and time", () => {
  assert.deepEqual(rateTable(ROWS, columns), {
    starts: [0n, 5n, 10n].map((at) => START_NS + at * S),
    width: 5n * S,
    groups: [{ name: "TCP", rates: [8, null, 9] }, { name: "none", rates: [1, 2, 3] }],
  });
  assert.equal(rateTable([], columns), null);
  assert.equal(rateTable(ROWS.slice(0, 2), columns, 7n)?.width, 7n);
});

Deno.test("chartMarkup() gives its script the rates, and the marks beside them", () => {
  const marks = { gaps: [{ from: START_NS + S, to: START_NS + 2n * S }] };
  const text = `${chartMarkup(rateTable(ROWS, columns)!, { label: "<x>", ...marks })}`;
  assert.ok(text.includes('aria-label="&lt;x&gt;"'));
  assert.deepEqual(JSON.parse(text.match(/json">(.*)<\/script>/)![1]!), {
    start: Number(START_NS / S),
    width: 5,
    offsets: [0, 5, 10],
    names: ["TCP", "none"],
    rates: [[8, null, 9], [1, 2, 3]],
    gaps: [[1, 2]],
    losses: [],
  });
});

Deno.test("roundWidth() makes at most so many buckets, and none that --every cannot ask for", () => {
  assert.equal(roundWidth(0n, 239n * S, 240), S);
  assert.equal(roundWidth(0n, 240n * S, 240), 2n * S);
  assert.equal(roundWidth(0n, 239_000_000n, 240), 1_000_000n);
  assert.equal(roundWidth(0n, 100_000_000n, 240), null);
});
