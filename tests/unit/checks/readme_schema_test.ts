import assert from "node:assert/strict";
import { COLUMNS } from "../../../src/contract/columns.ts";
import { renderSchemaTable, updateSchemaTable } from "../../checks/readme_schema.ts";

const EMPTY = "# Title\n\n<!-- schema -->\n<!-- schema:end -->\n\nText\n";

Deno.test("renderSchemaTable() gives each column a row of equal width", () => {
  const lines = renderSchemaTable(COLUMNS).trimEnd().split("\n");
  assert.equal(lines.length, 2 + COLUMNS.length);
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
  assert.match(lines[2] ?? "", /^\| `timestamp` +\| `TIMESTAMP_NS` +\| never +\| wall-clock/);
  assert.match(lines[8] ?? "", /^\| `vlan_id` +\| `USMALLINT` +\| can be +\| VLAN/);
});

Deno.test("updateSchemaTable() writes a table that it then finds nothing wrong with", () => {
  const first = updateSchemaTable(EMPTY);
  assert.equal(first.findings.length, 1);
  assert.deepEqual(updateSchemaTable(first.text), { text: first.text, findings: [] });
  assert(first.text.endsWith("\n\n<!-- schema:end -->\n\nText\n"));
});

Deno.test("updateSchemaTable() finds a column that the table does not have", () => {
  const { text } = updateSchemaTable(EMPTY, COLUMNS.slice(1));
  assert.deepEqual(updateSchemaTable(text).findings.map(({ text }) => text), [
    "the table of columns is out of date: --write",
  ]);
});

Deno.test("updateSchemaTable() finds missing markers and leaves the text alone", () => {
  const { text, findings } = updateSchemaTable("# Title\n");
  assert.equal(text, "# Title\n");
  assert.deepEqual(findings.map(({ text }) => text), [
    'no table between "<!-- schema -->" and "<!-- schema:end -->"',
  ]);
});
