import assert from "node:assert/strict";
import { RecordBatchReader, tableFromIPC } from "apache-arrow";
import { BATCH_BYTES, createBatch } from "../../../src/batch/column_batch.ts";
import { EVENT_FLAG, PRESENT } from "../../../src/contract/record_layout.ts";
import { COLUMNS } from "../../../src/contract/columns.ts";
import { ArrowStream } from "../../../src/sinks/arrow_stream.ts";
import { ATTACHMENTS as PLACES, batchesOf, PACKETS, rowOf } from "./packets.ts";
import { assertRows } from "./readers.ts";

const ATTACHMENTS = [
  { attachment: 0, interface: "eth0", direction: "ingress" },
  { attachment: 1, interface: "eth0", direction: "egress" },
] as const;

function sampleBatch() {
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  const ns = 1_795_442_400_123_456_789n;
  for (const row of [0, 1, 2]) {
    batch.timestamp[2 * row] = Number((ns + BigInt(row)) & 0xffff_ffffn);
    batch.timestamp[2 * row + 1] = Number(ns >> 32n);
    batch.packetLength[row] = 60 + row;
    batch.segments[row] = 1;
  }
  // Row 0: IPv4 TCP. Row 1: an ARP frame on egress. Row 2: a frame that is too short for anything.
  batch.present[0] = PRESENT.MAC | PRESENT.ETHERTYPE | PRESENT.PROTOCOL | PRESENT.IP |
    PRESENT.PORTS | PRESENT.TCP | PRESENT.PAYLOAD;
  new Uint8Array(batch.sourceAddress.buffer, batch.sourceAddress.byteOffset).set([10, 0, 0, 1]);
  new Uint8Array(batch.destinationAddress.buffer, batch.destinationAddress.byteOffset)
    .set([10, 0, 0, 2]);
  batch.ethertype[0] = 0x0800;
  batch.ipProtocol[0] = 6;
  batch.sourcePort[0] = 50000;
  batch.destinationPort[0] = 443;
  batch.tcpFlags[0] = 0x12;
  batch.flags[0] = EVENT_FLAG.FRAGMENT;
  batch.present[1] = PRESENT.MAC | PRESENT.ETHERTYPE | PRESENT.PROTOCOL;
  batch.ethertype[1] = 0x0806;
  batch.attachment[1] = 1;
  return batch;
}

function open(write: (bytes: Uint8Array) => void): ArrowStream {
  return new ArrowStream({ attachments: ATTACHMENTS, metadata: { "a.key": "ä value" }, write });
}

Deno.test("ArrowStream writes a stream that an Arrow reader reads with the schema's columns", async () => {
  const parts: Uint8Array[] = [];
  const stream = open((bytes) => parts.push(bytes.slice()));
  stream.append(sampleBatch(), 3);
  const result = stream.finish();
  stream[Symbol.dispose]();
  assert.equal(result, 3);
  const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
  assert.equal(stream.writtenBytes, bytes.length);

  const table = tableFromIPC(bytes);
  assert.equal(table.schema.metadata.get("a.key"), "ä value");
  assert.deepEqual(table.schema.fields.map((field) => field.name), COLUMNS.map(({ name }) => name));
  assert.equal(String(table.schema.fields[0]!.type), "Timestamp<NANOSECOND, UTC>");
  assert.equal(table.numRows, 3);
  const raw = (row: number, column: string) => table.getChild(column)!.get(row);
  assert.deepEqual(
    [0, 1, 2].map((row) => raw(row, "source_ip")),
    ["10.0.0.1", null, null],
  );
  assert.deepEqual([0, 1, 2].map((row) => raw(row, "protocol")), ["TCP", "ARP", null]);
  assert.deepEqual([0, 1, 2].map((row) => raw(row, "direction")), ["ingress", "egress", "ingress"]);
  assert.deepEqual([0, 1, 2].map((row) => raw(row, "is_fragment")), [true, null, null]);
  assert.deepEqual([0, 1, 2].map((row) => raw(row, "destination_port")), [443, null, null]);
  assert.deepEqual([0, 1, 2].map((row) => raw(row, "packet_length")), [60, 61, 62]);
  const times = table.getChild("timestamp")!.data[0]!.values as BigInt64Array;
  assert.deepEqual([...times], [0n, 1n, 2n].map((n) => 1_795_442_400_123_456_789n + n));
});

