import assert from "node:assert/strict";
import { join } from "node:path";
import { EVENT_FLAG } from "../../../../src/contract/record_layout.ts";
import { type ColumnName, COLUMNS } from "../../../../src/contract/columns.ts";
import { findOwnColumns } from "../../../../src/sinks/segments/own_columns.ts";
import { openFile, readParquetEnd } from "../../../../src/parquet/file_access.ts";
import { joinSegments } from "../../../../src/parquet/join.ts";
import { SegmentStore } from "../../../../src/sinks/segments/segment_store.ts";
import { StagingTable } from "../../../../src/sinks/segments/staging_table.ts";
import type { ThriftStruct } from "../../../../src/parquet/thrift_compact.ts";
import { UniformColumn } from "../../../../src/parquet/uniform_chunk.ts";
import { ATTACHMENTS, batchesOf, type Packet, PACKETS, rowOf } from "../packets.ts";
import { assertRows, footerOf, query, readWithDuckDb, readWithHyparquet } from "../readers.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const ROW_GROUP_ROWS = 122_880;

function repeat(packet: Packet, count: number): Packet[] {
  return new Array<Packet>(count).fill(packet);
}

/** A TCP packet with these sequence numbers. */
function tcpWith(tcpSequence: number, tcpAcknowledgment: number): Packet {
  const { batch, row } = PACKETS.tcp4;
  return {
    batch: { ...batch, tcpSequence, tcpAcknowledgment },
    row: { ...row, tcp_sequence: tcpSequence, tcp_acknowledgment: tcpAcknowledgment },
  };
}

/** Stores packets in one segment and returns its path. */
async function segmentOf(directory: string, packets: readonly Packet[]): Promise<string> {
  using store = await SegmentStore.create({ directory, attachments: ATTACHMENTS });
  for (const { batch, rows } of batchesOf(packets)) store.append(batch, rows);
  const { segments } = store.finish();
  assert.equal(segments.length, 1);
  return segments[0]!;
}

/** Columns of these packets that are not left to DuckDB, and their value. */
function ownColumns(packets: readonly Packet[]): Partial<Record<ColumnName, unknown>> {
  const table = new StagingTable(packets.length, ATTACHMENTS);
  for (const { batch, rows } of batchesOf(packets)) table.append(batch, 0, rows);
  return Object.fromEntries(
    findOwnColumns(table).map((column) => [
      column.name,
      column instanceof UniformColumn ? column.value : "values",
    ]),
  );
}

for (const [name, packet] of Object.entries(PACKETS)) {
  Deno.test(`findOwnColumns() finds every column of equal packets but the time: ${name}`, () => {
    const { timestamp: _, ...expected } = rowOf(packet, 0);
    assert.deepEqual(ownColumns(repeat(packet, 5000)), expected);
  });

  Deno.test(`uniform columns are read back by two readers: ${name}`, async () => {
    using directory = TempDirectory.create();
    const packets = repeat(packet, 5000);
    const path = await segmentOf(directory.path, packets);
    const expected = packets.map(rowOf);
    assertRows(await readWithDuckDb(path), expected);
    assertRows(await readWithHyparquet(path), expected);
  });
}

Deno.test("findOwnColumns() leaves columns to DuckDB that differ in one row, or are NULL in one", () => {
  const first = repeat(PACKETS.tcp4, 5000);
  const fragment: Packet = {
    batch: { ...PACKETS.tcp4.batch, flags: EVENT_FLAG.FRAGMENT },
    row: {},
  };
  assert.equal(ownColumns(first).is_fragment, false);
  assert.ok(!("is_fragment" in ownColumns([...first, fragment])));
  assert.ok(!("is_fragment" in ownColumns([fragment, ...first])));
  assert.ok("ip_version" in ownColumns([...first, fragment]));
  const mixed = ownColumns([...first, PACKETS.runt]);
  assert.deepEqual(Object.keys(mixed), [
    "direction",
    "interface",
    "vlan_id",
    "tcp_sequence",
    "tcp_acknowledgment",
    "icmp_type",
    "icmp_code",
  ]);
  assert.equal(mixed.tcp_sequence, "values");
});

Deno.test("findOwnColumns() leaves everything to DuckDB when there are no rows", () => {
  assert.deepEqual(findOwnColumns(new StagingTable(10, ATTACHMENTS)), []);
});

