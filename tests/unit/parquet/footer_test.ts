import assert from "node:assert/strict";
import {
  describeFile,
  moveRowGroup,
  readFooter,
  writeFooter,
} from "../../../src/parquet/footer.ts";
import {
  readThriftStruct,
  THRIFT,
  type ThriftList,
  ThriftStruct,
  type ThriftValue,
  writeThriftStruct,
} from "../../../src/parquet/thrift_compact.ts";

const { I16, I32, I64, BINARY, LIST, STRUCT } = THRIFT;

function struct(fields: Readonly<Record<number, readonly [number, ThriftValue]>>): ThriftStruct {
  return new ThriftStruct(
    Object.entries(fields).map(([id, [type, value]]) => ({ id: Number(id), type, value })),
  );
}

function list(...elements: readonly ThriftValue[]): ThriftList {
  return { elementType: STRUCT, elements };
}

/** A row group with one column that has every position there is, at 2^53. */
const AT = 2n ** 53n;
const COLUMN = struct({
  2: [I64, AT + 1n],
  3: [
    STRUCT,
    struct({
      7: [I64, 7n],
      9: [I64, AT + 2n],
      10: [I64, AT + 3n],
      11: [I64, AT + 4n],
      14: [I64, AT + 5n],
      15: [I32, 47],
      99: [BINARY, Uint8Array.of(1)],
    }),
  ],
  4: [I64, AT],
  5: [I32, 10],
  6: [I64, AT],
  7: [I32, 10],
});
const ROW_GROUP = struct({
  1: [LIST, list(COLUMN)],
  2: [I64, 100n],
  3: [I64, 10n],
  5: [I64, AT + 6n],
  7: [I16, 0],
  98: [I64, 98n],
});

Deno.test("moveRowGroup() shifts every position, exactly, and nothing else", () => {
  const moved = moveRowGroup(ROW_GROUP, 1001n, 12);
  assert.deepEqual(
    moved,
    struct({
      1: [
        LIST,
        list(struct({
          2: [I64, AT + 1002n],
          3: [
            STRUCT,
            struct({
              7: [I64, 7n],
              9: [I64, AT + 1003n],
              10: [I64, AT + 1004n],
              11: [I64, AT + 1005n],
              14: [I64, AT + 1006n],
              15: [I32, 47],
              99: [BINARY, Uint8Array.of(1)],
            }),
          ],
        })),
      ],
      2: [I64, 100n],
      3: [I64, 10n],
      5: [I64, AT + 1007n],
      7: [I16, 12],
      98: [I64, 98n],
    }),
  );
});

Deno.test("moveRowGroup() leaves positions that are not given", () => {
  const column = struct({ 2: [I64, 0n], 3: [STRUCT, struct({ 9: [I64, 4n] })] });
  const moved = moveRowGroup(struct({ 1: [LIST, list(column)] }), 5n, 0);
  const [movedColumn] = (moved.get(1) as ThriftList).elements as ThriftStruct[];
  assert.equal(movedColumn!.get(2), 0n);
  assert.equal(moved.get(5), undefined);
  assert.equal(moved.get(7), undefined);
});

Deno.test("moveRowGroup() drops an ordinal that 16 bits cannot hold", () => {
  assert.equal(moveRowGroup(ROW_GROUP, 0n, 32_767).get(7), 32_767);
  assert.equal(moveRowGroup(ROW_GROUP, 0n, 32_768).get(7), undefined);
});

Deno.test("writeFooter() puts row groups between the fields and keeps those it does not know", () => {
  const rest = struct({
    1: [I32, 2],
    2: [LIST, list(struct({ 4: [BINARY, Uint8Array.of(65)] }))],
    77: [I64, 77n],
  });
  const rowGroups = Array.from(
    { length: 20 },
    (_, ordinal) => moveRowGroup(ROW_GROUP, 1n, ordinal),
  );
  const pieces = writeFooter({
    rest: describeFile(rest, "me", { a: "b" }),
    rows: 2n ** 40n,
    rowGroups: rowGroups.map(writeThriftStruct),
  });
  const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  assert.equal(new DataView(bytes.buffer).getUint32(bytes.length - 8, true), bytes.length - 8);
  assert.equal(new TextDecoder().decode(bytes.subarray(-4)), "PAR1");
  const footer = readThriftStruct(bytes.subarray(0, -8));
  assert.deepEqual(footer.fields.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 77]);
  assert.equal(footer.get(3), 2n ** 40n);
  assert.equal(footer.get(77), 77n);
  assert.deepEqual(footer.get(4), list(...rowGroups));
  assert.equal(new TextDecoder().decode(footer.get(6) as Uint8Array), "me");
});

Deno.test("readFooter() refuses an encrypted file and a footer without rows", () => {
  const complete = { 3: [I64, 1n], 4: [LIST, list()] } as const;
  const encrypted = struct({ ...complete, 8: [STRUCT, new ThriftStruct()] });
  assert.equal(readFooter(writeThriftStruct(struct(complete))).rows, 1n);
  assert.throws(() => readFooter(writeThriftStruct(encrypted)), /encrypted/);
  assert.throws(() => readFooter(writeThriftStruct(new ThriftStruct())), /incomplete/);
});
