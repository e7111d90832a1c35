import assert from "node:assert/strict";
import { COMMANDS } from "../../../src/commands/all.ts";
import { renderFlagTable, updateFlagTables } from "../../checks/readme_flags.ts";

const STATS = COMMANDS.find(({ name }) => name === "stats")!;

const EMPTY = "# Title\n\n<!-- flags:record -->\n<!-- flags:end -->\n\nText\n\n" +
  "<!-- flags:stats -->\n<!-- flags:end -->\n\n<!-- flags:check -->\n<!-- flags:end -->\n";

Deno.test("renderFlagTable() gives each flag a row of equal width", () => {
  const lines = renderFlagTable(STATS).trimEnd().split("\n");
  assert.equal(lines.length, 2 + Object.keys(STATS.flags).length);
  assert.equal(new Set(lines.map((line) => line.length)).size, 1);
  assert.match(
    lines[2] ?? "",
    /^\| `-f, --file <path>` \(also `-r, --read`\) +\| `traffic\.parquet` +\| /,
  );
  assert.match(
    lines[3] ?? "",
    /^\| `--format <table\\\|json\\\|ndjson\\\|csv(\\\|\w+)*>` +\| `table` +\| /,
  );
  assert.match(lines[5] ?? "", /\| per report +\| rows shown; 0 = all +\|$/);
});

Deno.test("updateFlagTables() writes tables that it then finds nothing wrong with", () => {
  const first = updateFlagTables(EMPTY, COMMANDS);
  assert.equal(first.findings.length, 3);
  assert.deepEqual(updateFlagTables(first.text, COMMANDS), { text: first.text, findings: [] });
  assert(first.text.startsWith("# Title\n\n<!-- flags:record -->\n\n| flag"));
  assert(first.text.includes("\n\n<!-- flags:end -->\n\nText\n\n<!-- flags:stats -->\n\n| flag"));
});

Deno.test("updateFlagTables() finds a table that differs by one word", () => {
  const { text } = updateFlagTables(EMPTY, COMMANDS);
  const changed = updateFlagTables(text.replace("`30s`", "`10s`"), COMMANDS);
  assert.deepEqual(changed.findings.map(({ text }) => text), [
    'the flags of "record" are out of date: --write',
  ]);
  assert.equal(changed.text, text);
});

Deno.test("updateFlagTables() finds missing markers and leaves the text alone", () => {
  const { text, findings } = updateFlagTables("# Title\n", COMMANDS);
  assert.equal(text, "# Title\n");
  assert.deepEqual(findings.map(({ text }) => text), [
    'no table between "<!-- flags:record -->" and "<!-- flags:end -->"',
    'no table between "<!-- flags:stats -->" and "<!-- flags:end -->"',
    'no table between "<!-- flags:check -->" and "<!-- flags:end -->"',
  ]);
});
