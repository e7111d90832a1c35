import assert from "node:assert/strict";
import fc from "fast-check";
import { InvalidValue } from "../../../src/core/invalid_value.ts";
import { isoFromNanoseconds } from "../../../src/core/timestamps.ts";
import { parseWrittenTime } from "../../../src/core/written_time.ts";

const SECOND = 1_000_000_000n;
const HOUR = 3600n * SECOND;
/** 2026-11-23T00:00:00Z. */
const DAY = 1_795_392_000n * SECOND;

Deno.test("parseWrittenTime() reads points in time, in UTC unless a zone is given", () => {
  const cases: [string, bigint][] = [
    ["2026-11-23", DAY],
    ["2026-11-23T14:00", DAY + 14n * HOUR],
    ["2026-11-23 14:00", DAY + 14n * HOUR],
    ["2026-11-23t14:00:00z", DAY + 14n * HOUR],
    ["2026-11-23T14:00:00.5Z", DAY + 14n * HOUR + SECOND / 2n],
    ["2026-11-23T14:00:00.123456789", DAY + 14n * HOUR + 123_456_789n],
    ["2026-11-23T14:00:00+01:00", DAY + 13n * HOUR],
    ["2026-11-23T14:00:00+0130", DAY + 12n * HOUR + HOUR / 2n],
    ["2026-11-23T14:00-05", DAY + 19n * HOUR],
    ["2026-11-23+01:00", DAY - HOUR],
    ["1969-12-31T23:59:59.999999999Z", -1n],
    ["2024-02-29", 1_709_164_800n * SECOND],
  ];
  for (const [text, ns] of cases) {
    assert.deepEqual(parseWrittenTime(text), { text, kind: "instant", ns });
  }
});

Deno.test("parseWrittenTime() reads back what is printed, to the nanosecond", () => {
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n), (ns) => {
    const text = isoFromNanoseconds(ns);
    assert.deepEqual(parseWrittenTime(text), { text, kind: "instant", ns });
  }));
});

Deno.test("parseWrittenTime() reads times of day with their zone", () => {
  const cases: [string, bigint, bigint][] = [
    ["00:00", 0n, 0n],
    ["14:00:30", 14n * HOUR + 30n * SECOND, 0n],
    ["23:59:59.999", 24n * HOUR - SECOND / 1000n, 0n],
    ["14:00Z", 14n * HOUR, 0n],
    ["14:00+02:00", 14n * HOUR, 2n * HOUR],
    ["14:00:00-0330", 14n * HOUR, -7n * HOUR / 2n],
  ];
  for (const [text, ns, zoneNs] of cases) {
    assert.deepEqual(parseWrittenTime(text), { text, kind: "clock", ns, zoneNs });
  }
});

Deno.test("parseWrittenTime() reads distances from the end and from the start", () => {
  assert.deepEqual(parseWrittenTime("-5m"), { text: "-5m", kind: "before end", ns: 300n * SECOND });
  assert.deepEqual(parseWrittenTime("-0.5"), { text: "-0.5", kind: "before end", ns: SECOND / 2n });
  assert.deepEqual(parseWrittenTime("+1h30m"), {
    text: "+1h30m",
    kind: "after start",
    ns: 3n * HOUR / 2n,
  });
});

Deno.test("parseWrittenTime() refuses everything else", () => {
  const cases: [string, RegExp][] = [
    ["", /it is empty/],
    ["noon", /it is not a time/],
    ["14", /it is not a time/],
    ["5m", /it is not a time/],
    ["1:00", /it is not a time/],
    ["14:00:00.", /it is not a time/],
    ["14:00:00.1234567890", /it is not a time/],
    ["2026-11-23T14:00 ", /it is not a time/],
    ["2026-11-23T", /it is not a time/],
    ["24:00", /no such time of day/],
    ["12:60", /no such time of day/],
    ["2026-11-23T12:00:60", /no such time of day/],
    ["2026-02-30", /no such date/],
    ["2026-13-01", /no such date/],
    ["12:00+24:00", /no such zone/],
    ["1600-01-01", /outside of 1677 to 2262/],
    ["9999-12-31", /outside of 1677 to 2262/],
    ["-", /"" is no length of time: it is empty/],
    ["--5m", /"-5m" is no length of time: it is negative/],
    ["+5x", /"5x" is no length of time: "x" is not a unit/],
  ];
  for (const [text, reason] of cases) {
    assert.throws(() => parseWrittenTime(text), (error) => {
      return error instanceof InvalidValue && reason.test(error.reason);
    }, text);
  }
});
