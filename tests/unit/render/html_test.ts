import assert from "node:assert/strict";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { HTML } from "../../../src/render/html.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import { type FixtureName, fixturePath } from "../../support/make_fixture.ts";

async function pageOf(fixture: FixtureName, report: string, limit: number | null = null) {
  let text = "";
  let notes = "";
  await runStats({ report, files: [fixturePath(fixture)], limit, format: "html" }, {
    data: (part) => text += part,
    note: (note) => notes += note,
    screen: { width: null, colour: false },
  });
  assert.equal(notes, "");
  return text;
}

async function jsonOf(report: string): Promise<Record<string, unknown>[]> {
  let text = "";
  await runStats({ report, files: [fixturePath("complete")], limit: null, format: "json" }, {
    data: (part) => text += part,
    note: () => {},
    screen: { width: null, colour: false },
  });
  return JSON.parse(text);
}

/** Text of the cells of the first table, or what programs get in its place; `&` is in none of them. */
function cellsOf(page: string): { columns: string[]; rows: string[][] } {
  const columns = [...page.matchAll(/<th scope="col"[^>]* data-column="([^"]*)">/g)]
    .map(([, name = ""]) => name);
  const rows = [...page.split("<tbody>")[1]!.split("</tbody>")[0]!.matchAll(/<tr>(.*)<\/tr>/g)]
    .map(([, row = ""]) =>
      [...row.matchAll(/<(?:td|th)([^>]*)>([^<]*)/g)].map(([, attributes = "", text = ""]) =>
        attributes.match(/data-value="([^"]*)"/)?.[1] ?? text
      )
    );
  return { columns, rows };
}

for (const { name, kind } of REPORTS) {
  Deno.test(`format html has the rows of ${name}`, async () => {
    const page = await pageOf("complete", name);
    assert.match(page, /^<!DOCTYPE html>\n<html lang="en">/);
    assert.match(page, /<\/html>\n$/);
    assert.doesNotMatch(page, /(src|href)="(?!#|data:,")/, "nothing from elsewhere");
    assert.match(page, /capture complete/);
    if (kind === "summary") return;
    const { columns, rows } = cellsOf(page);
    const answer = await jsonOf(name);
    assert.equal(rows.length, answer.length);
    columns.forEach((column, at) => {
      if (column.includes(":")) return;
      const expected = answer.map((row) => String(row[column] ?? ""));
      assert.deepEqual(rows.map((row) => row[at]), expected, column);
    });
  });

  Deno.test(`format html leaves no control character of ${name}`, async () => {
    for (const fixture of ["hostile", "empty"] as const) {
      const page = await pageOf(fixture, name);
      assert.doesNotMatch(page.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
    }
  });
}

Deno.test("format html says how many rows are not shown, and what was lost", async () => {
  assert.match(await pageOf("complete", "hosts", 2), /2 of 8 rows/);
  assert.match(await pageOf("lossy", "hosts"), /class="warning"><strong>Note:<\/strong> lost /);
});

Deno.test("format html has a chart where a report is about time, and only there", async () => {
  assert.match(await pageOf("complete", "timeline"), /uPlot=function/);
  assert.doesNotMatch(await pageOf("complete", "hosts"), /uPlot/);
});

Deno.test("format html shows the answer to a query, its names and texts as text", async () => {
  const text = "<img src=x>&\u202e";
  const tally = { shown: 0, isCut: false };
  async function* batches() {
    yield await Promise.resolve([[text, 3n], [null, null]]);
    tally.shown = 2;
  }
  const columns = [{ name: text, kind: "text" }, { name: "n", kind: "count" }] as const;
  const rows = { columns, batches: batches(), tally, isExplanation: false };
  const typed = () => assert.fail("asks twice");
  const parts = await Array.fromAsync(
    HTML.renderRows({ ...rows, typed }, { width: null, colour: false }),
  );
  const page = parts.join("");
  const escaped = "&lt;img src=x&gt;&amp;\\u{202e}";
  assert.deepEqual(cellsOf(page), { columns: [escaped, "n"], rows: [[escaped, "3"], ["", ""]] });
  assert.match(page, /2 rows/);
  assert.doesNotMatch(page, /<img/);
});
