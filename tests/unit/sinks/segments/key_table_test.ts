import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { KeyTable, MAX_KEYS } from "../../../../src/sinks/segments/key_table.ts";

const word = fc.oneof(fc.nat(3), fc.nat(0xffff_ffff));
const key = fc.tuple(fc.nat(1), word, word, word, word);

/** Code of a key with these words. */
function codeOf(table: KeyTable, tag: number, ...words: readonly number[]): number {
  return table.code(tag, Uint32Array.of(9, ...words), 1, words.length);
}

Deno.test("KeyTable.code() numbers keys in the order of their first appearance", () => {
  fc.assert(fc.property(fc.array(key, { maxLength: 300 }), (keys) => {
    const table = new KeyTable();
    const expected = new Map<string, number>();
    for (const parts of keys) {
      const text = parts.join();
      if (!expected.has(text)) expected.set(text, expected.size);
      assert.equal(codeOf(table, ...parts), expected.get(text));
    }
    assert.equal(table.size, expected.size);
    const stored = Array.from(
      table.tags,
      (tag, code) => [tag, ...table.words.subarray(4 * code, 4 * code + 4)].join(),
    );
    assert.deepEqual(stored, [...expected.keys()]);
  }));
});

Deno.test("KeyTable.code() numbers keys of one, two and four words beside each other", () => {
  const counts = [1, 2, 4]; // by tag
  const mixed = fc.tuple(fc.nat(2), word, word, word, word);
  fc.assert(fc.property(fc.array(mixed, { maxLength: 300 }), (keys) => {
    const table = new KeyTable();
    const expected = new Map<string, number>();
    for (const [tag, ...words] of keys) {
      const parts = words.slice(0, counts[tag]!);
      const text = [tag, ...parts].join();
      if (!expected.has(text)) expected.set(text, expected.size);
      assert.equal(codeOf(table, tag, ...parts), expected.get(text));
    }
    const stored = Array.from(table.tags, (tag, code) => {
      const words = table.words.subarray(4 * code, 4 * code + 4);
      assert.ok(words.subarray(counts[tag]!).every((rest) => rest === 0));
      return [tag, ...words.subarray(0, counts[tag]!)].join();
    });
    assert.deepEqual(stored, [...expected.keys()]);
  }));
});

Deno.test("KeyTable.code() keeps codes of short keys while the table grows to its limit", () => {
  const table = new KeyTable();
  for (let round = 0; round < 2; round++) {
    for (let index = 0; index < MAX_KEYS; index++) {
      assert.equal(codeOf(table, index & 1, Math.imul(index >> 1, 0x9e3779b1)), index);
    }
  }
  assert.throws(() => codeOf(table, 2, 0), /full/);
});

Deno.test("KeyTable.clear() forgets what was there before, also in memory that is used again", () => {
  const table = new KeyTable();
  codeOf(table, 0, 1, 2, 3, 4);
  table.clear();
  codeOf(table, 0, 1);
  assert.deepEqual([...table.words], [1, 0, 0, 0]);
});

Deno.test("KeyTable.code() tells keys apart by their tag alone", () => {
  const table = new KeyTable();
  assert.equal(codeOf(table, 0, 1, 2, 3, 4), 0);
  assert.equal(codeOf(table, 1, 1, 2, 3, 4), 1);
  assert.equal(codeOf(table, 0, 1, 2, 3, 4), 0);
});

Deno.test("KeyTable.code() keeps codes while the table grows to its limit", () => {
  const table = new KeyTable();
  for (let index = 0; index < MAX_KEYS; index++) {
    assert.equal(codeOf(table, 0, index, 0, 0, 0), index);
  }
  for (let index = 0; index < MAX_KEYS; index++) {
    assert.equal(codeOf(table, 0, index, 0, 0, 0), index);
  }
  assert.throws(() => codeOf(table, 0, MAX_KEYS, 0, 0, 0), /full/);
});

Deno.test("KeyTable.clear() forgets every key", () => {
  const table = new KeyTable();
  codeOf(table, 0, 1, 2, 3, 4);
  codeOf(table, 0, 5, 6, 7, 8);
  table.clear();
  assert.equal(table.size, 0);
  assert.equal(codeOf(table, 0, 5, 6, 7, 8), 0);
});

Deno.test("KeyTable.code() tells keys apart whose hashes are equal", () => {
  // In a full table of random keys two have the same 32 bits of hash with a probability of 39 %
  // (1 - exp(-n^2 / 2^33) for n keys): in 48 tables there are some but for one time in 10^10.
  const words = new Uint32Array(4);
  for (const count of [2, 3, 4]) {
    const table = new KeyTable();
    for (let round = 0; round < 16; round++) {
      table.clear();
      for (let index = 0; index < MAX_KEYS; index++) {
        for (let at = 1; at < count; at++) words[at] = Math.random() * 2 ** 32;
        words[0] = index; // no key comes twice
        const code = table.code(0, words, 0, count);
        if (code !== index) assert.fail(`key ${index} has code ${code}`);
      }
    }
  }
});

/**
 * Milliseconds of a CPU, not of a clock: other programs on the machine do not count. A table that falls
 * back to trying slot after slot needs at least twice as many for the keys below, a sound one a tenth.
 */
const LIMIT_CPU_MS = 3000;

const HOSTILE: Readonly<Record<string, (index: number) => [number, number, number, number]>> = {
  "counting up": (index) => [index, 0, 0, 0],
  "the high half only": (index) => [(index << 16) >>> 0, 0, 0, 0],
  "the last word only": (index) => [0x20010db8, 0, 0, index],
  "words that cancel out": (index) => [index, index, index, index],
  "words that add up to a constant": (index) => [index, ~index >>> 0, 1, 1],
  // Collides in MurmurHash3 for every seed: top bits that its multiplications and rotations keep.
  "top bits": (index) => [
    ((index & 1) << 31 | index >> 8) >>> 0,
    ((index & 2) << 30 | (index & 0xf0) << 24) >>> 0,
    ((index & 4) << 29) >>> 0,
    ((index & 8) << 28) >>> 0,
  ],
};

for (const [name, keyOf] of Object.entries(HOSTILE)) {
  Deno.test(`KeyTable.code() stays fast for keys that differ by ${name}`, () => {
    const table = new KeyTable();
    const before = process.cpuUsage();
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 60_000; index++) codeOf(table, 1, ...keyOf(index));
    }
    assert.ok(table.size >= 1000, String(table.size));
    const spent = process.cpuUsage(before).user / 1000;
    assert.ok(spent < LIMIT_CPU_MS, `${spent} ms`);
  });
}

for (const shift of [0, 8, 16]) {
  Deno.test(`KeyTable.code() stays fast for short keys that differ above bit ${shift}`, () => {
    const table = new KeyTable();
    const before = process.cpuUsage();
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 60_000; index++) codeOf(table, 0, index << shift);
    }
    const spent = process.cpuUsage(before).user / 1000;
    assert.ok(spent < LIMIT_CPU_MS, `${spent} ms`);
  });
}
