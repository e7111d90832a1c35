import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../../../src/core/errors.ts";
import { COLUMNS } from "../../../../src/contract/columns.ts";
import { SegmentStore } from "../../../../src/sinks/segments/segment_store.ts";
import { watchSyncs } from "../../../support/sync_calls.ts";
import { ATTACHMENTS, batchesOf, type Packet, PACKETS, rowOf } from "../packets.ts";
import { assertRows, footerOf, query, readWithDuckDb, readWithHyparquet } from "../readers.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

interface StoreCase {
  readonly directory: string;
  readonly packets: readonly Packet[];
  readonly rowsPerSegment?: number;
  readonly rowsPerBatch?: number;
}

/** Stores packets and returns the segments. */
async function store({ directory, packets, rowsPerSegment, rowsPerBatch }: StoreCase) {
  using segments = await SegmentStore.create({
    directory,
    attachments: ATTACHMENTS,
    ...(rowsPerSegment !== undefined && { rowsPerSegment }),
  });
  for (const { batch, rows } of batchesOf(packets, rowsPerBatch)) {
    segments.append(batch, rows);
  }
  return segments.finish();
}

function repeat(packets: readonly Packet[], count: number): Packet[] {
  return Array.from({ length: count }, (_, index) => packets[index % packets.length]!);
}

/** A TCP packet from one of 2^24 source addresses. */
function tcpFrom(host: number): Packet {
  const sourceAddress = [10, host >> 16 & 0xff, host >> 8 & 0xff, host & 0xff];
  return {
    batch: { ...PACKETS.tcp4.batch, sourceAddress },
    row: { ...PACKETS.tcp4.row, source_ip: sourceAddress.join(".") },
  };
}

for (const [name, packet] of Object.entries(PACKETS)) {
  Deno.test(`SegmentStore writes every column of a packet: ${name}`, async () => {
    using directory = TempDirectory.create();
    const { segments, rows } = await store({ directory: directory.path, packets: [packet] });
    assert.equal(rows, 1);
    assert.deepEqual(await readWithDuckDb(segments[0]!), [rowOf(packet, 0)]);
  });
}

Deno.test("SegmentStore writes mixed packets over several chunks as two readers read them", async () => {
  using directory = TempDirectory.create();
  // Chunks of DuckDB have 2,048 rows: some of one kind only, some mixed, and a partial one.
  const packets = [
    ...repeat([PACKETS.arp], 2048),
    ...repeat(Object.values(PACKETS), 2 * 2048),
    ...repeat([PACKETS.tcp4], 2048),
    ...repeat([PACKETS.runt], 2048),
    ...repeat(Object.values(PACKETS).toReversed(), 777),
  ];
  const { segments } = await store({ directory: directory.path, packets, rowsPerBatch: 5000 });
  const expected = packets.map(rowOf);
  assert.equal(segments.length, 1);
  assertRows(await readWithDuckDb(segments[0]!), expected);
  assertRows(await readWithHyparquet(segments[0]!), expected);
});

Deno.test("SegmentStore writes the columns and types of the schema", async () => {
  using directory = TempDirectory.create();
  const { segments } = await store({
    directory: directory.path,
    packets: Object.values(PACKETS),
  });
  const described = await query(
    `SELECT column_name AS name, column_type AS type
     FROM (DESCRIBE SELECT * FROM read_parquet('${segments[0]}'))`,
    segments[0]!,
  );
  assert.deepEqual(described, COLUMNS.map(({ name, type }) => ({ name, type })));
});

Deno.test("SegmentStore has the same schema with values, without values, and without rows", async () => {
  using directory = TempDirectory.create();
  const schemas: unknown[] = [];
  for (const packets of [Object.values(PACKETS), [PACKETS.runt], []]) {
    const path = join(directory.path, String(schemas.length));
    Deno.mkdirSync(path);
    const { segments } = await store({ directory: path, packets });
    schemas.push(footerOf(segments[0]!).schema);
  }
  assert.deepEqual(schemas[1], schemas[0]);
  assert.deepEqual(schemas[2], schemas[0]);
});

Deno.test("SegmentStore cuts segments at the limit, in the middle of a batch", async () => {
  using directory = TempDirectory.create();
  const packets = repeat(Object.values(PACKETS), 10_000);
  const { segments, rows } = await store({
    directory: directory.path,
    packets,
    rowsPerSegment: 3000,
    rowsPerBatch: 4000,
  });
  assert.equal(rows, 10_000);
  assert.deepEqual(
    segments,
    ["000001", "000002", "000003", "000004"].map((name) => join(directory.path, `${name}.parquet`)),
  );
  const all = await Promise.all(segments.map(readWithDuckDb));
  assert.deepEqual(all.map((part) => part.length), [3000, 3000, 3000, 1000]);
  assertRows(all.flat(), packets.map(rowOf));
});

