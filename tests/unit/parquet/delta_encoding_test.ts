import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeDeltas } from "../../../src/parquet/delta_encoding.ts";

/** Decodes as Encodings.md says, one bit after the other. */
function decode(bytes: Uint8Array): { values: number[]; end: number } {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const zigzag = () => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const blockValues = varint();
  const miniblocks = varint();
  const count = varint();
  let value = zigzag();
  const values = count > 0 ? [value >>> 0] : [];
  while (values.length < count) {
    const minDelta = zigzag();
    const widths = bytes.slice(at, at += miniblocks);
    for (const width of widths) {
      const perMiniblock = blockValues / miniblocks;
      for (let index = 0; index < perMiniblock; index++) {
        let delta = 0;
        for (let bit = 0; bit < width; bit++) {
          const place = index * width + bit;
          delta += (bytes[at + (place >> 3)]! >> (place & 7) & 1) * 2 ** bit;
        }
        value = value + minDelta + delta | 0;
        if (values.length < count) values.push(value >>> 0);
      }
      at += width * perMiniblock / 8;
    }
  }
  return { values, end: at };
}

const near = fc.integer({ min: 0, max: 1000 });
const any = fc.integer({ min: 0, max: 0xffff_ffff });
const extreme = fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);

Deno.test("encodeDeltas() encodes what the specification decodes", () => {
  const values = fc.oneof(
    fc.array(near, { maxLength: 400 }),
    fc.array(any, { maxLength: 400 }),
    fc.array(fc.oneof(near, any, extreme), { maxLength: 400 }),
  );
  fc.assert(fc.property(values, fc.nat(3), (list, behind) => {
    const words = Uint32Array.from([...list, ...new Array<number>(behind).fill(7)]);
    const bytes = encodeDeltas(words, list.length);
    assert.deepEqual(decode(bytes), { values: list, end: bytes.length });
  }));
});

for (const count of [0, 1, 2, 32, 33, 128, 129, 130, 257]) {
  Deno.test(`encodeDeltas() encodes ${count} values`, () => {
    const list = Array.from({ length: count }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 0);
    assert.deepEqual(decode(encodeDeltas(Uint32Array.from(list), count)).values, list);
  });
}

Deno.test("encodeDeltas() needs no bits for equal steps, across the end of the 32 bits too", () => {
  const list = Uint32Array.from({ length: 1000 }, (_, index) => 0xffff_0000 + 1448 * index);
  assert.ok(encodeDeltas(list, list.length).length < 80);
});

Deno.test("encodeDeltas() fills the last block up with nothing", () => {
  const wild = Array.from({ length: 129 }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 0);
  const whole = encodeDeltas(Uint32Array.from(wild), wild.length).length;
  const list = Uint32Array.of(...wild, wild[128]! + 1);
  const { length } = encodeDeltas(list, list.length);
  assert.ok(length <= whole + 5, `${whole} and ${length} bytes`);
});