Deno.test("a segment has the schema that DuckDB gives to one without rows", async () => {
  using directory = TempDirectory.create();
  const schemas: unknown[] = [];
  for (const packets of [[], repeat(PACKETS.runt, 3), repeat(PACKETS.tcp4, 3)]) {
    const path = join(directory.path, String(schemas.length));
    Deno.mkdirSync(path);
    const sql = "SELECT * EXCLUDE (file_name) FROM parquet_schema(?)";
    schemas.push(await query(sql, await segmentOf(path, packets)));
  }
  assert.equal((schemas[0] as unknown[]).length, COLUMNS.length + 1);
  assert.deepEqual(schemas[1], schemas[0]);
  assert.deepEqual(schemas[2], schemas[0]);
});

Deno.test("the footer orders every column, and no column twice", async () => {
  using directory = TempDirectory.create();
  const path = await segmentOf(directory.path, repeat(PACKETS.tcp4, 3));
  using file = openFile(path, "read", { read: true });
  const { rest } = readParquetEnd(file).footer;
  const [schema, orders] = [rest.field_2, rest.field_7] as ThriftStruct[][];
  assert.equal(schema!.length, COLUMNS.length + 1);
  assert.equal(schema![0]!.field_5, COLUMNS.length);
  assert.equal(orders!.length, COLUMNS.length);
});

Deno.test("joinSegments() joins segments in which different columns are NULL or uniform", async () => {
  using directory = TempDirectory.create();
  const kinds = [
    [PACKETS.arp],
    [PACKETS.tcp4],
    [],
    [PACKETS.icmp6Elsewhere, PACKETS.runt],
    [PACKETS.laterFragment, tcpWith(5, 0xffff_ffff)],
    [PACKETS.runt],
  ];
  const segments: string[] = [];
  const packets: Packet[] = [];
  for (const kind of kinds) {
    const path = join(directory.path, String(segments.length));
    Deno.mkdirSync(path);
    const part = kind.flatMap((packet) => repeat(packet, 2500));
    segments.push(await segmentOf(path, part));
    packets.push(...part);
  }
  const output = join(directory.path, "joined");
  assert.equal(joinSegments(segments, output, {}).rows, packets.length);
  const timeless = (rows: readonly Record<string, unknown>[]) =>
    rows.map(({ timestamp: _, ...row }) => row);
  const expected = timeless(packets.map(rowOf));
  assertRows(timeless(await readWithDuckDb(output)), expected);
  assertRows(timeless(await readWithHyparquet(output)), expected);
});

Deno.test("a column that is NULL in one row group only, and one that is uniform there, are kept", async () => {
  using directory = TempDirectory.create();
  const packets = [
    ...repeat(PACKETS.arp, ROW_GROUP_ROWS),
    ...repeat(PACKETS.tcp4, ROW_GROUP_ROWS),
    tcpWith(1, 0xffff_ffff),
    PACKETS.arp,
  ];
  const path = await segmentOf(directory.path, packets);
  assert.deepEqual(
    footerOf(path).row_groups.map(({ num_rows }) => Number(num_rows)),
    [ROW_GROUP_ROWS, ROW_GROUP_ROWS, 2],
  );
  const sql = `SELECT protocol, tcp_sequence, tcp_acknowledgment, tcp_flags, source_ip, segments,
    count(*)::INTEGER AS count FROM read_parquet(?) GROUP BY ALL ORDER BY min(file_row_number)`;
  const tcp = { protocol: "TCP", tcp_flags: 0x18, source_ip: "192.0.2.1", segments: 45 };
  const arp = { protocol: "ARP", tcp_flags: null, source_ip: null, segments: 1 };
  assert.deepEqual(await query(sql.replace("(?)", "(?, file_row_number = true)"), path), [
    { ...arp, tcp_sequence: null, tcp_acknowledgment: null, count: ROW_GROUP_ROWS + 1 },
    { ...tcp, tcp_sequence: 0xffff_ffff, tcp_acknowledgment: 1, count: ROW_GROUP_ROWS },
    { ...tcp, tcp_sequence: 1, tcp_acknowledgment: 0xffff_ffff, count: 1 },
  ]);
  const rows = await readWithHyparquet(path);
  assert.deepEqual(rows[0], rowOf(PACKETS.arp, 0));
  assert.deepEqual(rows[ROW_GROUP_ROWS], rowOf(PACKETS.tcp4, ROW_GROUP_ROWS));
  assert.deepEqual(
    rows.slice(-2),
    packets.slice(-2).map((packet, index) => rowOf(packet, 2 * ROW_GROUP_ROWS + index)),
  );
});

