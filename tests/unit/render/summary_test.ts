import assert from "node:assert/strict";
import { jsonSummary } from "../../../src/render/json.ts";
import type { SummaryAnswer } from "../../../src/reports/answer.ts";
import { SUMMARY } from "../../../src/reports/summary.ts";
import { collect } from "./batches.ts";

/** A summary of which only the causes of loss are known. */
function withDrops(drops: SummaryAnswer["drops"]): Promise<string> {
  const row = SUMMARY.columns.map(() => null);
  return collect(jsonSummary({ report: SUMMARY, row, drops, sections: [] }, false));
}

Deno.test("jsonSummary() keeps the causes of loss in their order", async () => {
  for (const names of [["ring_full", "queue_full"], ["queue_full", "ring_full"]] as const) {
    const text = await withDrops(new Map(names.map((name, index) => [name, BigInt(index + 1)])));
    assert.ok(text.endsWith(`"drops":{"${names[0]}":1,"${names[1]}":2}}\n`), text);
  }
});

Deno.test("jsonSummary() says null when no file tells of loss", async () => {
  assert.ok((await withDrops(null)).endsWith('"drops":null}\n'));
});
