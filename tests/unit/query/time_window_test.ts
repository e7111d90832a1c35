import assert from "node:assert/strict";
import { parseWrittenTime } from "../../../src/core/written_time.ts";
import { timeWindow } from "../../../src/query/time_window.ts";
import { isoFromNanoseconds } from "../../../src/core/timestamps.ts";

/** A recording between two times of November 2026, `23T13:00`. */
function range(first: string, last: string) {
  const ns = (text: string) => BigInt(Date.parse(`2026-11-${text}:00Z`)) * 1_000_000n;
  return { first: ns(first), last: ns(last) };
}

/** The window as text without what is the same in all. */
function windowOf(from: string, to: string, recorded: ReturnType<typeof range> | null) {
  const read = (text: string) => text === "" ? null : parseWrittenTime(text);
  const window = timeWindow({ from: read(from), to: read(to) }, recorded);
  const shown = (ns: bigint | null) => ns === null ? "" : isoFromNanoseconds(ns).slice(8, 19);
  return `${shown(window.from)} ${shown(window.to)}`;
}

const DAY = range("23T13:30", "23T15:00");
const NIGHT = range("23T23:50", "24T00:20");

Deno.test("timeWindow() puts a time of day on the day of the recording", () => {
  assert.equal(windowOf("14:00", "14:30", DAY), "23T14:00:00 23T14:30:00");
  assert.equal(windowOf("", "", DAY), " ");
  // Before the beginning and behind the end, but of the same day.
  assert.equal(windowOf("13:00", "16:00", DAY), "23T13:00:00 23T16:00:00");
  // The day is that of the zone: there it is the 24th when the recording begins.
  assert.equal(windowOf("00:55+01:00", "01:10+01:00", NIGHT), "23T23:55:00 24T00:10:00");
  assert.equal(windowOf("18:55-05:00", "", NIGHT), "23T23:55:00 ");
});

Deno.test("timeWindow() goes on with the next day in a recording over midnight", () => {
  assert.equal(windowOf("23:55", "00:10", NIGHT), "23T23:55:00 24T00:10:00");
  assert.equal(windowOf("00:05", "00:10", NIGHT), "24T00:05:00 24T00:10:00");
  // The night around all of it: a start that nothing was recorded behind is before the recording.
  assert.equal(windowOf("23:30", "00:30", NIGHT), "23T23:30:00 24T00:30:00");
  assert.throws(() => windowOf("00:05", "23:55", NIGHT), {
    name: "UsageError",
    message: 'Cannot select from "00:05" (2026-11-24T00:05:00.000000000Z) to "23:55" ' +
      "(2026-11-23T23:55:00.000000000Z): the end is earlier",
  });
});

Deno.test("timeWindow() counts from the end, from the start, and from --from", () => {
  assert.equal(windowOf("-5m", "", DAY), "23T14:55:00 ");
  assert.equal(windowOf("-10m", "-5m", DAY), "23T14:50:00 23T14:55:00");
  assert.equal(windowOf("+10s", "", DAY), "23T13:30:10 ");
  assert.equal(windowOf("", "+10s", DAY), " 23T13:30:10");
  assert.equal(windowOf("14:00", "+10s", DAY), "23T14:00:00 23T14:00:10");
  assert.equal(windowOf("-5m", "+10s", DAY), "23T14:55:00 23T14:55:10");
  assert.equal(windowOf("14:00", "14:00", DAY), "23T14:00:00 23T14:00:00");
});

Deno.test("timeWindow() refuses an end before the start, naming both", () => {
  for (const [from, to] of [["14:00", "13:59"], ["-5m", "-10m"], ["2026-11-23T15:00", "14:00"]]) {
    assert.throws(() => windowOf(from!, to!, DAY), (error: Error) => {
      return error.name === "UsageError" && error.message.includes(`"${from}"`) &&
        error.message.includes(`"${to}"`);
    });
  }
});

Deno.test("timeWindow() needs no recording for points in time, and says where it does", () => {
  assert.equal(windowOf("2026-11-23T15:00", "+1m", null), "23T15:00:00 23T15:01:00");
  for (const text of ["14:00", "-5m", "+5m"]) {
    assert.throws(() => windowOf(text, "", null), {
      name: "RunError",
      message: `Cannot find the time "${text}": the files do not say when they were recorded`,
    });
  }
});

Deno.test("timeWindow() stays within what nanoseconds can tell", () => {
  const max = 2n ** 63n - 1n;
  const from = parseWrittenTime("+24d");
  assert.equal(timeWindow({ from, to: null }, { first: max, last: max * 5n }).from, max);
});
