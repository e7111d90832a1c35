import assert from "node:assert/strict";
import { jsonText, renderJson } from "../../../src/render/json.ts";
import { renderNdjson } from "../../../src/render/ndjson.ts";
import { batches, collect } from "./batches.ts";

const COLUMNS = [
  { name: "protocol", kind: "text" },
  { name: "packet_count", kind: "count" },
  { name: "flow_start", kind: "time" },
] as const;

Deno.test("renderJson() writes one array over all batches", async () => {
  const rows = batches([["TCP", 1n, 0n]], [], [["UDP", 2, null], [null, 1.5, 1n]]);
  const text = await collect(renderJson(COLUMNS, rows));
  assert.deepEqual(JSON.parse(text), [
    { protocol: "TCP", packet_count: 1, flow_start: "1970-01-01T00:00:00.000000000Z" },
    { protocol: "UDP", packet_count: 2, flow_start: null },
    { protocol: null, packet_count: 1.5, flow_start: "1970-01-01T00:00:00.000000001Z" },
  ]);
  assert.ok(text.endsWith("]\n"));
});

Deno.test("renderJson() writes an empty array without rows", async () => {
  assert.equal(await collect(renderJson(COLUMNS, batches())), "[]\n");
});

Deno.test("renderNdjson() writes one object a line, whatever the text holds", async () => {
  const text = await collect(
    renderNdjson(COLUMNS, batches([["a\nb\u2028", 1n, 0n]], [["c", 2n, 0n]])),
  );
  const lines = text.split("\n");
  assert.equal(lines.length, 3);
  assert.equal(JSON.parse(lines[0]!).protocol, "a\nb\u2028");
});

Deno.test("jsonText() keeps integers above 2^53 exact", () => {
  assert.equal(
    jsonText({ n: 9007199254740993n, m: 2n ** 127n }),
    `{"n":9007199254740993,"m":${2n ** 127n}}`,
  );
});

Deno.test("jsonText() has no word for numbers that JSON lacks", () => {
  assert.equal(jsonText([NaN, Infinity, -0, 1e21, true, null]), "[null,null,0,1e+21,true,null]");
});
