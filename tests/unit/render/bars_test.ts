import assert from "node:assert/strict";
import fc from "fast-check";
import { axis, bar } from "../../../src/render/bars.ts";
import { tableColumns } from "../../../src/render/table_columns.ts";
import { renderTable, type TableColumn } from "../../../src/render/table.ts";
import { displayWidth } from "../../../src/render/visible_text.ts";

Deno.test("bar() is as long as its number to an eighth of a cell, in ASCII to a cell", () => {
  assert.equal(bar(1, 4, 8, true), "██");
  assert.equal(bar(1.125, 4, 8, true), "██▎");
  assert.equal(bar(4, 4, 8, true), "████████");
  assert.equal(bar(3, 4, 8, false), "######");
});

Deno.test("bar() shows what is not nothing, and nothing as nothing", () => {
  assert.equal(bar(1, 1e9, 20, true), "▏");
  assert.equal(bar(1, 1e9, 20, false), "#");
  for (const value of [0, -1, NaN]) assert.equal(bar(value, 10, 20, true), "");
  assert.equal(bar(0, 0, 20, true), "");
});

Deno.test("bar() says that a number is beyond the axis", () => {
  assert.equal(bar(11, 10, 5, false), "####>");
});

Deno.test("bar() is never longer than the axis, and a larger number never shorter", () => {
  const number = fc.double({ min: 0, max: 1e15, noNaN: true });
  fc.assert(
    fc.property(
      number,
      number,
      fc.integer({ min: 12, max: 60 }),
      fc.boolean(),
      (a, b, width, unicode) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        const bars = [bar(less, more, width, unicode), bar(more, more, width, unicode)];
        assert.ok(displayWidth(bars[0]!) <= displayWidth(bars[1]!));
        if (more > 0) assert.equal(displayWidth(bars[1]!), width);
      },
    ),
  );
  assert.equal(axis("12 MiB", 12), "0     12 MiB");
});

const COLUMNS: readonly TableColumn[] = [
  { heading: "Name", align: "left", shorten: "start", cell: (row) => String(row[0]) },
  {
    heading: "Bytes",
    align: "right",
    cell: (row) => String(row[1]),
    bar: { value: (row) => Number(row[1]), end: null, format: (value) => `${value} B` },
  },
  { heading: "Detail", align: "right", cell: (row) => String(row[1]), leaveOut: "first" },
];

async function tableOf(rows: number, width: number | null): Promise<string[]> {
  async function* batches() {
    for (let row = 0; row < rows; row += 500) {
      yield Array.from({ length: Math.min(500, rows - row) }, (_, index) => ["a", row + index]);
      await Promise.resolve();
    }
  }
  let text = "";
  for await (const part of renderTable(COLUMNS, batches(), { width, colour: false })) text += part;
  return text.trimEnd().split("\n");
}

Deno.test("renderTable() draws bars only on a terminal with room for them", async () => {
  assert.deepEqual(await tableOf(3, null), [
    "Name  Bytes  Detail",
    "a         0       0",
    "a         1       1",
    "a         2       2",
  ]);
  assert.deepEqual(await tableOf(3, 33), [
    "Name  Bytes  Detail  0        2 B",
    "a         0       0",
    "a         1       1  ######",
    "a         2       2  ############",
  ]);
  // A detail makes room.
  assert.equal((await tableOf(3, 32))[0], "Name  Bytes  0               2 B");
  assert.equal((await tableOf(3, 24))[0], "Name  Bytes  Detail");
});

Deno.test("renderTable() marks bars of later rows that are beyond the axis of the first", async () => {
  const lines = await tableOf(1500, 40);
  assert.match(lines[0]!, /0 +999 B$/);
  assert.match(lines[1000]!, /#$/);
  assert.match(lines[1001]!, /#>$/);
});

Deno.test("tableColumns() draws shares of what is given as all, and tells them before a detail", async () => {
  const report = {
    columns: [{ name: "name", kind: "text" }, { name: "bytes", kind: "bytes" }],
    cells: [
      { heading: "Name", column: "name" },
      { heading: "Bytes", column: "bytes", bar: "share" },
      { heading: "Detail", column: "name", leaveOut: "first" },
    ],
  } as const;
  async function* batches() {
    yield await Promise.resolve([["a", 500n], ["b", 250n]]);
  }
  const linesOf = async (total: bigint | null, width: number | null) => {
    let text = "";
    const columns = tableColumns(report, total);
    for await (const part of renderTable(columns, batches(), { width, colour: false })) {
      text += part;
    }
    return text.trimEnd().split("\n");
  };
  assert.deepEqual(await linesOf(1000n, 60), [
    "Name  Bytes  Share  Detail  0                          100 %",
    "a     500 B   50 %  a       ################",
    "b     250 B   25 %  b       ########",
  ]);
  assert.deepEqual((await linesOf(1000n, 32))[1], "a     500 B   50 %  ######");
  assert.deepEqual((await linesOf(1000n, 27))[1], "a     500 B  #######");
  // Nowhere else, and never of nothing.
  for (const [total, width] of [[1000n, null], [null, 60], [0n, 60]] as const) {
    assert.equal((await linesOf(total, width))[0], "Name  Bytes  Detail");
  }
});
