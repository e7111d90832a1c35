import assert from "node:assert/strict";
import fc from "fast-check";
import { PRESENT } from "../../../../src/contract/record_layout.ts";
import { ValidityMasks } from "../../../../src/sinks/segments/validity_masks.ts";

const CHUNK_ROWS = 256;

/** Whether each row has a value, as DuckDB would see it. */
function validRows(masks: ValidityMasks, presence: number, rows: number): boolean[] {
  const mask = masks.mask(presence);
  if (!mask) return new Array<boolean>(rows).fill(true);
  const words = new BigUint64Array(mask.buffer);
  return Array.from(
    { length: rows },
    (_, row) => (words[row >> 6]! >> BigInt(row & 63) & 1n) === 1n,
  );
}

Deno.test("ValidityMasks.mask() has a bit set for exactly the rows with a value", () => {
  const bits = fc.oneof(fc.constant(0), fc.constant(0x1ff), fc.nat(0x1ff));
  const present = fc.array(bits, { minLength: 1, maxLength: CHUNK_ROWS });
  const masks = new ValidityMasks(CHUNK_ROWS); // used again and again, as for a segment
  fc.assert(fc.property(present, fc.nat(5), (rows, first) => {
    const all = Uint16Array.from([...new Array<number>(first).fill(0xffff), ...rows, 0xffff]);
    masks.build(all, first, rows.length);
    for (const presence of Object.values(PRESENT)) {
      const expected = rows.map((row) => (row & presence) !== 0);
      assert.deepEqual(validRows(masks, presence, rows.length), expected);
      assert.equal(masks.any(presence), expected.includes(true));
    }
  }));
});

Deno.test("ValidityMasks.mask() is null when every row has a value", () => {
  const masks = new ValidityMasks(CHUNK_ROWS);
  masks.build(new Uint16Array(100).fill(PRESENT.IP), 0, 100);
  assert.equal(masks.mask(PRESENT.IP), null);
  assert.notEqual(masks.mask(PRESENT.TCP), null);
});

Deno.test("ValidityMasks.mask() is null for a column that is always there", () => {
  const masks = new ValidityMasks(CHUNK_ROWS);
  masks.build(new Uint16Array(100), 0, 100);
  assert.equal(masks.mask(0), null);
  assert.ok(masks.any(0));
});
