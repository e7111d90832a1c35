import assert from "node:assert/strict";
import { parseArguments } from "../../../src/cli/argument_parser.ts";

const KNOWN = new Map([["--where", true], ["--json", false], ["-f", true]]);

/** Words as they are, flags with their values. */
function parsed(...args: string[]): unknown[] {
  return parseArguments(args, KNOWN).map((part) =>
    part.kind === "word" ? part.text : [part.spelling, part.value]
  );
}

Deno.test("parseArguments() takes SQL that begins with a comment for a word", () => {
  for (const sql of ["-- a\nSELECT 1", "--a\nSELECT 1", "--a=b\nSELECT 1", "--\tx", "-- "]) {
    assert.deepEqual(parsed("--json", sql, "x"), [["--json", undefined], sql, "x"]);
    assert.deepEqual(parsed("--", sql), [sql]);
    // As the value of a flag it is one.
    assert.deepEqual(parsed("--where", sql, "-f", sql), [["--where", sql], ["-f", sql]]);
    assert.deepEqual(parsed(`--where=${sql}`), [["--where", sql]]);
  }
});

Deno.test("parseArguments() takes other arguments with two hyphens for flags", () => {
  assert.deepEqual(parsed("--jsno", "--where=a\nb", "--limit 5"), [
    ["--jsno", undefined],
    ["--where", "a\nb"],
    ["--limit 5", undefined],
  ]);
});
