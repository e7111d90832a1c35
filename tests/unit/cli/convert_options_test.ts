import assert from "node:assert/strict";
import type { ConvertOptions } from "../../../src/cli/convert_options.ts";
import { EVERYTHING } from "../../../src/query/selection.ts";
import { called, refuses } from "./parsing.ts";

function convert(...args: string[]): ConvertOptions {
  return called(["convert", ...args]).options as ConvertOptions;
}

const DEFAULTS: ConvertOptions = {
  files: ["traffic.parquet"],
  selection: EVERYTHING,
  format: "parquet",
  output: "x.parquet",
  force: false,
  quiet: false,
};

Deno.test("convert takes the format from the ending of its output", () => {
  const endings = {
    "x.parquet": "parquet",
    "X.PARQUET": "parquet",
    "x.arrow": "arrow",
    "x.arrows": "arrow",
    "x.csv": "csv",
    "x.ndjson": "ndjson",
    "x.jsonl": "ndjson",
  };
  for (const [output, format] of Object.entries(endings)) {
    assert.deepEqual(convert("-o", output), { ...DEFAULTS, output, format });
  }
  assert.deepEqual(convert("-w", "x", "--format", "csv"), {
    ...DEFAULTS,
    output: "x",
    format: "csv",
  });
});

Deno.test("convert writes Arrow to standard output, or what is asked for", () => {
  assert.deepEqual(convert("-o", "-"), { ...DEFAULTS, output: null, format: "arrow" });
  assert.deepEqual(convert("-o", "-", "--format", "ndjson"), {
    ...DEFAULTS,
    output: null,
    format: "ndjson",
  });
});

Deno.test("convert takes words, flags and standard input as files, in their order", () => {
  const files = ["c", "a.parquet", "-", "b*.arrow"];
  assert.deepEqual(convert("a.parquet", "-", "b*.arrow", "-f", "c", "-o", "x.parquet"), {
    ...DEFAULTS,
    files,
  });
});

Deno.test("convert --force, --quiet and each flag of the selection change one setting", () => {
  assert.deepEqual(convert("-o", "x.parquet", "--force"), { ...DEFAULTS, force: true });
  assert.deepEqual(convert("-o", "x.parquet", "-q"), { ...DEFAULTS, quiet: true });
  const selection = { ...EVERYTHING, where: "ttl < 5", interfaces: ["eth0"], direction: "in" };
  const written = ["--where", "ttl < 5", "-i", "eth0", "-Q", "in"];
  assert.deepEqual(convert("-o", "x.parquet", ...written), { ...DEFAULTS, selection });
});

Deno.test("convert refuses an output that is missing, unknown or impossible", () => {
  refuses(
    ["convert", "a.parquet"],
    "Cannot convert without an output",
    'Name a file, as in "-o part.parquet", or "-o -" for standard output',
  );
  refuses(
    ["convert", "-o", "x.pcap"],
    'Cannot tell the format of "x.pcap" from its name',
    'Name it with --format, or let the name end with ".arrow", ".arrows", ".csv", ".ndjson", ' +
      '".jsonl" or ".parquet"',
  );
  refuses(
    ["convert", "-o", "x.csv", "--format", "arrow"],
    'Cannot use --format arrow for "x.csv", which ends as csv does',
    "Choose another name, or leave the flag out",
  );
  refuses(
    ["convert", "-o", "-", "--format", "parquet"],
    "Cannot write parquet to standard output: its end must be known first",
    'Name a file with --output, or leave --format out for Arrow on "-"',
  );
  refuses(
    ["convert", "-o", "-"],
    "Cannot write arrow to a terminal",
    'Name a file with --output, or redirect standard output, as in "> report.bin"',
    { stdoutIsTerminal: true },
  );
});
