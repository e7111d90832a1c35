import assert from "node:assert/strict";
import { COLUMNS, SCHEMA_VERSION } from "../../../src/contract/columns.ts";
import { checkSchema, topLevelColumns } from "../../../src/query/schema_check.ts";

const GOOD = new Map<string, string>(COLUMNS.map(({ name, type }) => [name, type]));

Deno.test("checkSchema() accepts the schema, with more columns and without a version", () => {
  checkSchema("x", String(SCHEMA_VERSION), GOOD);
  checkSchema("x", null, new Map([...GOOD, ["queue", "UTINYINT"]]));
});

Deno.test("checkSchema() names every missing column and wrong type", () => {
  const columns = new Map(GOOD);
  columns.delete("ttl");
  columns.delete("dscp");
  columns.set("source_ip", "BLOB");
  assert.throws(() => checkSchema("x.parquet", null, columns), {
    name: "RunError",
    message: 'Cannot read "x.parquet": its columns are not a recording\'s: ' +
      'missing columns "ttl", "dscp"; "source_ip" is BLOB, not VARCHAR',
  });
});

Deno.test("checkSchema() names both versions of a newer file, before its columns", () => {
  assert.throws(() => checkSchema("x.parquet", String(SCHEMA_VERSION + 1), new Map()), {
    message: `Cannot read "x.parquet": its schema version is ${SCHEMA_VERSION + 1}, ` +
      `this program reads versions up to ${SCHEMA_VERSION}`,
  });
});

Deno.test("checkSchema() refuses a version that is no number", () => {
  for (const version of ["", "0", "-1", "1.0", "abc", "1e9", "9".repeat(20)]) {
    assert.throws(() => checkSchema("x", version, GOOD), /is not a version number/, version);
  }
});

Deno.test("topLevelColumns() skips the fields of nested columns", () => {
  const rows = [
    ["root", null, 3n],
    ["a", "INTEGER", null],
    ["nested", null, 2n],
    ["timestamp", "TIMESTAMP_NS", null],
    ["inner", null, 1n],
    ["deep", "VARCHAR", null],
    ["b", "VARCHAR", 0n],
  ];
  assert.deepEqual([...topLevelColumns(rows)], [
    ["a", "INTEGER"],
    ["nested", "a nested type"],
    ["b", "VARCHAR"],
  ]);
});
