import assert from "node:assert/strict";
import { type Summary, SUMMARY_COLUMNS } from "../../../src/query/summary.ts";
import { renderSummaryJson } from "../../../src/render/summary.ts";
import { collect } from "./batches.ts";

/** A summary of which only the causes of loss are known. */
function withDrops(drops: Summary["drops"]): Promise<string> {
  const row = SUMMARY_COLUMNS.map(() => null);
  return collect(renderSummaryJson({ row, drops }, [], false));
}

Deno.test("renderSummaryJson() keeps the causes of loss in their order", async () => {
  for (const names of [["ring_full", "queue_full"], ["queue_full", "ring_full"]] as const) {
    const text = await withDrops(new Map(names.map((name, index) => [name, BigInt(index + 1)])));
    assert.ok(text.endsWith(`"drops":{"${names[0]}":1,"${names[1]}":2}}\n`), text);
  }
});

Deno.test("renderSummaryJson() says null when no file tells of loss", async () => {
  assert.ok((await withDrops(null)).endsWith('"drops":null}\n'));
});
