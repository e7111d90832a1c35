import assert from "node:assert/strict";
import { join } from "node:path";
import {
  describeFile,
  moveRowGroup,
  readFooter,
  writeFooter,
} from "../../../src/parquet/footer.ts";
import {
  readThriftStruct,
  type ThriftStruct,
  writeThriftStruct,
} from "../../../src/parquet/thrift_compact.ts";
import { ROW_GROUP_ROWS } from "../../../src/sinks/segments/segment_encoder.ts";
import { SegmentStore } from "../../../src/sinks/segments/segment_store.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "../sinks/packets.ts";
import { query } from "../sinks/readers.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

/** What a structure is for those who read it: without fields that are not there. */
function written(struct: ThriftStruct): ThriftStruct {
  return readThriftStruct(writeThriftStruct(struct));
}

/** A row group with one column that has every position there is, at 2^53. */
const AT = 2n ** 53n;
const COLUMN: ThriftStruct = {
  field_2: AT + 1n,
  field_3: {
    field_7: 7n,
    field_9: AT + 2n,
    field_10: AT + 3n,
    field_11: AT + 4n,
    field_14: AT + 5n,
    field_15: 47,
    field_99: Uint8Array.of(1),
  },
  field_4: AT,
  field_5: 10,
  field_6: AT,
  field_7: 10,
};
const ROW_GROUP: ThriftStruct = {
  field_1: [COLUMN],
  field_2: 100n,
  field_3: 10n,
  field_5: AT + 6n,
  field_7: 0,
  field_98: 98n,
};

Deno.test("moveRowGroup() shifts every position, exactly, and nothing else", () => {
  assert.deepEqual(written(moveRowGroup(ROW_GROUP, 1001n)), {
    field_1: [{
      field_2: AT + 1002n,
      field_3: {
        field_7: 7n,
        field_9: AT + 1003n,
        field_10: AT + 1004n,
        field_11: AT + 1005n,
        field_14: AT + 1006n,
        field_15: 47,
        field_99: Uint8Array.of(1),
      },
    }],
    field_2: 100n,
    field_3: 10n,
    field_5: AT + 1007n,
    field_98: 98n,
  });
});

Deno.test("moveRowGroup() leaves positions that are not given", () => {
  const rowGroup = { field_1: [{ field_2: 0n, field_3: { field_9: 4n } }] };
  assert.deepEqual(written(moveRowGroup(rowGroup, 5n)), {
    field_1: [{ field_2: 0n, field_3: { field_9: 9n } }],
  });
});

for (const count of [0, 1, 14, 15, 20, 300]) {
  Deno.test(`writeFooter() puts ${count} row groups between the fields, and keeps those it does not know`, () => {
    const schema = [{ field_4: Uint8Array.of(65) }];
    const rest = { field_1: 2, field_2: schema, field_77: 77n };
    const rowGroups = Array.from({ length: count }, (_, index) => ({ field_3: BigInt(index) }));
    const pieces = writeFooter({
      rest: describeFile(rest, "me", { a: "b" }),
      rows: 2n ** 40n,
      rowGroups: rowGroups.map(writeThriftStruct),
    });
    const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    assert.equal(new DataView(bytes.buffer).getUint32(bytes.length - 8, true), bytes.length - 8);
    assert.equal(new TextDecoder().decode(bytes.subarray(-4)), "PAR1");
    const text = (value: string) => new TextEncoder().encode(value);
    assert.deepEqual(readThriftStruct(bytes.subarray(0, -8)), {
      field_1: 2,
      field_2: schema,
      field_3: 2n ** 40n,
      field_4: rowGroups,
      field_5: [{ field_1: text("a"), field_2: text("b") }],
      field_6: text("me"),
      field_77: 77n,
    });
  });
}

Deno.test("readFooter() and writeFooter() give back DuckDB's footer byte for byte", async () => {
  using directory = TempDirectory.create();
  using store = await SegmentStore.create({ directory: directory.path, attachments: ATTACHMENTS });
  const kinds = Object.values(PACKETS);
  // Two row groups, with columns of every type, statistics and bloom filters.
  const packets = Array.from({ length: ROW_GROUP_ROWS + 1 }, (_, index) => kinds[index % 6]!);
  for (const { batch, rows } of batchesOf(packets)) store.append(batch, rows);
  const [path] = store.finish().segments;
  for (const added of ["", "ALL COLUMNS BY DUCKDB"]) {
    const file = added === "" ? path! : join(directory.path, "by-duckdb.parquet");
    if (added !== "") {
      await query(
        `COPY (SELECT * FROM read_parquet('${path}')) TO '${file}' (FORMAT parquet,
          PARQUET_VERSION v2, COMPRESSION zstd, KV_METADATA {key: 'value'})`,
        "",
      );
    }
    const whole = Deno.readFileSync(file);
    const length = new DataView(whole.buffer).getUint32(whole.length - 8, true);
    const bytes = whole.subarray(-8 - length);
    const { rest, rows, rowGroups } = readFooter(bytes.subarray(0, -8));
    assert.equal(rowGroups.length, 2);
    const pieces = writeFooter({ rest, rows, rowGroups: rowGroups.map(writeThriftStruct) });
    assert.deepEqual(Uint8Array.from(pieces.flatMap((piece) => [...piece])), bytes.slice());
  }
});

Deno.test("readFooter() refuses an encrypted file and a footer without rows", () => {
  const complete = { field_3: 1n, field_4: [{ field_3: 1n }] };
  const encrypted = { ...complete, field_8: {} };
  assert.equal(readFooter(writeThriftStruct(complete)).rows, 1n);
  assert.throws(() => readFooter(writeThriftStruct(encrypted)), /encrypted/);
  assert.throws(() => readFooter(writeThriftStruct({})), /incomplete/);
  assert.throws(() => readFooter(writeThriftStruct({ field_3: 1n })), /incomplete/);
});
