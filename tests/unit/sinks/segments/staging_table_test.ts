import assert from "node:assert/strict";
import fc from "fast-check";
import { BATCH_BYTES, BATCH_ROWS, createBatch } from "../../../../src/batch/column_batch.ts";
import { EVENT_FLAG } from "../../../../src/contract/record_layout.ts";
import { type ColumnName, COLUMNS } from "../../../../src/contract/columns.ts";
import { StagingTable } from "../../../../src/sinks/segments/staging_table.ts";
import { ATTACHMENTS, batchesOf, type Packet, PACKETS, rowOf } from "../packets.ts";

/** Values of a column as they would be in the file. */
function valuesOf(table: StagingTable, name: ColumnName): unknown[] {
  const { values, presence, dictionary, type } = table.columns.find((one) => one.name === name)!;
  const texts = dictionary?.texts();
  return Array.from({ length: table.rows }, (_, row) => {
    if (presence !== 0 && !(table.present[row]! & presence)) return null;
    const value = values[row]!;
    return texts ? texts[value] : type === "BOOLEAN" ? value !== 0 : value;
  });
}

const NAMES = COLUMNS.map(({ name }) => name).filter((name) => name !== "timestamp");

/** A TCP packet of which one thing is different. */
function different(batch: Packet["batch"], row: Packet["row"]): Packet {
  const { tcp4 } = PACKETS;
  return { batch: { ...tcp4.batch, ...batch }, row: { ...tcp4.row, ...row } };
}

const VARIANTS: readonly Packet[] = [
  different({ sourceAddress: [192, 0, 2, 2] }, { source_ip: "192.0.2.2" }),
  different({ destinationAddress: [192, 0, 2, 2] }, { destination_ip: "192.0.2.2" }),
  different({ macs: [2, 0, 0, 0, 0, 0xb, 2, 0xff, 0xee, 0xdd, 0xcc, 0xbb] }, {
    destination_mac: "02:00:00:00:00:0b",
  }),
  different({ macs: [2, 0, 0, 0, 0, 0xa, 2, 0xff, 0xee, 0xdd, 0xcc, 0xbc] }, {
    source_mac: "02:ff:ee:dd:cc:bc",
  }),
  different({ attachment: 7 }, { direction: "egress", interface: "wlan0" }),
  different({ ipProtocol: 17 }, { ip_protocol: 17, protocol: "UDP" }),
  different({ flags: EVENT_FLAG.FRAGMENT }, { is_fragment: true }),
  different({ flags: EVENT_FLAG.IPV6 }, {
    ip_version: 6,
    source_ip: "c000:201::",
    destination_ip: "c633:64ff::",
  }),
];
const kind = fc.constantFrom(...Object.values(PACKETS), ...VARIANTS);
/** Runs of equal packets, which is what the table treats in its own way. */
const run = fc.tuple(kind, fc.integer({ min: 1, max: 40 }));

Deno.test("StagingTable keeps every value, whether or not those before were equal", () => {
  const parts = fc.array(fc.tuple(fc.array(run, { minLength: 1, maxLength: 3 }), fc.boolean()), {
    minLength: 1,
    maxLength: 5,
  });
  const table = new StagingTable(1000, ATTACHMENTS); // used again and again, as by a store
  const pairs = VARIANTS.map((variant): [[[Packet, number][], boolean][]] => [
    [[[[PACKETS.tcp4, 2], [variant, 3]], false], [[[variant, 3]], false]],
  ]);
  fc.assert(
    fc.property(parts, (appended) => {
      table.clear();
      const packets: Packet[] = [];
      for (const [runs, looksAtValues] of appended) {
        const part = runs.flatMap(([packet, count]) => new Array<Packet>(count).fill(packet));
        const [{ batch, rows }] = batchesOf(part) as [ReturnType<typeof batchesOf>[number]];
        // Not from the first row of the batch.
        const first = rows >> 2;
        table.append(batch, first, rows - first);
        packets.push(...part.slice(first));
        if (looksAtValues) valuesOf(table, "ttl");
      }
      for (const name of NAMES) {
        const expected = packets.map((packet) => rowOf(packet, 0)[name]);
        assert.deepEqual(valuesOf(table, name), expected, name);
      }
    }),
    { examples: pairs },
  );
});

Deno.test("StagedColumn.only is the value that all rows hold, over several batches", () => {
  const table = new StagingTable(2 * BATCH_ROWS, ATTACHMENTS);
  const ttl = table.columns.find(({ name }) => name === "ttl")!;
  const append = (packet: Packet) => {
    const [{ batch, rows }] = batchesOf([packet, packet]) as [ReturnType<typeof batchesOf>[number]];
    table.append(batch, 0, rows);
  };
  assert.equal(ttl.only, undefined);
  append(PACKETS.tcp4);
  assert.equal(ttl.only, 255);
  append(PACKETS.tcp4);
  assert.equal(ttl.only, 255);
  assert.deepEqual([...ttl.values.subarray(0, 4)], [255, 255, 255, 255]);
  assert.equal(ttl.only, 255);
  append(PACKETS.laterFragment);
  assert.equal(ttl.only, undefined);
  assert.deepEqual([...ttl.values.subarray(0, 6)], [255, 255, 255, 255, 1, 1]);
  table.clear();
  append(PACKETS.laterFragment);
  assert.equal(ttl.only, 1);
});

Deno.test("StagedColumn.only is the value that all rows hold, where other columns differ", () => {
  const table = new StagingTable(10, ATTACHMENTS);
  const macs = PACKETS.tcp4.batch.macs as readonly number[];
  const other: Packet = {
    ...PACKETS.tcp4,
    batch: { ...PACKETS.tcp4.batch, macs: [...macs.slice(0, 6), 1, 2, 3, 4, 5, 6] },
  };
  const [{ batch, rows }] = batchesOf([PACKETS.tcp4, other]) as [
    ReturnType<typeof batchesOf>[number],
  ];
  table.append(batch, 0, rows);
  const column = (name: ColumnName) => table.columns.find((one) => one.name === name)!;
  assert.equal(column("destination_mac").only, 0);
  assert.equal(column("source_mac").only, undefined);
  assert.equal(column("timestamp").only, undefined);
});

Deno.test("StagingTable keeps timestamps that are equal within a batch, and those before", () => {
  const nanoseconds = 1_795_000_000_123_456_789n;
  const timesOf = (table: StagingTable) => {
    const { values } = table.columns.find(({ name }) => name === "timestamp")!;
    return [...new BigUint64Array(values.buffer, 0, table.rows)];
  };
  const batch = (times: readonly bigint[]) => {
    const filled = createBatch(new ArrayBuffer(BATCH_BYTES));
    new BigUint64Array(filled.timestamp.buffer, filled.timestamp.byteOffset).set(times);
    return filled;
  };
  const table = new StagingTable(100, ATTACHMENTS);
  const appended: bigint[] = [];
  for (
    const steps of [[0n, 0n], [1n, 2n, 3n], [4n, 4n], [4n], [4n, 4n, 4n], [5n, 6n]]
  ) {
    const times = steps.map((step) => nanoseconds + step * 1000n);
    table.append(batch(times), 0, times.length);
    appended.push(...times);
    assert.deepEqual(timesOf(table), appended);
  }
  table.clear();
  table.append(batch([nanoseconds, nanoseconds]), 0, 2);
  assert.deepEqual(timesOf(table), [nanoseconds, nanoseconds]);
});
