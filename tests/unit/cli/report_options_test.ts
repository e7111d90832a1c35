import assert from "node:assert/strict";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { called, refuses } from "./parsing.ts";

function report(...args: string[]): Record<string, unknown> {
  return called(["report", ...args]).options as Record<string, unknown>;
}

Deno.test("report reads traffic.parquet and writes standard output unless told otherwise", () => {
  assert.deepEqual(report(), {
    files: ["traffic.parquet"],
    selection: EVERYTHING,
    limit: null,
    output: null,
    force: false,
    timeoutMs: null,
  });
});

Deno.test("report takes files with and without -f, and any name for the page", () => {
  const { files, output, limit, force } = report(
    ...["a.parquet", "-f", "b.parquet", "-o", "page.txt", "-n", "1000", "--force"],
  );
  assert.deepEqual(files, ["b.parquet", "a.parquet"]);
  assert.deepEqual([output, limit, force], ["page.txt", 1000, true]);
  assert.equal(report("-o", "-").output, null);
});

Deno.test("report selects as stats does", () => {
  const { selection } = report("-i", "eth0", "-Q", "in", "--where", "dscp = 46");
  assert.deepEqual(selection, {
    ...EVERYTHING,
    interfaces: ["eth0"],
    direction: "in",
    where: "dscp = 46",
  });
});

Deno.test("report refuses more rows than a page can hold", () => {
  const hint = 'Write 1 to 1000; "stats -n 0 -o file.html" writes all rows of one report';
  refuses(
    ["report", "-n", "1001"],
    'Cannot use "1001" for --limit: a page of so many rows is slow',
    hint,
  );
  refuses(
    ["report", "-n", "0"],
    'Cannot use "0" for --limit: it is less than 1',
    "Write 1 to 1000",
  );
});

Deno.test("report refuses to write a page to a terminal", () => {
  refuses(
    ["report"],
    "Cannot write html to a terminal",
    'Name a file with --output, or redirect standard output, as in "> report.bin"',
    { stdoutIsTerminal: true },
  );
});
