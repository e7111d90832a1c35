import assert from "node:assert/strict";
import { scannedRows } from "../../../src/query/scanned_rows.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { fixturePath } from "../../support/make_fixture.ts";

Deno.test("scannedRows() counts the rows that a plan of DuckDB's reads out of files", async () => {
  const path = fixturePath("complete");
  using session = await QuerySession.open([path]);
  const from = `read_parquet('${path}')`;
  const of = async (sql: string) => {
    const [row] = await session.rows(`EXPLAIN (FORMAT json) ${sql}`);
    return scannedRows(String(row![1]));
  };
  assert.deepEqual(await of(`SELECT sum(packet_length) FROM ${from}`), { expected: 36, scans: 1 });
  assert.deepEqual(
    await of(`SELECT packet_length FROM ${from} UNION ALL SELECT tcp_window FROM ${from}`),
    { expected: 72, scans: 2 },
  );
  assert.equal(await of("SELECT * FROM range(5)"), null);
});

Deno.test("scannedRows() takes what is no plan for nothing", () => {
  for (const text of ["", "undefined", "{}", "[]", "[1]", '[{"name": "READ_PARQUET"}]']) {
    assert.equal(scannedRows(text), null, text);
  }
});
