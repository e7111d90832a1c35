import assert from "node:assert/strict";
import fc from "fast-check";
import {
  readThriftStruct,
  THRIFT,
  ThriftStruct,
  type ThriftValue,
  writeThriftStruct,
} from "../../../src/parquet/thrift_compact.ts";

type Typed = readonly [type: number, value: ThriftValue];

/** Any value of any type, with its type. */
const { typed } = fc.letrec<{ typed: Typed; struct: ThriftStruct }>((tie) => ({
  typed: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.boolean().map((value): Typed => [value ? THRIFT.TRUE : THRIFT.FALSE, value]),
    fc.integer({ min: -128, max: 127 }).map((value): Typed => [THRIFT.BYTE, value]),
    fc.integer({ min: -32768, max: 32767 }).map((value): Typed => [THRIFT.I16, value]),
    fc.integer().map((value): Typed => [THRIFT.I32, value]),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((
      value,
    ): Typed => [THRIFT.I64, value]),
    bytes(8, 8).map((value): Typed => [THRIFT.DOUBLE, value]),
    bytes(16, 16).map((value): Typed => [THRIFT.UUID, value]),
    bytes(0, 200).map((value): Typed => [THRIFT.BINARY, value]),
    fc.tuple(tie("typed"), fc.nat(20), fc.constantFrom(THRIFT.LIST, THRIFT.SET)).map(
      ([[elementType, value], size, type]): Typed => [
        type,
        { elementType, elements: new Array<ThriftValue>(size).fill(value) },
      ],
    ),
    fc.tuple(tie("typed"), tie("typed"), fc.integer({ min: 1, max: 20 })).map(
      ([[keyType, key], [valueType, value], size]): Typed => [
        THRIFT.MAP,
        { keyType, valueType, entries: new Array(size).fill([key, value]) },
      ],
    ),
    tie("struct").map((value): Typed => [THRIFT.STRUCT, value]),
  ),
  struct: fc.uniqueArray(
    fc.record({
      id: fc.oneof(fc.nat(20), fc.integer({ min: -32768, max: 32767 })),
      typed: tie("typed"),
    }),
    { selector: ({ id }) => id, maxLength: 20 },
  ).map((fields) =>
    new ThriftStruct(fields.map(({ id, typed: [type, value] }) => ({ id, type, value })))
  ),
}));

function bytes(minLength: number, maxLength: number) {
  return fc.uint8Array({ minLength, maxLength });
}

Deno.test("readThriftStruct() reads back what writeThriftStruct() wrote", () => {
  fc.assert(fc.property(typed, ([type, value]) => {
    const struct = new ThriftStruct([{ id: 1, type, value }]);
    assert.deepEqual(readThriftStruct(writeThriftStruct(struct)), struct);
  }));
});

// Bytes by hand from thrift-compact-protocol.md.
const ENCODED: readonly (readonly [string, ThriftStruct, readonly number[]])[] = [
  ["an empty structure", new ThriftStruct(), [0]],
  ["a true field", new ThriftStruct([{ id: 1, type: THRIFT.TRUE, value: true }]), [0x11, 0]],
  ["a false field", new ThriftStruct([{ id: 2, type: THRIFT.FALSE, value: false }]), [0x22, 0]],
  ["zigzag -1", new ThriftStruct([{ id: 1, type: THRIFT.I32, value: -1 }]), [0x15, 1, 0]],
  ["zigzag 150", new ThriftStruct([{ id: 1, type: THRIFT.I64, value: 150n }]), [0x16, 0xac, 2, 0]],
  [
    "a distance of 15 and one of 16",
    new ThriftStruct([
      { id: 15, type: THRIFT.BYTE, value: 1 },
      { id: 31, type: THRIFT.BYTE, value: -1 },
    ]),
    [0xf3, 1, 0x03, 62, 0xff, 0],
  ],
  [
    "text",
    new ThriftStruct([{ id: 1, type: THRIFT.BINARY, value: Uint8Array.of(65, 66) }]),
    [0x18, 2, 65, 66, 0],
  ],
  [
    "a list of booleans",
    new ThriftStruct([{
      id: 1,
      type: THRIFT.LIST,
      value: { elementType: THRIFT.TRUE, elements: [true, false] },
    }]),
    [0x19, 0x21, 1, 2, 0],
  ],
  [
    "a list of 15",
    new ThriftStruct([{
      id: 1,
      type: THRIFT.LIST,
      value: { elementType: THRIFT.BYTE, elements: new Array<number>(15).fill(7) },
    }]),
    [0x19, 0xf3, 15, ...new Array<number>(15).fill(7), 0],
  ],
  [
    "an empty map",
    new ThriftStruct([{
      id: 1,
      type: THRIFT.MAP,
      value: { keyType: 0, valueType: 0, entries: [] },
    }]),
    [0x1b, 0, 0],
  ],
];

for (const [name, struct, expected] of ENCODED) {
  Deno.test(`writeThriftStruct() and readThriftStruct() agree on ${name}`, () => {
    assert.deepEqual([...writeThriftStruct(struct)], expected);
    assert.deepEqual(readThriftStruct(Uint8Array.from(expected)), struct);
  });
}

Deno.test("readThriftStruct() keeps every 64-bit integer exact", () => {
  for (const value of [2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]) {
    const struct = new ThriftStruct([{ id: 1, type: THRIFT.I64, value }]);
    assert.equal(readThriftStruct(writeThriftStruct(struct)).get(1), value);
  }
});

Deno.test("readThriftStruct() refuses data that is cut off anywhere", () => {
  const struct = new ThriftStruct([
    { id: 1, type: THRIFT.BINARY, value: new Uint8Array(5) },
    { id: 2, type: THRIFT.LIST, value: { elementType: THRIFT.I32, elements: [1, 1000, 3] } },
    {
      id: 3,
      type: THRIFT.STRUCT,
      value: new ThriftStruct([{ id: 1, type: THRIFT.TRUE, value: true }]),
    },
  ]);
  const whole = writeThriftStruct(struct);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => readThriftStruct(whole.subarray(0, length)), RangeError, String(length));
  }
});

const DAMAGED: Readonly<Record<string, readonly number[]>> = {
  "a type that does not exist": [0x1e, 0, 0],
  "a length of 2^60": [0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0],
  "a list longer than the data": [0x19, 0xf1, 0xff, 0xff, 0x03, 0],
  "an integer that does not end": [0x16, ...new Array<number>(12).fill(0x80), 0],
  "structures without end": new Array<number>(1000).fill(0x1c),
};

for (const [name, damaged] of Object.entries(DAMAGED)) {
  Deno.test(`readThriftStruct() refuses ${name}`, () => {
    assert.throws(() => readThriftStruct(Uint8Array.from(damaged)), RangeError);
  });
}

Deno.test("ThriftStruct.with() replaces or adds a field in the order of ids", () => {
  const struct = new ThriftStruct([
    { id: 3, type: THRIFT.I32, value: 3 },
    { id: 1, type: THRIFT.I32, value: 1 },
  ]);
  const changed = struct.with(2, THRIFT.I32, 2).with(3, THRIFT.I64, 4n);
  assert.deepEqual(changed.fields.map(({ id, value }) => [id, value]), [[1, 1], [2, 2], [3, 4n]]);
  assert.equal(struct.get(2), undefined);
  assert.deepEqual(changed.without(1, 3).fields.map(({ id }) => id), [2]);
});
