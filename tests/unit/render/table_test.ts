import assert from "node:assert/strict";
import type { Row } from "../../../src/query/session.ts";
import { renderTable, type TableColumn } from "../../../src/render/table.ts";
import { visibleText } from "../../../src/render/visible_text.ts";
import { batches, collect } from "./batches.ts";

const NAME: TableColumn = {
  heading: "Name",
  align: "left",
  shorten: "start",
  cell: (row) => String(row[0]),
};
const COUNT: TableColumn = { heading: "Count", align: "right", cell: (row) => String(row[1]) };
const NOTE: TableColumn = {
  heading: "Note",
  align: "left",
  leaveOut: "first",
  cell: (row) => String(row[2]),
};

const ROWS: Row[] = [["alpha", 1, "first note"], ["beta with a long name", 1000, "x"]];

function table(width: number | null, columns: readonly TableColumn[], ...rows: Row[][]) {
  const leftOut: string[] = [];
  const screen = { width, colour: false };
  const text = collect(
    renderTable(columns, batches(...rows), screen, (names) => leftOut.push(...names)),
  );
  return text.then((text) => ({ lines: text.split("\n").slice(0, -1), leftOut }));
}

Deno.test("renderTable() aligns text left and numbers right", async () => {
  const { lines, leftOut } = await table(null, [NAME, COUNT, NOTE], ROWS);
  assert.deepEqual(lines, [
    "Name                   Count  Note",
    "alpha                      1  first note",
    "beta with a long name   1000  x",
  ]);
  assert.deepEqual(leftOut, []);
});

Deno.test("renderTable() leaves columns out, then shortens text, never numbers", async () => {
  const narrow = await table(20, [NAME, COUNT, NOTE], ROWS);
  assert.deepEqual(narrow.lines, [
    "Name           Count",
    "alpha              1",
    "beta with a …   1000",
  ]);
  assert.deepEqual(narrow.leftOut, ["Note"]);
  const tiny = await table(1, [NAME, COUNT], [["name of a thing", 1234567890, ""]]);
  assert.deepEqual(tiny.lines, ["Name            Count", "name of …  1234567890"]);
});

Deno.test("renderTable() prints the heading alone without rows", async () => {
  assert.deepEqual((await table(80, [NAME, COUNT])).lines, ["Name  Count"]);
});

Deno.test("renderTable() makes control characters visible and bounds a cell of megabytes", async () => {
  const { lines } = await table(null, [NAME], [["\x1b[2J\n"], ["x".repeat(10_000_000)]]);
  assert.equal(lines[1], "\\x1b[2J\\n");
  assert.equal(lines[2]!.length, 64);
  assert.ok(lines[2]!.endsWith("…"));
});

Deno.test("renderTable() yields rows before the last batch has come", async () => {
  const many = Array.from({ length: 1000 }, (_, index): Row => [`n${index}`, index]);
  let pulled = 0;
  async function* slow() {
    for (pulled = 1; pulled <= 5; pulled++) yield await Promise.resolve(many);
  }
  const text = renderTable([NAME, COUNT], slow(), { width: null, colour: false });
  await text.next();
  assert.equal(pulled, 1);
  await text.return(undefined);
});

Deno.test("renderTable() takes the widths from the first thousand rows, whatever their batches", async () => {
  const some = (count: number): Row[] => Array.from({ length: count }, () => ["a", 1]);
  const wide: Row[] = [["a longer name", 1_000_000]];
  const { lines } = await table(null, [NAME, COUNT], some(1), some(998), wide, some(1));
  assert.equal(lines.length, 1002);
  assert.equal(lines[0], "Name             Count");
  assert.equal(lines[1], "a                    1");
  assert.equal(lines[1000], "a longer name  1000000");
  assert.equal(lines[1001], lines[1]);
});

Deno.test("renderTable() keeps no more than a thousand rows and one batch for the widths", async () => {
  const batch = Array.from({ length: 100 }, (): Row => ["a", 1]);
  let pulled = 0;
  async function* endless() {
    for (;; pulled++) yield await Promise.resolve(batch);
  }
  const text = renderTable([NAME, COUNT], endless(), { width: null, colour: false });
  await text.next();
  await text.return(undefined);
  assert.ok(pulled <= 10, `${pulled}`);
});

Deno.test("renderTable() does not look at all of a cell of megabytes", async () => {
  // Each character becomes four. Making it visible is what has to be saved.
  const huge = "\x1b".repeat(5_000_000);
  const timed = async (work: () => unknown) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const whole = await timed(() => visibleText(huge));
  // The fastest of three: the machine may be busy with something else.
  const cut: number[] = [];
  for (let i = 0; i < 3; i++) cut.push(await timed(() => table(null, [NAME], [[huge]])));
  assert.ok(Math.min(...cut) < whole / 2, `${cut.join()} ms of ${whole} ms`);
});

Deno.test("renderTable() does not lose digits of a late row that is wider", async () => {
  const many = Array.from({ length: 1000 }, (): Row => ["a", 1]);
  const { lines } = await table(20, [NAME, COUNT], many, [["b", 12345678901234567890n]]);
  assert.equal(lines.at(-1), "b     12345678901234567890");
});

Deno.test("renderTable() sets the heading in bold only with colour", async () => {
  const coloured = renderTable([NAME], batches(), { width: null, colour: true });
  assert.equal(await collect(coloured), "\x1b[1mName\x1b[22m\n");
});

Deno.test("renderTable() makes headings safe that a query took from packets", async () => {
  const hostile = { ...NAME, heading: `a\n\x1b[31m${"x".repeat(5000)}` };
  const { lines } = await table(null, [hostile, COUNT], ROWS);
  assert.equal(lines.length, 1 + ROWS.length);
  assert.match(lines[0]!, /^a\\n\\x1b\[31mx+… {2}Count$/);
  assert.ok(lines[0]!.length < 80, lines[0]);
  const { leftOut } = await table(20, [NAME, COUNT, { ...NOTE, heading: "\x1b[2J" }], ROWS);
  assert.deepEqual(leftOut, ["\\x1b[2J"]);
});