Deno.test("SegmentStore closes a segment that a flood of addresses would make slow", async () => {
  using directory = TempDirectory.create();
  const packets = Array.from({ length: 140_000 }, (_, index) => tcpFrom(index));
  const { segments, rows } = await store({ directory: directory.path, packets });
  assert.equal(rows, packets.length);
  const counts = segments.map((segment) => Number(footerOf(segment).num_rows));
  assert.ok(segments.length >= 3, `${segments.length} segments`);
  assert.ok(counts.slice(0, -1).every((count) => count >= 49_151), counts.join());
  const [distinct] = await query(
    `SELECT count(*)::INTEGER AS rows, count(DISTINCT source_ip)::INTEGER AS sources
     FROM read_parquet(?)`,
    join(directory.path, "*.parquet"),
  );
  assert.deepEqual(distinct, { rows: packets.length, sources: packets.length });
  const last = await readWithDuckDb(segments.at(-1)!);
  assert.deepEqual(last.at(-1), rowOf(packets.at(-1)!, packets.length - 1));
});

for (const hosts of [1, 255, 256, 257, 10_000]) {
  Deno.test(`SegmentStore writes a dictionary of ${hosts} addresses`, async () => {
    using directory = TempDirectory.create();
    const packets = Array.from({ length: hosts + 10 }, (_, index) => tcpFrom(index % hosts));
    const { segments } = await store({ directory: directory.path, packets });
    const rows = await readWithDuckDb(segments[0]!);
    assertRows(rows.map((row) => row.source_ip), packets.map(({ row }) => row.source_ip));
  });
}

Deno.test("SegmentStore.finish() yields one segment without rows when there were none", async () => {
  using directory = TempDirectory.create();
  const { segments, rows } = await store({ directory: directory.path, packets: [] });
  assert.equal(rows, 0);
  assert.equal(segments.length, 1);
  assert.deepEqual(await readWithDuckDb(segments[0]!), []);
});

Deno.test("SegmentStore.finish() adds no empty segment behind a full one", async () => {
  using directory = TempDirectory.create();
  const packets = repeat([PACKETS.tcp4], 2000);
  const { segments } = await store({ directory: directory.path, packets, rowsPerSegment: 1000 });
  assert.equal(segments.length, 2);
});

Deno.test("SegmentStore.closeSegment() writes what is there, and nothing when nothing is", async () => {
  using directory = TempDirectory.create();
  using segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
  });
  segments.closeSegment();
  assert.equal(segments.writtenBytes, 0);
  const [{ batch, rows }] = batchesOf([PACKETS.tcp4, PACKETS.arp]) as [
    ReturnType<typeof batchesOf>[number],
  ];
  segments.append(batch, rows);
  segments.closeSegment();
  const path = join(directory.path, "000001.parquet");
  assert.equal(segments.writtenBytes, Deno.statSync(path).size);
  segments.append(batch, 1);
  const finished = segments.finish();
  assert.equal(finished.rows, 3);
  assert.equal((await readWithDuckDb(finished.segments[1]!)).length, 1);
});

/** Name of the file with this inode in a directory; "" = the directory itself. */
function nameOf(directory: string, inode: number | null): string {
  const names = ["", ...Array.from(Deno.readDirSync(directory), ({ name }) => name)];
  const found = names.find((name) => Deno.statSync(join(directory, name)).ino === inode);
  return found ?? assert.fail(`inode ${inode} is not in "${directory}"`);
}

Deno.test("SegmentStore.closeSegment() brings complete segments, then their directory, onto the disk", async () => {
  using directory = TempDirectory.create();
  using segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
    rowsPerSegment: 2,
  });
  const append = (packets: readonly Packet[]) => {
    for (const { batch, rows } of batchesOf(packets)) segments.append(batch, rows);
  };
  const close = () => {
    const synced: string[] = [];
    watchSyncs(({ inode }) => {
      // A name that a file gets afterwards would not be on the disk.
      const name = nameOf(directory.path, inode);
      if (name !== "") footerOf(join(directory.path, name));
      synced.push(name);
    }, () => segments.closeSegment());
    return synced;
  };
  assert.deepEqual(close(), []);
  append(repeat([PACKETS.tcp4], 5));
  assert.deepEqual(close(), ["000001.parquet", "000002.parquet", "000003.parquet", ""]);
  assert.deepEqual(close(), []);
  // Full, and so written before it is closed.
  append(repeat([PACKETS.arp], 2));
  assert.deepEqual(close(), ["000004.parquet", ""]);
});

