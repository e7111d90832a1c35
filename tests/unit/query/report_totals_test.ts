/** The reports against the same sums computed in TypeScript over rows that hyparquet read. */
import assert from "node:assert/strict";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { readRowsWithHyparquet } from "../../support/parquet_rows.ts";

type JsonRow = Record<string, string | number | null>;

async function report(name: string): Promise<JsonRow[]> {
  let text = "";
  const options = {
    report: name,
    files: [fixturePath("complete")],
    limit: 0,
    format: "json",
  } as const;
  const screen = { width: null, colour: false };
  await runStats(options, { data: (part) => text += part, note: () => {}, screen });
  return JSON.parse(text);
}

/** Packets and bytes for each value of the keys. */
async function totals(
  keys: readonly string[],
  withIpOnly: boolean,
): Promise<Map<string, number[]>> {
  const sums = new Map<string, number[]>();
  for (const row of await readRowsWithHyparquet(fixturePath("complete"))) {
    if (withIpOnly && (row.source_ip ?? null) === null) continue;
    const key = JSON.stringify(keys.map((name) => row[name] ?? null));
    const [packets = 0, bytes = 0] = sums.get(key) ?? [];
    sums.set(key, [packets + 1, bytes + Number(row.packet_length)]);
  }
  return sums;
}

const REPORT_KEYS = {
  traffic: ["direction", "protocol"],
  top: ["direction", "source_ip"],
  flows: [
    "direction",
    "source_ip",
    "destination_ip",
    "source_port",
    "destination_port",
    "protocol",
  ],
} as const;

for (const [name, keys] of Object.entries(REPORT_KEYS)) {
  Deno.test(`runStats() gives the ${name} that another reader's rows add up to`, async () => {
    const rows = await report(name);
    const actual = new Map(rows.map((row) => [
      JSON.stringify(keys.map((key) => row[key])),
      [row.packet_count, row.total_bytes],
    ]));
    assert.equal(actual.size, rows.length);
    assert.deepEqual(actual, await totals(keys, name !== "traffic"));
  });
}

Deno.test("runStats() gives the summary that another reader's rows add up to", async () => {
  const summary = await report("summary") as unknown as JsonRow;
  const rows = await readRowsWithHyparquet(fixturePath("complete"));
  const bytes = rows.reduce((sum, row) => sum + Number(row.packet_length), 0);
  assert.equal(summary.packet_count, rows.length);
  assert.equal(summary.total_bytes, bytes);
  assert.equal(summary.avg_packet_size, Math.round(bytes / rows.length * 100) / 100);
  // Over the 30.5 s that were recorded, as in the report of `record`.
  assert.equal(summary.bits_per_second, Math.round(bytes * 8 / 30.5 * 100) / 100);
});
