import assert from "node:assert/strict";
import { InvalidValue } from "../../../src/core/invalid_value.ts";
import { parseRingSize } from "../../../src/core/ring_size.ts";

function refuses(text: string, reason: string, hint: string, pageBytes = 4096): void {
  assert.throws(() => parseRingSize(text, pageBytes), (error) => {
    assert(error instanceof InvalidValue);
    assert.deepEqual([error.reason, error.hint], [reason, hint], `"${text}"`);
    return true;
  });
}

Deno.test("parseRingSize() takes every power of two from one page to 2GiB", () => {
  for (let exponent = 12; exponent <= 31; exponent++) {
    assert.equal(parseRingSize(`${2 ** exponent}B`), 2 ** exponent);
  }
});

Deno.test("parseRingSize() names the usable sizes on both sides of any other", () => {
  refuses("48MiB", "it is not a power of two", 'Use "32MiB" or "64MiB"');
  refuses("5K", "it is not a power of two", 'Use "4KiB" or "8KiB"');
  refuses("2147483647B", "it is not a power of two", 'Use "1GiB" or "2GiB"');
});

Deno.test("parseRingSize() refuses less than a page and more than 2GiB", () => {
  refuses("2K", "it is smaller than a memory page (4KiB)", 'Use "4KiB" or more');
  refuses("0M", "it is smaller than a memory page (4KiB)", 'Use "4KiB" or more');
  refuses("4GiB", "it is larger than 2GiB", 'Use "2GiB" or less');
});

Deno.test("parseRingSize() goes by the machine's page size", () => {
  refuses("32K", "it is smaller than a memory page (64KiB)", 'Use "64KiB" or more', 65_536);
  assert.equal(parseRingSize("64K", 65_536), 65_536);
});
