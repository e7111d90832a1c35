/** The first rows of many, against sorting all. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { firstOf, rankOf } from "../../../../src/render/live/row_order.ts";

Deno.test("firstOf() and rankOf() say what sorting all of them says", () => {
  const order = (a: number, b: number) => a - b;
  fc.assert(fc.property(
    fc.uniqueArray(fc.integer({ min: 0, max: 2000 }), { maxLength: 600 }),
    fc.integer({ min: 0, max: 650 }),
    (numbers, count) => {
      const sorted = numbers.toSorted(order);
      assert.deepEqual(firstOf(numbers, count, order), sorted.slice(0, count));
      assert.deepEqual(firstOf(new Set(numbers), Infinity, order), sorted);
      for (const one of numbers.slice(0, 5)) {
        assert.equal(rankOf(one, numbers, order), sorted.indexOf(one));
      }
    },
  ));
});
