import assert from "node:assert/strict";
import type { LiveOptions } from "../../../src/commands/live/run_live.ts";
import { called, refuses } from "./parsing.ts";

function live(args: readonly string[], stdoutIsTerminal = true): LiveOptions {
  return called(["live", ...args], { stdoutIsTerminal }).options as LiveOptions;
}

Deno.test("live shows a screen on a terminal, and prints objects elsewhere and when asked to", () => {
  assert.equal(live([]).isScreen, true);
  assert.equal(live(["--json"]).isScreen, false);
  assert.equal(live([], false).isScreen, false);
  assert.equal(live(["--json"], false).isScreen, false);
  // The objects are the view's, not the report at the end.
  assert.equal(live(["--json"]).record.json, false);
});

Deno.test("live writes a file only where one is named, and standard output is the view's", () => {
  const { file, record, limit, everyMs } = live([]);
  assert.deepEqual([file, record.output, limit, everyMs], [null, "-", 10, 1000]);
  const { file: named, record: { output, durationMs, onError, waits } } = live(["-o", "a.parquet"]);
  assert.deepEqual([named, output], ["a.parquet", "a.parquet"]);
  assert.deepEqual([durationMs, onError, waits], [0, "stop", false]);
  assert.equal(live(["-n", "0"]).limit, 0);
  refuses(
    ["live", "-o", "-"],
    'Cannot use "-" for --output: standard output shows the view',
    'Name a file, or use "record -o -" for a stream',
  );
});

Deno.test("live takes intervals of whole seconds, up to an hour", () => {
  assert.deepEqual(["1s", "90", "1m", "1h"].map((every) => live(["--every", every]).everyMs), [
    1000,
    90_000,
    60_000,
    3_600_000,
  ]);
  const hint = 'Write whole seconds, from "1s" to "1h"';
  for (
    const [every, reason] of [
      ["0", "it is not a number of whole seconds"],
      ["500ms", "it is not a number of whole seconds"],
      ["1500ms", "it is not a number of whole seconds"],
      ["3601s", "it is longer than 1h"],
    ] as const
  ) refuses(["live", "--every", every], `Cannot use "${every}" for --every: ${reason}`, hint);
});
