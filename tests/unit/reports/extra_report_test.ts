import assert from "node:assert/strict";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { FORMATS } from "../../../src/render/formats.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import type { TableReport } from "../../../src/reports/report.ts";
import { fixturePath } from "../../support/make_fixture.ts";

/** A report that the program does not have. */
const SIZES: TableReport = {
  kind: "table",
  name: "longest",
  help: "the longest packet of each direction",
  columns: [{ name: "direction", kind: "text" }, { name: "longest", kind: "bytes" }],
  defaultLimit: 0,
  keys: ["direction"],
  sorts: ["longest"],
  sql: "SELECT direction, max(packet_length) AS longest FROM packets GROUP BY direction",
  cells: [{ heading: "Dir", column: "direction" }, { heading: "Longest", column: "longest" }],
  note: () => "a note of its own",
  section: { heading: "Longest packets", place: 4 },
};

async function stats(report: string, format: string): Promise<string> {
  let text = "";
  await runStats(
    { report, files: [fixturePath("complete")], limit: null, format },
    { data: (part) => text += part, note: () => {}, screen: { width: null, colour: false } },
    { reports: [...REPORTS, SIZES], formats: FORMATS },
  );
  return text;
}

Deno.test("runStats() answers a report that only a list names, in every format", async () => {
  const json = await stats("longest", "json");
  assert.deepEqual(JSON.parse(json), [
    { direction: "egress", longest: 65160 },
    { direction: "ingress", longest: 1514 },
  ]);
  const parts: Record<string, RegExp> = {
    table: /^egress +63\.6 KiB\n(.*\n)+2 of 2 rows\na note of its own\n/m,
    json: /"longest":65160/,
    ndjson: /^\{"direction":"egress","longest":65160\}$/m,
    csv: /^egress,65160$/m,
    markdown: /^\| egress \| 63\.6 KiB \|$/m,
  };
  for (const { name, isBinary } of FORMATS) {
    // Those are read in binary_formats_test.ts.
    if (isBinary) continue;
    assert.match(await stats("longest", name), parts[name] ?? /longest/);
  }
});

Deno.test("runStats() makes a report with a section part of the summary", async () => {
  assert.match(await stats("summary", "table"), /\nLongest packets\nDir +Longest\n/);
  assert.equal(JSON.parse(await stats("summary", "json")).longest.length, 2);
});
