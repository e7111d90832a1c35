import assert from "node:assert/strict";
import { MAX_DURATION_MS, parseDuration, parseLength } from "../../../src/core/duration.ts";
import { InvalidValue } from "../../../src/core/invalid_value.ts";

const UNITS_HINT = 'Write a number and a unit (ms, s, m, h, d), as in "500ms", "30s" or "1h30m"';

function refuses(text: string, reason: string, hint: string): void {
  assert.throws(() => parseDuration(text), (error) => {
    assert(error instanceof InvalidValue);
    assert.deepEqual([error.reason, error.hint], [reason, hint], `"${text}"`);
    return true;
  });
}

Deno.test("parseDuration() reads each unit, fractions and sums", () => {
  const cases: [string, number][] = [
    ["500ms", 500],
    ["0.5s", 500],
    [".5s", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1h30m15s250ms", 5_415_250],
    ["90m", 5_400_000],
    ["1.0004s", 1_000],
    ["1.0006s", 1_001],
    ["1ms", 1],
    ["1d", 86_400_000],
    ["1d12h", 129_600_000],
  ];
  for (const [text, expected] of cases) assert.equal(parseDuration(text), expected, text);
});

Deno.test("parseDuration() reads zero with and without a unit", () => {
  for (const text of ["0", "0s", "0h0m", "0.0ms"]) assert.equal(parseDuration(text), 0, text);
});

Deno.test("parseDuration() takes a bare number for seconds", () => {
  assert.equal(parseDuration("60"), 60_000);
  assert.equal(parseDuration("0.5"), 500);
  assert.equal(parseDuration(".5"), 500);
});

Deno.test("parseDuration() names the unit that a last number probably has", () => {
  refuses("1m30", '"30" has no unit', 'Write "1m30s"');
  refuses("1h30", '"30" has no unit', 'Write "1h30m"');
  refuses("1d2h5", '"5" has no unit', 'Write "1d2h5m"');
  refuses("1s500", '"500" has no unit', 'Write "1s500ms"');
  refuses("1ms5", "it is not a duration", UNITS_HINT);
});

Deno.test("parseDuration() refuses what is not a duration", () => {
  refuses("", "it is empty", UNITS_HINT);
  refuses("-5s", "it is negative", UNITS_HINT);
  refuses("5w", '"w" is not a unit', UNITS_HINT);
  refuses("30S", '"S" is not a unit', UNITS_HINT);
  for (
    const text of ["soon", "s", " 30s", "30 s", "30s ", "1,5s", "5.s", "1h 5m", "1e3s!", "+5s"]
  ) {
    assert.throws(() => parseDuration(text), InvalidValue, `"${text}"`);
  }
});

Deno.test("parseDuration() refuses units that repeat or grow, which are typing mistakes", () => {
  const hint = 'Write the largest unit first, as in "1h30m"';
  refuses("30m1h", "its units are not in order", hint);
  refuses("1m30m", "its units are not in order", hint);
});

Deno.test("parseDuration() never rounds a duration to 0, which means no limit", () => {
  const hint = 'Write "1ms" or more, or "0" for no limit';
  refuses("0.4ms", "it is shorter than 1ms", hint);
  refuses("0.0009s", "it is shorter than 1ms", hint);
});

Deno.test("parseDuration() refuses what a timer of 31 bits cannot hold", () => {
  assert.equal(parseDuration("576h"), MAX_DURATION_MS);
  assert.equal(parseDuration("24d"), MAX_DURATION_MS);
  assert(MAX_DURATION_MS < 2 ** 31);
  const reason = "it is longer than 576h (24 days)";
  refuses("577h", reason, 'Write "0" for no limit');
  refuses(`${"9".repeat(400)}h`, reason, 'Write "0" for no limit');
});

Deno.test("parseLength() reads what no timer is set to, and knows no 0 for no limit", () => {
  assert.equal(parseLength("25d"), 25 * 86_400_000);
  assert.equal(parseLength("36525d"), 36_525 * 86_400_000);
  assert.equal(parseLength("1h30m"), 5_400_000);
  assert.equal(parseLength("0"), 0);
  const refused = (text: string, reason: string, hint: string) =>
    assert.throws(() => parseLength(text), (error) => {
      assert(error instanceof InvalidValue);
      assert.deepEqual([error.reason, error.hint], [reason, hint]);
      return true;
    });
  refused("36526d", "it is longer than 100 years", 'Write "36525d" or less');
  refused(`${"9".repeat(400)}h`, "it is longer than 100 years", 'Write "36525d" or less');
  refused("0.4ms", "it is shorter than 1ms", 'Write "1ms" or more');
  refused("", "it is empty", UNITS_HINT);
});
