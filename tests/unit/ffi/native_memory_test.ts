import assert from "node:assert/strict";
import { addressOf, allocate, allocateCopy, withPinned } from "../../../ffi/linux/native_memory.ts";

Deno.test("allocate() gives zeroed memory whose address stays the same", () => {
  const memory = allocate(8);
  assert.deepEqual([...memory], [0, 0, 0, 0, 0, 0, 0, 0]);
  const address = addressOf(memory);
  assert.notEqual(address, 0n);
  // Enough garbage for the collector to move what can be moved.
  for (let round = 0; round < 200_000; round++) new Uint8Array(8).fill(round);
  assert.equal(addressOf(memory), address);
});

Deno.test("allocateCopy() copies", () => {
  const source = Uint8Array.of(1, 2, 3);
  const copy = allocateCopy(source);
  source.fill(9);
  assert.deepEqual([...copy], [1, 2, 3]);
});

Deno.test("addressOf() is NULL for nothing", () => {
  assert.equal(addressOf(null), 0n);
  assert.equal(addressOf(allocate(0)), 0n);
});

Deno.test("withPinned() passes result and error on", () => {
  assert.equal(withPinned([allocate(1)], () => 7), 7);
  assert.throws(() =>
    withPinned([allocate(1)], () => {
      throw new RangeError("inside");
    }), { name: "RangeError", message: "inside" });
});
