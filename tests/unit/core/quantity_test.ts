import assert from "node:assert/strict";
import {
  formatAmount,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
} from "../../../src/core/quantity.ts";

/** Runs one function over a table of inputs and expected texts. */
function check<T>(format: (value: T) => string, cases: readonly (readonly [T, string])[]): void {
  for (const [value, expected] of cases) assert.equal(format(value), expected, String(value));
}

Deno.test("formatAmount() has one thing in the singular, and only one", () => {
  check((count: number | bigint) => formatAmount(count, "row"), [
    [0, "0 rows"],
    [1, "1 row"],
    [1n, "1 row"],
    [2, "2 rows"],
    [11n, "11 rows"],
    [1234, "1,234 rows"],
  ]);
});

Deno.test("formatCount() groups digits by thousands", () => {
  check(formatCount, [
    [0, "0"],
    [1, "1"],
    [999, "999"],
    [1000, "1,000"],
    [1023, "1,023"],
    [1024, "1,024"],
    [-1234567, "-1,234,567"],
    [2 ** 53, "9,007,199,254,740,992"],
  ]);
});

Deno.test("formatCount() keeps every digit of a bigint above 2^53", () => {
  assert.equal(formatCount(2n ** 53n + 1n), "9,007,199,254,740,993");
  assert.equal(formatCount(2n ** 64n - 1n), "18,446,744,073,709,551,615");
});

Deno.test("formatBytes() changes the unit at powers of 1024", () => {
  check<number | bigint>(formatBytes, [
    [0, "0 B"],
    [1, "1 B"],
    [999, "999 B"],
    [1000, "1,000 B"],
    [1023, "1,023 B"],
    [1024, "1.00 KiB"],
    [10 * 1024, "10.0 KiB"],
    [1023 * 1024, "1,023 KiB"],
    [1024 ** 2 - 1, "1.00 MiB"],
    [5_000_000_000, "4.66 GiB"],
    [2 ** 53, "8.00 PiB"],
    [2n ** 64n - 1n, "16.0 EiB"],
  ]);
});

Deno.test("formatRate() changes the prefix at powers of 1000", () => {
  check((value: number) => formatRate(value, "bit"), [
    [0, "0 bit/s"],
    [1, "1 bit/s"],
    [0.25, "0.25 bit/s"],
    [999, "999 bit/s"],
    [999.7, "1.00 kbit/s"],
    [1000, "1.00 kbit/s"],
    [1023, "1.02 kbit/s"],
    [1024, "1.02 kbit/s"],
    [9_999_999, "10.0 Mbit/s"],
    [2 ** 53, "9.01 Pbit/s"],
  ]);
  assert.equal(formatRate(5_312_000, "packets"), "5.31 Mpackets/s");
  assert.equal(formatRate(0.0099, "packets"), "< 0.01 packets/s");
  assert.equal(formatRate(0.01, "packets"), "0.01 packets/s");
});

Deno.test("formatDuration() picks the unit that suits the value", () => {
  check(formatDuration, [
    [0, "0 s"],
    [1e-9, "1 ns"],
    [999e-9, "999 ns"],
    [1000e-9, "1.00 µs"],
    [0.0015, "1.50 ms"],
    [0.999, "999 ms"],
    [0.99999, "1.00 s"],
    [1, "1.00 s"],
    [30, "30.0 s"],
    [59.94, "59.9 s"],
    [59.96, "1 min 00 s"],
    [303, "5 min 03 s"],
    [3599.6, "1 h 00 min"],
    [7500, "2 h 05 min"],
    [90_000, "1 d 01 h"],
    [2 ** 53, "104,249,991,374 d 07 h"],
    [-1, "-1.00 s"],
  ]);
});

Deno.test("formatShare() never shows a small loss as nothing, nor a large one as all", () => {
  check(formatShare, [
    [0, "0 %"],
    [1e-9, "< 0.01 %"],
    [0.0002468, "0.02 %"],
    [0.1234, "12.3 %"],
    [0.99958, "99.96 %"],
    [0.999999, "> 99.99 %"],
    [1, "100 %"],
  ]);
});
