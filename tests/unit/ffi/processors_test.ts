import assert from "node:assert/strict";
import { possibleProcessors } from "../../../ffi/mod.ts";

/** Numbers in a list such as `0-3,8` (Documentation/admin-guide/cputopology.rst). */
function countOf(list: string): number {
  return list.trim().split(",").reduce((sum, range) => {
    const [first, last] = range.split("-").map(Number);
    return sum + (last ?? first!) - first! + 1;
  }, 0);
}

// Opened here, because an open library counts as a leak of the test that opens it.
possibleProcessors();

Deno.test("possibleProcessors() counts the processors that the machine can have", () => {
  const list = Deno.readTextFileSync("/sys/devices/system/cpu/possible");
  assert.equal(possibleProcessors(), countOf(list));
});
