import assert from "node:assert/strict";
import { schemaJson, schemaText, schemaViews } from "../../../src/commands/schema/schema_text.ts";
import { SqlSession } from "../../../src/commands/sql/sql_session.ts";
import { FUNCTIONS } from "../../../src/query/macro_list.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { fixturePath } from "../../support/make_fixture.ts";

Deno.test("schemaViews() has the columns and types that the views have", async () => {
  const request = { files: [fixturePath("complete")], selection: EVERYTHING, tables: [] };
  const { signal } = new AbortController();
  using session = await SqlSession.open({ ...request, isUnrestricted: false }, signal);
  for (const { name, columns } of schemaViews()) {
    const found = await session.recordings.session.columns(`SELECT * FROM ${name}`);
    assert.deepEqual(
      columns.map(({ name, type }) => `${name} ${type}`),
      found.map(({ name, type }) => `${name} ${type}`),
      name,
    );
  }
  for (const { usage } of FUNCTIONS) {
    const call = usage.replace(/\bip\b/, "source_ip");
    await session.recordings.session.rows(`SELECT ${call} FROM packets LIMIT 1`);
  }
});

Deno.test("schemaText() and schemaJson() name every view, column and function", () => {
  const text = schemaText({ width: null, colour: false });
  const json = JSON.parse(schemaJson());
  for (const { name, columns } of schemaViews()) {
    assert.match(text, new RegExp(`^${name}: `, "m"));
    for (const column of columns) {
      assert.match(text, new RegExp(`^  ${column.name} +${column.type}`, "m"));
    }
  }
  assert.deepEqual(
    json.views.map(({ name }: { name: string }) => name),
    schemaViews().map(({ name }) => name),
  );
  assert.equal(json.functions.length, FUNCTIONS.length);
  for (const call of ["sum_packets(sample_rate)", "sum_bytes(packet_length, sample_rate)"]) {
    assert.ok(text.includes(`\n  ${call} `), call);
  }
});
