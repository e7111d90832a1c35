import assert from "node:assert/strict";
import { tableFromIPC } from "apache-arrow";
import { arrowStream } from "../../../src/query/arrow_stream.ts";
import { QuerySession } from "../../../src/query/session.ts";
import { type Meaning, typedRows } from "../../../src/query/typed_rows.ts";

async function arrow(session: QuerySession, sql: string, meanings: Meaning[] = []) {
  const rows = typedRows(session, { sql, parameters: {} }, meanings, (start) => start());
  return tableFromIPC(await new Blob(await Array.fromAsync(arrowStream(rows))).bytes());
}

/** Type, SQL of a value, Arrow type and what is in memory for the value, as text. */
const VALUES: [sql: string, type: string, memory: string][] = [
  ["true", "Bool", "true"],
  ["(-128)::TINYINT", "Int8", "-128"],
  ["(-32768)::SMALLINT", "Int16", "-32768"],
  ["(-2147483648)::INTEGER", "Int32", "-2147483648"],
  ["(-9223372036854775808)::BIGINT", "Int64", "-9223372036854775808"],
  ["255::UTINYINT", "Uint8", "255"],
  ["65535::USMALLINT", "Uint16", "65535"],
  ["4294967295::UINTEGER", "Uint32", "4294967295"],
  ["18446744073709551615::UBIGINT", "Uint64", "18446744073709551615"],
  ["1.5::FLOAT", "Float32", "1.5"],
  ["0.1::DOUBLE", "Float64", "0.1"],
  ["DATE '1969-12-31'", "Date32<DAY>", "-1"],
  ["TIMESTAMP '1970-01-01 00:00:00.000001'", "Timestamp<MICROSECOND, UTC>", "1"],
  ["TIMESTAMP_S '1970-01-01 00:00:02'", "Timestamp<SECOND, UTC>", "2"],
  ["TIMESTAMP_MS '1970-01-01 00:00:00.003'", "Timestamp<MILLISECOND, UTC>", "3"],
  ["make_timestamp_ns(1785000000123456789)", "Timestamp<NANOSECOND, UTC>", "1785000000123456789"],
  ["TIMESTAMPTZ '1970-01-01 00:00:00.000005+00'", "Timestamp<MICROSECOND, UTC>", "5"],
  ["(-12.34)::DECIMAL(10, 2)", "Decimal[10e+2]", "4294966062,4294967295,4294967295,4294967295"],
  ["(-1)::HUGEINT", "Decimal[38e0]", "4294967295,4294967295,4294967295,4294967295"],
  ["'Grüße'", "Utf8", "Grüße"],
  ["'\\x00\\xFF'::BLOB", "Binary", "0,255"],
  ["[1, NULL]", "Utf8", "[1, NULL]"],
  ["{'a': 1}", "Utf8", "{'a': 1}"],
  ["INTERVAL 1 DAY", "Utf8", "1 day"],
  ["'d9428888-122b-11e1-b85c-61cd3cbb3210'::UUID", "Utf8", "d9428888-122b-11e1-b85c-61cd3cbb3210"],
  ["'a'::ENUM('b', 'a')", "Utf8", "a"],
];

Deno.test("arrowStream() keeps every type, and what it has no type for as text", async () => {
  using session = await QuerySession.open([]);
  for (const [sql, type, memory] of VALUES) {
    // A null before the value, and one behind it.
    const table = await arrow(
      session,
      `SELECT CASE WHEN i = 1 THEN ${sql} END AS value FROM range(3) t(i) ORDER BY i`,
    );
    assert.equal(String(table.schema.fields[0]!.type), type, sql);
    const column = table.getChildAt(0)!;
    assert.deepEqual([column.get(0) === null, column.get(2) === null], [true, true], sql);
    const { values, stride } = column.data[0]!;
    const isNumber = /^(Int|Uint|Float|Date|Timestamp|Decimal)/.test(type);
    const found = isNumber ? values.subarray(stride, 2 * stride).join() : String(column.get(1));
    assert.equal(found, memory, sql);
  }
});

Deno.test("arrowStream() keeps rows in their order over many batches, and a schema without rows", async () => {
  using session = await QuerySession.open([]);
  const table = await arrow(
    session,
    "SELECT i, 'text ' || i AS t FROM range(100000) r(i) ORDER BY i DESC",
  );
  assert.equal(table.numRows, 100_000);
  assert.ok(table.batches.length > 3);
  for (const row of [0, 16_383, 16_384, 50_000, 99_999]) {
    assert.deepEqual({ ...table.get(row)!.toJSON() }, {
      i: BigInt(99_999 - row),
      t: `text ${99_999 - row}`,
    });
  }
  const empty = await arrow(session, "SELECT 1 AS a WHERE false");
  assert.deepEqual([empty.numRows, empty.schema.fields.map(({ name }) => name)], [0, ["a"]]);
});

Deno.test("typedRows() tells columns of one name apart and makes times and counts of integers", async () => {
  using session = await QuerySession.open([]);
  const sql = 'SELECT 1::BIGINT AS a, 2::HUGEINT AS A, 3::BIGINT AS a, 4::DOUBLE AS "b""c" -- end';
  const table = await arrow(session, sql, ["time", "count", null, "count"]);
  assert.deepEqual(
    table.schema.fields.map(({ name, type }) => `${name} ${type}`),
    ["a Timestamp<NANOSECOND, UTC>", "A_1 Uint64", "a_2 Int64", 'b"c Float64'],
  );
});

Deno.test("QuerySession.parquet() leaves nothing behind, and keeps the order of a large result", async () => {
  using session = await QuerySession.open([]);
  const sql = "SELECT i, hash(i) AS h FROM range(1000000) r(i) ORDER BY i DESC";
  const parts = await Array.fromAsync(session.parquet(sql));
  assert.ok(parts.length > 1);
  const [spill] = (await session.rows("SELECT current_setting('temp_directory')"))[0]!;
  assert.deepEqual([...Deno.readDirSync(String(spill))], []);
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/a.parquet`;
    Deno.writeFileSync(path, await new Blob(parts).bytes());
    using reader = await QuerySession.open([path]);
    const wrong = `SELECT count(*), count(*) FILTER (i <> 999999 - file_row_number)
      FROM read_parquet('${path}', file_row_number = true)`;
    assert.deepEqual(await reader.rows(wrong), [[1_000_000n, 0n]]);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
