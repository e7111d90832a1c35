import assert from "node:assert/strict";
import { formatByteSize, parseByteSize } from "../../../src/core/byte_size.ts";
import { InvalidValue } from "../../../src/core/invalid_value.ts";

const SIZE_HINT = 'Write a number and a unit (KiB, MiB, GiB), as in "16MiB"';

function refuses(text: string, reason: string, hint: string): void {
  assert.throws(() => parseByteSize(text), (error) => {
    assert(error instanceof InvalidValue);
    assert.deepEqual([error.reason, error.hint], [reason, hint], `"${text}"`);
    return true;
  });
}

Deno.test("parseByteSize() reads IEC suffixes and their first letters in any case", () => {
  const cases: [string, number][] = [
    ["64MiB", 67_108_864],
    ["64mib", 67_108_864],
    ["16M", 16_777_216],
    ["16m", 16_777_216],
    ["1GiB", 1_073_741_824],
    ["2g", 2_147_483_648],
    ["4096KiB", 4_194_304],
    ["4k", 4_096],
    ["0.5GiB", 536_870_912],
    ["4096B", 4_096],
    ["0M", 0],
  ];
  for (const [text, expected] of cases) assert.equal(parseByteSize(text), expected, text);
});

Deno.test("parseByteSize() refuses a bare number, which tools read differently", () => {
  refuses("4096", "it has no unit", 'Write "4096MiB" for MiB or "4096KiB" for KiB');
});

Deno.test("parseByteSize() refuses suffixes that may mean powers of 1000", () => {
  refuses("64MB", '"MB" is ambiguous', 'Write "64MiB"');
  refuses("1.5gb", '"gb" is ambiguous', 'Write "1.5GiB"');
});

Deno.test("parseByteSize() refuses what is not a size", () => {
  refuses("", "it is empty", SIZE_HINT);
  refuses("-1M", "it is negative", SIZE_HINT);
  refuses("lots", "it is not a size", SIZE_HINT);
  refuses("16 MiB", "it is not a size", SIZE_HINT);
  refuses("16TiB", '"TiB" is not a unit', SIZE_HINT);
  refuses("0.3k", "it is not a whole number of bytes", SIZE_HINT);
  refuses("8388608GiB", "it is too large", SIZE_HINT);
});

Deno.test("formatByteSize() writes what parseByteSize() reads", () => {
  const cases: [number, string][] = [
    [0, "0B"],
    [1, "1B"],
    [1_023, "1023B"],
    [1_024, "1KiB"],
    [1_536, "1536B"],
    [67_108_864, "64MiB"],
    [2 ** 31, "2GiB"],
    [2 ** 30 + 2 ** 20, "1025MiB"],
  ];
  for (const [bytes, expected] of cases) {
    assert.equal(formatByteSize(bytes), expected);
    assert.equal(parseByteSize(expected), bytes);
  }
});