Deno.test("ArrowStream writes every row of batches of several sizes, each value and each NULL", async () => {
  const kinds = Object.values(PACKETS);
  // Neither a multiple of the bits of a byte, nor of the kinds.
  const packets = Array.from({ length: 61 }, (_, index) => kinds[index * index % 7 % 6]!);
  const parts: Uint8Array[] = [];
  const stream = new ArrowStream({
    attachments: PLACES,
    metadata: {},
    write: (bytes) => parts.push(bytes.slice()),
  });
  for (const { batch, rows } of batchesOf(packets, 23)) stream.append(batch, rows);
  assert.equal(stream.finish(), 61);
  const table = tableFromIPC(await new Blob(parts as BlobPart[]).bytes());
  assert.deepEqual(table.batches.map(({ numRows }) => numRows), [23, 23, 15]);
  const times = table.getChild("timestamp")!.data
    .flatMap(({ values }) => [...values as BigInt64Array]);
  const found = times.map((timestamp, row) => {
    return Object.fromEntries(COLUMNS.map(({ name }) => {
      return [name, name === "timestamp" ? timestamp : table.getChild(name)!.get(row)];
    }));
  });
  assertRows(found, packets.map(rowOf));
  // A reader may leave out the masks of columns that are never NULL.
  assert.deepEqual(
    table.schema.fields.filter(({ nullable }) => !nullable).map(({ name }) => name),
    COLUMNS.filter(({ presence }) => presence === 0).map(({ name }) => name),
  );
});

Deno.test("ArrowStream writes its schema before the first packet, and each batch when it comes", async () => {
  const parts: Uint8Array[] = [];
  const stream = open((bytes) => parts.push(bytes.slice()));
  assert.ok(stream.writtenBytes > 0);
  const before = stream.writtenBytes;
  stream.append(sampleBatch(), 3);
  assert.ok(stream.writtenBytes > before);
  stream.append(sampleBatch(), 2);
  stream.finish();
  const reader = RecordBatchReader.from(await new Blob(parts as BlobPart[]).bytes());
  assert.deepEqual([...reader].map((batch) => batch.numRows), [3, 2]);
});

Deno.test("ArrowStream.finish() writes the end mark of a stream, once", async () => {
  // Columnar.html, "IPC Streaming Format": continuation 0xFFFFFFFF and a length of 0.
  const end = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
  for (const batches of [0, 2]) {
    const parts: Uint8Array[] = [];
    const stream = open((bytes) => parts.push(bytes.slice()));
    for (let count = 0; count < batches; count++) stream.append(sampleBatch(), 3);
    const before = stream.writtenBytes;
    stream.finish();
    stream[Symbol.dispose]();
    const bytes = await new Blob(parts as BlobPart[]).bytes();
    assert.equal(stream.writtenBytes, before + end.length);
    assert.deepEqual([...bytes.subarray(before)], end);
  }
});

Deno.test("ArrowStream writes no text for rows without a value", async () => {
  const parts: Uint8Array[] = [];
  const stream = open((bytes) => parts.push(bytes.slice()));
  stream.append(sampleBatch(), 3);
  stream.finish();
  const table = tableFromIPC(await new Blob(parts as BlobPart[]).bytes());
  const offsets = (name: string) => [...table.getChild(name)!.data[0]!.valueOffsets as Int32Array];
  assert.deepEqual(offsets("source_ip"), [0, 8, 8, 8]);
  assert.deepEqual(offsets("protocol"), [0, 3, 6, 6]);
  const { values } = table.getChild("source_ip")!.data[0]!;
  const text = new TextDecoder().decode(values as Uint8Array).replace(/\0*$/, "");
  assert.equal(text, "10.0.0.1");
});

Deno.test("ArrowStream passes on what its writer throws", () => {
  assert.throws(
    () =>
      open(() => {
        throw new RangeError("no reader");
      }),
    /no reader/,
  );
});
