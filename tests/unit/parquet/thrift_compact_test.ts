import assert from "node:assert/strict";
import fc from "fast-check";
import {
  readThriftStruct,
  type ThriftStruct,
  type ThriftValue,
  writeThriftStruct,
} from "../../../src/parquet/thrift_compact.ts";

/** Values that are read back as they were written, without those that hold others. */
const plain = fc.oneof(
  fc.boolean(),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.uint8Array({ maxLength: 200 }),
);

/** A structure of such values. */
function structOf(value: fc.Arbitrary<ThriftValue>): fc.Arbitrary<ThriftStruct> {
  const id = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 32767 }));
  return fc.uniqueArray(fc.tuple(id, value), { selector: ([id]) => id, maxLength: 10 })
    .map((fields) =>
      Object.fromEntries(
        fields.sort(([a], [b]) => a - b).map(([id, value]) => [`field_${id}`, value]),
      )
    );
}

const inner = structOf(plain);
/** Lists have elements of one type. */
const lists = fc.oneof(
  fc.array(fc.integer(), { minLength: 1, maxLength: 20 }),
  fc.array(inner, { minLength: 1, maxLength: 20 }),
);
const struct = structOf(fc.oneof(plain, inner, lists));

Deno.test("readThriftStruct() reads back what writeThriftStruct() wrote", () => {
  fc.assert(fc.property(struct, (value) => {
    assert.deepEqual(readThriftStruct(writeThriftStruct(value)), value);
  }));
});

// Bytes by hand from thrift-compact-protocol.md.
const ENCODED: readonly (readonly [string, ThriftStruct, readonly number[]])[] = [
  ["an empty structure", {}, [0]],
  ["a true field", { field_1: true }, [0x11, 0]],
  ["a false field", { field_2: false }, [0x22, 0]],
  ["zigzag -1", { field_1: -1 }, [0x15, 1, 0]],
  ["zigzag 150", { field_1: 150n }, [0x16, 0xac, 2, 0]],
  [
    "a distance of 15 and one of 16",
    { field_15: 1, field_31: -1 },
    [0xf5, 2, 0x05, 62, 1, 0],
  ],
  ["text", { field_1: Uint8Array.of(65, 66) }, [0x18, 2, 65, 66, 0]],
  ["a structure in a list", { field_1: [{ field_1: 1n }] }, [0x19, 0x1c, 0x16, 2, 0, 0]],
  [
    "a list of 15",
    { field_1: new Array<number>(15).fill(7) },
    [0x19, 0xf5, 15, ...new Array<number>(15).fill(14), 0],
  ],
];

for (const [name, value, expected] of ENCODED) {
  Deno.test(`writeThriftStruct() and readThriftStruct() agree on ${name}`, () => {
    assert.deepEqual([...writeThriftStruct(value)], expected);
    assert.deepEqual(readThriftStruct(Uint8Array.from(expected)), value);
  });
}

Deno.test("writeThriftStruct() writes text as UTF-8, and no field that is not there", () => {
  assert.deepEqual(
    [...writeThriftStruct({ field_1: undefined, field_3: "ü", field_2: undefined })],
    [0x38, 2, 0xc3, 0xbc, 0],
  );
});

Deno.test("writeThriftStruct() refuses fields that are not in order", () => {
  assert.throws(() => writeThriftStruct({ field_2: 1, field_1: 1 }), /non-monotonic/);
});

Deno.test("readThriftStruct() keeps every 64-bit integer exact", () => {
  for (const value of [2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    assert.equal(readThriftStruct(writeThriftStruct({ field_1: value })).field_1, value);
  }
});

Deno.test("readThriftStruct() reads a part of a larger buffer", () => {
  const bytes = Uint8Array.of(9, 9, 0x18, 1, 65, 0, 9);
  assert.deepEqual(readThriftStruct(bytes.subarray(2, 6)), { field_1: Uint8Array.of(65) });
});

Deno.test("readThriftStruct() refuses data that is cut off anywhere", () => {
  const whole = writeThriftStruct({
    field_1: new Uint8Array(5),
    field_2: [1, 1000, 3],
    field_3: { field_1: true },
  });
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => readThriftStruct(whole.subarray(0, length)), RangeError, String(length));
  }
});

const DAMAGED: Readonly<Record<string, readonly number[]>> = {
  "a type that does not exist": [0x1e, 0, 0],
  "a length of 2^30": [0x18, 0x80, 0x80, 0x80, 0x80, 0x04, 0],
  "a list longer than the data": [0x19, 0xf5, 0xff, 0xff, 0x03, 0],
  "an integer that does not end": [0x16, ...new Array<number>(12).fill(0x80)],
  "structures without end": new Array<number>(1000).fill(0x1c),
  "structures too deep for the stack": new Array<number>(1_000_000).fill(0x1c),
};

for (const [name, damaged] of Object.entries(DAMAGED)) {
  Deno.test(`readThriftStruct() refuses ${name}`, () => {
    assert.throws(() => readThriftStruct(Uint8Array.from(damaged)), {
      name: "RangeError",
      message: /^Cannot read Thrift data: /,
    });
  });
}
