import assert from "node:assert/strict";
import {
  createFilterCell,
  filterVersion,
  MAX_FILTER_BYTES,
  readFilter,
  writeFilter,
} from "../../../src/sinks/live/filter_cell.ts";

Deno.test("writeFilter() gives each text a version, by which readFilter() tells it", () => {
  const cell = createFilterCell();
  assert.deepEqual(readFilter(cell), { version: 0, text: "" });
  const versions = ["udp port 53", "host ä", "", "x".repeat(MAX_FILTER_BYTES)].map((text) => {
    const version = writeFilter(cell, text);
    assert.equal(filterVersion(cell), version);
    assert.deepEqual(readFilter(cell), { version, text });
    return version;
  });
  assert.equal(new Set(versions).size, versions.length);
});

Deno.test("writeFilter() refuses a text that has no room, and leaves the one before", () => {
  const cell = createFilterCell();
  const version = writeFilter(cell, "udp");
  const refusal = { name: "RangeError", message: "Cannot use the filter: it is too long" };
  assert.throws(() => writeFilter(cell, "x".repeat(MAX_FILTER_BYTES + 1)), refusal);
  // By its bytes.
  assert.throws(() => writeFilter(cell, "ä".repeat(MAX_FILTER_BYTES / 2 + 1)), refusal);
  assert.deepEqual(readFilter(cell), { version, text: "udp" });
});

Deno.test("readFilter() gives no text that is being written, before or meanwhile", () => {
  const cell = createFilterCell();
  writeFilter(cell, "udp");
  const { load } = Atomics;
  // What the other thread does between two looks of this one.
  const meanwhile: (() => void)[] = [];
  const read = (...steps: (() => void)[]) => {
    meanwhile.push(...steps);
    Atomics.load = ((array: Int32Array, index: number) => {
      const value = load(array, index);
      meanwhile.shift()?.();
      return value;
    }) as typeof load;
    try {
      return readFilter(cell);
    } finally {
      Atomics.load = load;
      meanwhile.length = 0;
    }
  };
  const nothing = () => {};
  assert.equal(read(() => writeFilter(cell, "tcp")), undefined);
  assert.equal(read(nothing, () => writeFilter(cell, "arp")), undefined);
  assert.equal(read()?.text, "arp");
  const { set } = Uint8Array.prototype;
  let seen: unknown = "nothing";
  Uint8Array.prototype.set = function (...args) {
    seen = readFilter(cell);
    return set.apply(this, args);
  };
  try {
    writeFilter(cell, "icmp");
  } finally {
    Uint8Array.prototype.set = set;
  }
  assert.equal(seen, undefined);
  assert.equal(readFilter(cell)?.text, "icmp");
});