Deno.test("SegmentStore.closeSegment() fails when the disk does", async () => {
  using directory = TempDirectory.create();
  using segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
  });
  for (const { batch, rows } of batchesOf([PACKETS.arp])) segments.append(batch, rows);
  const breakDown = () => {
    throw new RangeError("the disk is broken");
  };
  assert.throws(() => watchSyncs(breakDown, () => segments.closeSegment()), /the disk is broken/);
});

Deno.test("SegmentStore.writtenBytes counts all closed segments", async () => {
  using directory = TempDirectory.create();
  using segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
    rowsPerSegment: 2,
  });
  const onDisk = () =>
    Array.from(Deno.readDirSync(directory.path))
      .reduce((sum, { name }) => sum + Deno.statSync(join(directory.path, name)).size, 0);
  const counted: number[] = [];
  for (const { batch, rows } of batchesOf(repeat(Object.values(PACKETS), 6), 2)) {
    segments.append(batch, rows);
    counted.push(segments.writtenBytes);
    assert.equal(segments.writtenBytes, onDisk());
  }
  assert.deepEqual(counted, [...new Set(counted)].sort((a, b) => a - b));
  assert.equal(counted.length, 3);
});

Deno.test("SegmentStore.append() copies: the batch may change afterwards", async () => {
  using directory = TempDirectory.create();
  using segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
  });
  const [{ batch, rows }] = batchesOf([PACKETS.tcp4]) as [ReturnType<typeof batchesOf>[number]];
  segments.append(batch, rows);
  new Uint8Array(batch.timestamp.buffer).fill(0xff);
  const finished = segments.finish();
  assert.deepEqual(await readWithDuckDb(finished.segments[0]!), [rowOf(PACKETS.tcp4, 0)]);
});

Deno.test("SegmentStore.append() refuses a packet that no attachment has seen", async () => {
  using directory = TempDirectory.create();
  const stranger: Packet = { batch: { attachment: 3 }, row: {} };
  await assert.rejects(
    store({ directory: directory.path, packets: [stranger] }),
    /Cannot store a packet of attachment 3/,
  );
});

Deno.test("SegmentStore writes into a directory whose name needs quoting", async () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, `it's "é" ;*[x]`);
  Deno.mkdirSync(path);
  const { segments } = await store({ directory: path, packets: [PACKETS.arp] });
  assert.deepEqual(Array.from(Deno.readDirSync(path), ({ name }) => name), ["000001.parquet"]);
  assert.deepEqual(await readWithHyparquet(segments[0]!), [rowOf(PACKETS.arp, 0)]);
});

Deno.test("SegmentStore.finish() names the file that cannot be written", async () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "gone");
  Deno.mkdirSync(path);
  using segments = await SegmentStore.create({ directory: path, attachments: ATTACHMENTS });
  Deno.removeSync(path);
  assert.throws(() => segments.finish(), (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(
      error.message,
      `Cannot write "${join(path, "000001.parquet")}": no such file or directory`,
    );
    assert.match(error.hint ?? "", /--output/);
    return true;
  });
});

Deno.test("SegmentStore gives a segment its name when it is complete, and leaves no part of one", async () => {
  using directory = TempDirectory.create();
  const names = () => Array.from(Deno.readDirSync(directory.path), ({ name }) => name).sort();
  using segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
  });
  const [{ batch, rows }] = batchesOf([PACKETS.tcp4]) as [ReturnType<typeof batchesOf>[number]];
  segments.append(batch, rows);
  // What is written under the other name goes through this link, and the link then takes the segment's
  // name: that is to be seen afterwards, without a race with the writer.
  using elsewhere = TempDirectory.create();
  const written = join(elsewhere.path, "written");
  Deno.symlinkSync(written, join(directory.path, "000001.parquet.unfinished"));
  segments.closeSegment();
  assert.equal(Deno.readLinkSync(join(directory.path, "000001.parquet")), written);
  footerOf(join(directory.path, "000001.parquet"));
  assert.deepEqual(names(), ["000001.parquet"]);
  // A directory in the way of the next one.
  Deno.mkdirSync(join(directory.path, "000002.parquet"));
  segments.append(batch, rows);
  assert.throws(() => segments.closeSegment(), (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.match(error.message, /^Cannot write ".*000002\.parquet": is a directory$/);
    return true;
  });
  assert.deepEqual(names(), ["000001.parquet", "000002.parquet"]);
});

Deno.test("SegmentStore.close() can be called twice", async () => {
  using directory = TempDirectory.create();
  const segments = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
  });
  segments.close();
  segments.close();
});

