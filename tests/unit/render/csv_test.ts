import assert from "node:assert/strict";
import { csvLine, renderCsv } from "../../../src/render/csv.ts";
import { batches, collect } from "./batches.ts";

Deno.test("csvLine() quotes as RFC 4180 says", () => {
  assert.equal(csvLine(["a", 1n, 2.5, true, null]), "a,1,2.5,true,\n");
  assert.equal(csvLine(["a,b", 'say "hi"', " x", "x "]), '"a,b","say ""hi"""," x","x "\n');
});

Deno.test("csvLine() tells the empty text from NULL", () => {
  assert.equal(csvLine(["", null, ""]), '"",,""\n');
});

Deno.test("csvLine() keeps a row on one line and writes control characters out", () => {
  assert.equal(csvLine(["a\r\nb", "\x1b[31m"]), "a\\r\\nb,\\x1b[31m\n");
});

Deno.test("renderCsv() writes the header once, also without rows", async () => {
  const columns = [{ name: "direction", kind: "text" }, {
    name: "total_bytes",
    kind: "bytes",
  }] as const;
  assert.equal(await collect(renderCsv(columns, batches())), "direction,total_bytes\n");
  const text = await collect(renderCsv(columns, batches([["in", 1n]], [["out", 2n ** 60n]])));
  assert.equal(text, `direction,total_bytes\nin,1\nout,${2n ** 60n}\n`);
});
