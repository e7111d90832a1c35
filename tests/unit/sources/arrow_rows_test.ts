import assert from "node:assert/strict";
import {
  type DataType,
  Dictionary,
  Int32,
  Int64,
  makeData,
  makeVector,
  Schema,
  Table,
  tableFromIPC,
  tableToIPC,
  TimestampMicrosecond,
  TimestampNanosecond,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import {
  BATCH_BYTES,
  BATCH_ROWS,
  type ColumnBatch,
  createBatch,
} from "../../../src/batch/column_batch.ts";
import { type ColumnName, COLUMNS } from "../../../src/contract/columns.ts";
import { ArrowStream } from "../../../src/sinks/arrow_stream.ts";
import { StagingTable } from "../../../src/sinks/segments/staging_table.ts";
import { ArrowRows } from "../../../src/sources/arrow_rows.ts";
import type { ForeignBytes } from "../../../src/sources/foreign_rows.ts";
import {
  ATTACHMENTS,
  batchesOf,
  type Packet,
  PACKETS,
  type Row,
  rowOf,
  timestampOf,
} from "../sinks/packets.ts";

const ALL = Object.values(PACKETS);
const METADATA = { "xdp_inspector.schema_version": "1", "xdp_inspector.host": "h" };

/** The stream that the recorder makes of packets. */
function streamOf(packets: readonly Packet[], rows = BATCH_ROWS): Uint8Array<ArrayBuffer> {
  const parts: number[] = [];
  const write = (bytes: Uint8Array) => {
    for (const byte of bytes) parts.push(byte);
  };
  using stream = new ArrowStream({ attachments: ATTACHMENTS, metadata: METADATA, write });
  for (const { batch, rows: count } of batchesOf(packets, rows)) stream.append(batch, count);
  stream.finish();
  return Uint8Array.from(parts);
}

/** Bytes that come in parts of any length. */
function bytesOf(all: Uint8Array<ArrayBuffer>, part = all.length): ForeignBytes {
  let position = 0;
  const next = () => {
    if (position >= all.length) return Promise.resolve(null);
    const bytes = all.slice(position, position + part);
    position += part;
    return Promise.resolve(bytes);
  };
  return { label: "x.arrow", next, lend: next };
}

/** All rows as the staging table holds them, read through its own dictionaries. */
async function rowsOf(bytes: ForeignBytes, metadata: unknown = METADATA): Promise<Row[]> {
  using reader = await ArrowRows.open(bytes);
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  // What was in it before must not show.
  for (const column of Object.values(batch) as ColumnBatch[keyof ColumnBatch][]) column.fill(0xa5);
  const rows: Row[] = [];
  for (let count = await reader.fill(batch); count > 0; count = await reader.fill(batch)) {
    const table = new StagingTable(BATCH_ROWS, reader.attachments);
    table.append(batch, 0, count);
    for (let row = 0; row < count; row++) rows.push(stagedRow(table, row));
  }
  if (metadata !== null) assert.deepEqual(reader.metadata(), metadata);
  return rows;
}

function stagedRow(table: StagingTable, row: number): Row {
  return Object.fromEntries(table.columns.map((column) => {
    const { name, type, presence, dictionary, values } = column;
    if (presence !== 0 && !(table.present[row]! & presence)) return [name, null];
    if (type === "TIMESTAMP_NS") return [name, new BigInt64Array(values.buffer)[row]];
    if (dictionary) return [name, dictionary.texts()[values[row]!]];
    return [name, type === "BOOLEAN" ? values[row] !== 0 : values[row]];
  })) as unknown as Row;
}

function refusal(stream: Uint8Array<ArrayBuffer>, message: RegExp): Promise<void> {
  return assert.rejects(rowsOf(bytesOf(stream)), { name: "RunError", message });
}

/** The stream of the first packet with one column replaced. */
function replaced(name: ColumnName, values: unknown[], type: DataType): Uint8Array<ArrayBuffer> {
  const table = tableFromIPC(streamOf(ALL.slice(0, 1)));
  return tableToIPC(table.assign(new Table({ [name]: vectorFromArray(values, type) })), "stream")
    .slice();
}

/** The times of the first packets. The library makes them out of milliseconds, which are too coarse. */
function timesOf(rows: number, nanoseconds: bigint, type: DataType): Vector {
  const data = BigInt64Array.from(
    { length: rows },
    (_, index) => timestampOf(index) / nanoseconds,
  );
  return makeVector(makeData({ type, length: rows, nullCount: 0, data } as never)) as Vector;
}

/** The stream of all packets with columns replaced. */
function edited(edit: (table: Table) => Table): Uint8Array<ArrayBuffer> {
  return tableToIPC(edit(tableFromIPC(streamOf(ALL))), "stream").slice();
}

Deno.test("ArrowRows gives every value back that the recorder wrote, whatever parts the bytes come in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...ALL), { maxLength: 40 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 5000 }),
      async (packets, rowsPerBatch, part) => {
        const rows = await rowsOf(bytesOf(streamOf(packets, rowsPerBatch), part));
        assert.deepEqual(rows, packets.map(rowOf));
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("ArrowRows takes record batches that are larger than a column batch", async () => {
  const packets = Array.from({ length: BATCH_ROWS + 7 }, (_, index) => ALL[index % ALL.length]!);
  const whole = tableFromIPC(streamOf(packets));
  const columns = whole.schema.fields.map(({ name, type }) => {
    const values = name === "timestamp"
      ? timesOf(packets.length, 1n, type)
      : vectorFromArray([...whole.getChild(name)!], type);
    return [name, values] as const;
  });
  const joined = tableToIPC(new Table(Object.fromEntries(columns)), "stream").slice();
  assert.equal(tableFromIPC(joined).batches.length, 1);
  const rows = await rowsOf(bytesOf(joined), null);
  assert.equal(rows.length, packets.length);
  assert.deepEqual(rows.at(-1), rowOf(packets.at(-1)!, packets.length - 1));
});

Deno.test("ArrowRows reads the stream that a file holds, and passes over its footer", async () => {
  const text = (letters: string) => [...new TextEncoder().encode(letters)];
  const file = [...text("ARROW1\0\0"), ...streamOf(ALL, 2), ...text("footer\x06\0\0\0ARROW1")];
  assert.deepEqual(await rowsOf(bytesOf(Uint8Array.from(file))), ALL.map(rowOf));
});

Deno.test("ArrowRows takes wider numbers, coarser times, other columns and another order", async () => {
  const wide = edited((table) => {
    const columns = Object.fromEntries(
      table.schema.fields.map(({ name }) => [name, table.getChild(name)!]),
    );
    const ports = [...columns.source_port!].map((port) => port === null ? null : BigInt(port));
    return new Table({
      other: vectorFromArray(ALL.map((_, index) => [index, index + 1])),
      ...Object.fromEntries(Object.entries(columns).reverse()),
      source_port: vectorFromArray(ports, new Int64()),
      timestamp: timesOf(ALL.length, 1000n, new TimestampMicrosecond()),
    });
  });
  const rows = await rowsOf(bytesOf(wide), null);
  const expected = ALL.map((packet, index) => {
    return { ...rowOf(packet, index), timestamp: timestampOf(index) / 1000n * 1000n };
  });
  assert.deepEqual(rows, expected);
});

Deno.test("ArrowRows says that a stream is truncated wherever it is cut but between messages", async () => {
  const whole = streamOf(ALL, 3);
  let fewer = 0;
  for (let length = 1; length < whole.length; length += 13) {
    try {
      const rows = await rowsOf(bytesOf(whole.slice(0, length)));
      // At the end of a message nobody can tell.
      assert.ok(rows.length === 0 || rows.length === 3 || rows.length === 6);
      fewer++;
    } catch (error) {
      assert.match(
        (error as Error).message,
        /^Cannot read "x\.arrow": the Arrow stream is (truncated|damaged: it has no schema)$/,
      );
    }
  }
  assert.ok(fewer < 10, String(fewer));
});

Deno.test("ArrowRows answers damaged bytes with rows or an error of the user's", async () => {
  const whole = streamOf(ALL, 2);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      async (edits) => {
        const bytes = whole.slice();
        for (const [position, value] of edits) bytes[position] = value;
        try {
          using reader = await ArrowRows.open(bytesOf(bytes));
          const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
          let rows = 0;
          for (let count = await reader.fill(batch); count > 0; count = await reader.fill(batch)) {
            rows += count;
          }
          assert.ok(rows <= ALL.length, String(rows));
        } catch (error) {
          assert.equal((error as Error).name, "RunError", String((error as Error).stack));
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("ArrowRows refuses columns that are not a recording's, and names them", async () => {
  const names = COLUMNS.map(({ name }) => name);
  const without = edited((table) => table.select(names.filter((name) => name !== "ttl")));
  await refusal(without, /missing column "ttl"$/);
  const twice = edited((table) =>
    new Table(new Schema([...table.schema.fields, table.schema.fields[0]!]))
  );
  await refusal(twice, /it has column "timestamp" twice$/);
  await refusal(replaced("ttl", ["a"], new Utf8()), /"ttl" is utf8, not UTINYINT$/);
  const dictionary = new Dictionary(new Utf8(), new Int32());
  await refusal(
    replaced("protocol", ["TCP"], dictionary),
    /"protocol" is dictionary, not VARCHAR$/,
  );
});

Deno.test("ArrowRows refuses rows that are not a recording's, and says which", async () => {
  const at = (name: ColumnName, value: unknown, type: DataType, message: string) =>
    refusal(
      replaced(name, [value], type),
      new RegExp(`recording's: in row 1 "${name}" ${message}`),
    );
  await at("ttl", null, new Uint8(), "has no value$");
  await at("ttl", 256, new Int32(), "is 256$");
  await at("ttl", -1, new Int32(), "is -1$");
  await at("timestamp", null, new TimestampNanosecond(), "has no value$");
  await at("ip_version", 5, new Uint8(), "is 5$");
  await at("ip_version", 6, new Uint8(), "|source_ip");
  await at("icmp_code", 1, new Uint8(), "has a value, others of its protocol have none$");
  await at("source_mac", "02:00:00:00:00", new Utf8(), "is no MAC address$");
  await at("direction", "up", new Utf8(), 'is "up"$');
  await refusal(replaced("source_ip", ["::1"], new Utf8()), /"source_ip" is no address of IPv4$/);
  await refusal(replaced("source_ip", ["=1+1"], new Utf8()), /"source_ip" is no address of IPv4$/);
});