/** Tails in a directory, by the rows that they hold. */
function tailsIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name)
    .filter((name) => name.includes(".tail-")).sort();
}

Deno.test("SegmentStore.secure() brings new rows onto the disk, in files that tell all about them", async () => {
  using directory = TempDirectory.create();
  const metadata = { "xdp_inspector.sample_rate": "10", "xdp_inspector.schema_version": "1" };
  using store = await SegmentStore.create({
    directory: directory.path,
    attachments: ATTACHMENTS,
    metadata,
  });
  const packets = repeat(Object.values(PACKETS), 700);
  const batches = batchesOf(packets, 100);
  const held: string[] = [];
  for (const { batch, rows } of batches) {
    store.append(batch, rows);
    assert.equal(store.endangeredRows, rows);
    store.secure();
    assert.equal(store.endangeredRows, 0);
    store.secure();
    for (const path of store.takeSuperseded()) Deno.removeSync(path);
    held.push(tailsIn(directory.path).map((name) => name.slice("000001.tail-".length)).join());
  }
  // Each is at least as large as the next, so there are few of them.
  assert.deepEqual(held, [
    "0-100",
    "0-200",
    "0-200,200-300",
    "0-400",
    "0-400,400-500",
    "0-400,400-600",
    "0-400,400-600,600-700",
  ]);
  const tails = tailsIn(directory.path).map((name) => join(directory.path, name));
  const rows = (await Promise.all(tails.map(readWithDuckDb))).flat();
  assertRows(rows, packets.map(rowOf));
  assertRows((await Promise.all(tails.map(readWithHyparquet))).flat(), packets.map(rowOf));
  for (const tail of tails) {
    const { key_value_metadata: pairs } = footerOf(tail);
    const found = Object.fromEntries(pairs!.map(({ key, value }) => [key, value]));
    const { "xdp_inspector.segment_counts": counts, ...rest } = found;
    assert.deepEqual(rest, metadata);
    const total = JSON.parse(counts!).reduce((sum: number, one: [number]) => sum + one[0], 0);
    assert.equal(total, Number(footerOf(tail).num_rows));
  }
  store.closeSegment();
  assert.deepEqual(store.takeSuperseded(), tails);
  assertRows(await readWithDuckDb(join(directory.path, "000001.parquet")), packets.map(rowOf));
});

Deno.test("SegmentStore.secure() closes a segment whose row groups are nearly full", async () => {
  using directory = TempDirectory.create();
  using store = await SegmentStore.create({ directory: directory.path, attachments: ATTACHMENTS });
  const [{ batch }] = batchesOf(repeat([PACKETS.tcp4], 10_000)) as [
    ReturnType<typeof batchesOf>[number],
  ];
  for (let rows = 0; rows < 100_000; rows += 10_000) store.append(batch, 10_000);
  store.secure();
  assert.deepEqual(tailsIn(directory.path), ["000001.tail-0-100000"]);
  for (let rows = 0; rows < 20_000; rows += 10_000) store.append(batch, 10_000);
  store.secure();
  assert.deepEqual([store.openRows, store.closed.length], [0, 1]);
});

Deno.test("SegmentStore.discard() loses only what is not on the disk", async () => {
  using directory = TempDirectory.create();
  using store = await SegmentStore.create({ directory: directory.path, attachments: ATTACHMENTS });
  for (const { batch, rows } of batchesOf(repeat([PACKETS.tcp4], 30), 10)) {
    store.append(batch, rows);
    if (store.openRows === 20) store.secure();
  }
  const length = PACKETS.tcp4.batch.packetLength as number;
  assert.deepEqual(store.discard(), [[10, 10 * length]]);
  assert.deepEqual(
    store.closed.map(({ number, endRow, counts }) => ({ number, endRow, counts })),
    [{ number: 1, endRow: 20, counts: [[20, 20 * length]] }],
  );
  assert.equal(store.openRows, 0);
});

Deno.test("SegmentStore.newAddresses counts what each segment has to write out, in all four columns", async () => {
  using directory = TempDirectory.create();
  using store = await SegmentStore.create({ directory: directory.path, attachments: ATTACHMENTS });
  const sources = Array.from({ length: 300 }, (_, number): Packet => ({
    ...PACKETS.tcp4,
    batch: { ...PACKETS.tcp4.batch, sourceAddress: [192, 0, number >> 8, number & 0xff] },
  }));
  const append = () => {
    for (const { batch, rows } of batchesOf(sources)) store.append(batch, rows);
  };
  append();
  // Two MAC addresses and a destination beside them.
  assert.equal(store.newAddresses, 303);
  append();
  assert.equal(store.newAddresses, 303);
  store.writeOpen();
  append();
  assert.equal(store.newAddresses, 606);
});
