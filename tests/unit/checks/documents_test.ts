import assert from "node:assert/strict";
import { COMMANDS } from "../../support/commands.ts";
import { COLUMNS } from "../../../src/contract/columns.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import {
  checkLength,
  checkPaths,
  documentTables,
  updateDocuments,
} from "../../checks/documents.ts";

const TABLES = new Map([["one", "| a |\n| - |\n| 1 |\n"], ["two", "| b |\n| - |\n| 2 |\n"]]);

function document(text: string, path = "README.md") {
  return { path, text };
}

const EMPTY = document(
  "# Title\n\n<!-- table:one -->\n<!-- table:end -->\n\nText.\n\n" +
    "<!-- table:two -->\nold\n<!-- table:end -->\n\nEnd.\n",
);

Deno.test("updateDocuments() writes tables that it then finds nothing wrong with", () => {
  const { documents, findings } = updateDocuments([EMPTY], TABLES);
  assert.deepEqual(findings.map(({ text }) => text), [
    'the table "one" is out of date: --write',
    'the table "two" is out of date: --write',
  ]);
  assert.equal(
    documents[0]!.text,
    "# Title\n\n<!-- table:one -->\n\n| a |\n| - |\n| 1 |\n\n<!-- table:end -->\n\nText.\n\n" +
      "<!-- table:two -->\n\n| b |\n| - |\n| 2 |\n\n<!-- table:end -->\n\nEnd.\n",
  );
  assert.deepEqual(updateDocuments(documents, TABLES).findings, []);
});

Deno.test("updateDocuments() finds a table that differs by one word", () => {
  const [current] = updateDocuments([EMPTY], TABLES).documents;
  const changed = document(current!.text.replace("| 2 |", "| 3 |"));
  assert.deepEqual(updateDocuments([changed], TABLES).findings, [
    { path: "README.md", text: 'the table "two" is out of date: --write' },
  ]);
});

Deno.test("updateDocuments() finds a table that no document has, and one that nothing makes", () => {
  const { documents, findings } = updateDocuments(
    [document("<!-- table:three -->\nkept\n<!-- table:end -->\n")],
    TABLES,
  );
  assert.deepEqual(findings.map(({ text }) => text), [
    'the table "three" is not one of the program, or has no end',
    'no table "one"',
    'no table "two"',
  ]);
  assert.match(documents[0]!.text, /kept/);
});

Deno.test("documentTables() has a row of equal width for each flag, report and column", () => {
  const tables = documentTables();
  const lines = (name: string) => tables.get(name)!.trimEnd().split("\n");
  for (const command of COMMANDS) {
    const count = Object.keys(command.flags).length;
    if (count > 0) assert.equal(lines(`flags:${command.name}`).length, count + 2);
  }
  assert.equal(lines("reports").length, REPORTS.length + 2);
  assert.equal(lines("report-columns").length, REPORTS.length + 2);
  assert.equal(lines("columns").length, COLUMNS.length + 2);
  for (const [name, text] of tables) {
    assert.equal(new Set(text.trimEnd().split("\n").map(({ length }) => length)).size, 1, name);
  }
});

Deno.test("documentTables() shows spellings, defaults and choices of flags", () => {
  const stats = documentTables().get("flags:stats")!;
  assert.match(stats, /^\| `-f, --file <path>` \(also `-r, --read`\) +\| `traffic\.parquet` +\| /m);
  assert.match(
    stats,
    /^\| `--format <table\\\|json\\\|ndjson\\\|csv(\\\|\w+)*>` +\| `table` +\| /m,
  );
  assert.match(stats, /^\| `-n, --limit <n>` +\| per report +\| rows shown; 0 = all +\|$/m);
});

Deno.test("checkLength() takes a README of 250 lines and no longer one", () => {
  assert.deepEqual(checkLength(document("x\n".repeat(250))), []);
  assert.equal(checkLength(document("x\n".repeat(251))).length, 1);
  assert.deepEqual(checkLength(document("x\n".repeat(251), ".github/REFERENCE.md")), []);
});

Deno.test("checkPaths() finds names of files that the project does not have", () => {
  const paths = ["src/attach/hook_choice.ts", "tests/unit/cli/help_test.ts", ".ci/run"];
  const good =
    "`src/attach/hook_choice.ts` `hook_choice.ts` `attach/hook_choice.ts` `src/attach/`\n" +
    "`.ci/run` `tests/unit` `src/reports/<name>.ts` `snake_case.ts` `@std/path` `/proc/self/fd`\n";
  assert.deepEqual(checkPaths(document(good), paths), []);
  for (const name of ["src/capture/hook_choice.ts", "choice.ts", "src/attac", "tests/e2e/"]) {
    assert.deepEqual(checkPaths(document(`${good}see \`${name}\`\n`), paths), [
      { path: "README.md", line: 3, text: `there is no "${name}"` },
    ]);
  }
});
