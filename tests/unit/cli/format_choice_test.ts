import assert from "node:assert/strict";
import { chooseFormat, type WrittenFormat } from "../../../src/cli/format_choice.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { FORMATS } from "../../../src/render/formats.ts";

const NOTHING: WrittenFormat = { format: null, json: false, output: null };

function choose(written: Partial<WrittenFormat>, isTerminal = false) {
  return chooseFormat({ ...NOTHING, ...written }, FORMATS, isTerminal);
}

function refuses(written: Partial<WrittenFormat>, message: string | RegExp, isTerminal = false) {
  assert.throws(() => choose(written, isTerminal), (error) => {
    assert.ok(error instanceof UsageError);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    assert.ok(error.hint);
    return true;
  });
}

Deno.test("chooseFormat() takes the format from the ending of the output", () => {
  const cases = {
    "a.parquet": "parquet",
    "a.arrow": "arrow",
    "a.arrows": "arrow",
    "a.csv": "csv",
    "a.json": "json",
    "a.ndjson": "ndjson",
    "a.JSONL": "ndjson",
    "a.md": "markdown",
    "dir.csv/a.txt": "table",
  };
  for (const [output, format] of Object.entries(cases)) {
    assert.deepEqual(choose({ output }), { format, output });
  }
});

Deno.test("chooseFormat() prints a table on standard output, whether that is named or not", () => {
  assert.deepEqual(choose({}), { format: "table", output: null });
  assert.deepEqual(choose({ output: "-" }), { format: "table", output: null });
  assert.deepEqual(choose({ output: "-", format: "parquet" }), { format: "parquet", output: null });
});

Deno.test("chooseFormat() takes the flag for a name that says nothing", () => {
  assert.deepEqual(choose({ output: "a", format: "csv" }), { format: "csv", output: "a" });
  assert.deepEqual(choose({ output: "a.gz", json: true }), { format: "json", output: "a.gz" });
  assert.deepEqual(choose({ output: "a.csv", format: "csv" }), { format: "csv", output: "a.csv" });
});

Deno.test("chooseFormat() refuses flag and ending that contradict each other", () => {
  refuses(
    { output: "a.csv", format: "json" },
    'Cannot use --format json for "a.csv", which ends as csv does',
  );
  refuses({ output: "a.csv", json: true }, 'Cannot use --json for "a.csv", which ends as csv does');
  refuses({ format: "csv", json: true }, "Cannot use --json together with --format csv");
});

Deno.test("chooseFormat() refuses a name that says nothing", () => {
  for (const output of ["a", "a.pcap", ".gitignore", "csv"]) {
    refuses({ output }, `Cannot tell the format of "${output}" from its name`);
  }
});

Deno.test("chooseFormat() keeps bytes from a terminal", () => {
  for (const format of ["parquet", "arrow"]) {
    refuses({ format }, `Cannot write ${format} to a terminal`, true);
    refuses({ format, output: "-" }, `Cannot write ${format} to a terminal`, true);
    assert.equal(choose({ format, output: "a" }, true).format, format);
    assert.equal(choose({ format }, false).format, format);
  }
  assert.equal(choose({ format: "csv" }, true).format, "csv");
});