Deno.test("sequence numbers of all sizes between other packets are read back by two readers", async () => {
  using directory = TempDirectory.create();
  let seed = 1;
  const random = () => seed = Math.imul(seed, 0x2545_f491) + 0x9e37_79b1 >>> 0;
  const packets = Array.from(
    { length: 10_000 },
    (_, index) =>
      index % 7 === 3 ? PACKETS.arp : tcpWith(random(), 0xffff_0000 + 1448 * index >>> 0),
  );
  const path = await segmentOf(directory.path, packets);
  const expected = packets.map(rowOf);
  assertRows(await readWithDuckDb(path), expected);
  assertRows(await readWithHyparquet(path), expected);
});

Deno.test("no difference of sequence numbers needs more than 32 bits", async () => {
  // Arrow's readers refuse blocks with a smallest difference of more.
  using directory = TempDirectory.create();
  const packets = Array.from(
    { length: 5000 },
    (_, index) => tcpWith(index % 2 ? 0xffff_fff0 : index, index),
  );
  const path = await segmentOf(directory.path, packets);
  const [metadata] = await query(
    `SELECT total_uncompressed_size::INTEGER AS bytes, encodings FROM parquet_metadata(?)
     WHERE path_in_schema = 'tcp_sequence'`,
    path,
  );
  assert.match(String(metadata!.encodings), /DELTA_BINARY_PACKED/);
  assert.ok(Number(metadata!.bytes) < 5000 * 2);
});

Deno.test("statistics say NULLs, smallest and largest value of every column", async () => {
  using directory = TempDirectory.create();
  const packets = [
    ...repeat(PACKETS.tcp4, 10),
    tcpWith(3, 0x9000_0000),
    tcpWith(0x8000_0000, 2),
    PACKETS.arp,
  ];
  const path = await segmentOf(directory.path, packets);
  const read = await query(
    `SELECT path_in_schema AS name, stats_min_value AS min, stats_max_value AS max,
     stats_null_count::INTEGER AS nulls FROM parquet_metadata(?)`,
    path,
  );
  const of = (name: ColumnName) => {
    const { name: _, ...statistics } = read.find((column) => column.name === name)!;
    return statistics;
  };
  assert.deepEqual(read.map(({ name }) => name), COLUMNS.map(({ name }) => name));
  assert.deepEqual(of("vlan_id"), { min: null, max: null, nulls: 13 });
  assert.deepEqual(of("direction"), { min: "ingress", max: "ingress", nulls: 0 });
  assert.deepEqual(of("tcp_sequence"), { min: "3", max: "4294967295", nulls: 1 });
  assert.deepEqual(of("tcp_acknowledgment"), { min: "1", max: "2415919104", nulls: 1 });
});

Deno.test("sizes in the footer add up to the sizes of the chunks", async () => {
  using directory = TempDirectory.create();
  const path = await segmentOf(directory.path, [...repeat(PACKETS.tcp4, 5000), tcpWith(1, 2)]);
  for (const { columns, total_byte_size, total_compressed_size } of footerOf(path).row_groups) {
    const sum = (key: "total_compressed_size" | "total_uncompressed_size") =>
      columns.reduce((total, { meta_data }) => total + meta_data![key], 0n);
    assert.equal(total_byte_size, sum("total_uncompressed_size"));
    assert.equal(total_compressed_size, sum("total_compressed_size"));
  }
});

Deno.test("filters on uniform columns find their rows", async () => {
  using directory = TempDirectory.create();
  const path = await segmentOf(directory.path, repeat(PACKETS.tcp4, 5000));
  const count = async (condition: string) =>
    (await query(`SELECT count(*)::INTEGER AS n FROM read_parquet(?) WHERE ${condition}`, path))[0]!
      .n;
  assert.equal(
    await count("destination_port = 65535 AND protocol = 'TCP' AND NOT is_fragment"),
    5000,
  );
  assert.equal(await count("tcp_sequence = 4294967295 AND packet_length = 4000000000"), 5000);
  assert.equal(await count("destination_port = 80"), 0);
  assert.equal(await count("vlan_id IS NULL"), 5000);
  assert.equal(await count("is_fragment OR source_ip = '192.0.2.2' OR vlan_id = 0"), 0);
});
