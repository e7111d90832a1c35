import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../../src/core/errors.ts";
import { joinSegments } from "../../../src/parquet/join.ts";
import { SegmentStore } from "../../../src/sinks/segments/segment_store.ts";
import { ATTACHMENTS, batchesOf, type Packet, PACKETS, rowOf } from "../sinks/packets.ts";
import {
  assertRows,
  footerOf,
  query,
  readWithDuckDb,
  readWithHyparquet,
} from "../sinks/readers.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const KINDS = Object.values(PACKETS);

/** Stores `count` packets of every kind in turn, `rowsPerSegment` in each segment. */
async function segmentsOf(directory: string, count: number, rowsPerSegment: number) {
  const packets = Array.from({ length: count }, (_, index): Packet => KINDS[index % KINDS.length]!);
  using store = await SegmentStore.create({ directory, attachments: ATTACHMENTS, rowsPerSegment });
  for (const { batch, rows } of batchesOf(packets)) store.append(batch, rows);
  return { ...store.finish(), expected: packets.map(rowOf) };
}

for (
  const [count, rowsPerSegment, segmentCount] of [[3000, 5000, 1], [5000, 3000, 2], [
    9001,
    2000,
    5,
  ]] as const
) {
  Deno.test(`joinSegments() joins ${segmentCount} segments as two readers read them`, async () => {
    using directory = TempDirectory.create();
    const { segments, expected } = await segmentsOf(directory.path, count, rowsPerSegment);
    assert.equal(segments.length, segmentCount);
    const output = join(directory.path, "joined");
    const { rows, bytes } = joinSegments(segments, output, {});
    assert.equal(rows, count);
    assert.equal(bytes, Deno.statSync(output).size);
    assertRows(await readWithDuckDb(output), expected);
    assertRows(await readWithHyparquet(output), expected);
  });
}

Deno.test("joinSegments() makes a file without rows from a segment without rows", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 0, 1000);
  const output = join(directory.path, "joined");
  assert.equal(joinSegments(segments, output, { key: "value" }).rows, 0);
  assert.deepEqual(await readWithDuckDb(output), []);
  assert.deepEqual(await readWithHyparquet(output), []);
});

Deno.test("joinSegments() joins segments with and without rows", async () => {
  using directory = TempDirectory.create();
  const parts = await Promise.all([0, 7, 0, 5].map((count, index) => {
    const path = join(directory.path, String(index));
    Deno.mkdirSync(path);
    return segmentsOf(path, count, 1000);
  }));
  const output = join(directory.path, "joined");
  assert.equal(joinSegments(parts.flatMap(({ segments }) => segments), output, {}).rows, 12);
  const expected = parts.flatMap((part) => part.expected);
  assertRows(await readWithDuckDb(output), expected);
  assertRows(await readWithHyparquet(output), expected);
});

Deno.test("joinSegments() writes the metadata, and nothing but it", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 10, 5);
  const first = join(directory.path, "first");
  joinSegments(segments, first, { old: "from the segments" });
  const output = join(directory.path, "joined");
  const metadata = { host: "Zürich 東京 🦆", filter: "", "quote'\"": '{"a": [1]}' };
  joinSegments([first], output, metadata);
  const read = await query(
    "SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(?)",
    output,
  );
  assert.deepEqual(Object.fromEntries(read.map(({ key, value }) => [key, value])), metadata);
  const { key_value_metadata } = footerOf(output);
  assert.deepEqual(
    Object.fromEntries(key_value_metadata!.map(({ key, value }) => [key, value])),
    metadata,
  );
});

Deno.test("joinSegments() says who wrote the file and what encoded it", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 1, 5);
  const output = join(directory.path, "joined");
  joinSegments(segments, output, {});
  assert.match(
    footerOf(output).created_by ?? "",
    /^xdp-inspector version \d+\.\d+\.\d+ \(DuckDB version v.*\)$/,
  );
});

Deno.test("joinSegments() keeps statistics and sizes of every row group", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 5000, 2000);
  const output = join(directory.path, "joined");
  joinSegments(segments, output, {});
  const sql = `SELECT row_group_num_rows, row_group_bytes, path_in_schema, num_values, stats_min,
    stats_max, stats_null_count, encodings, compression, total_compressed_size,
    total_uncompressed_size, bloom_filter_length FROM parquet_metadata(?)`;
  const expected = (await Promise.all(segments.map((segment) => query(sql, segment)))).flat();
  assert.ok(expected.some(({ stats_min }) => stats_min === "192.0.2.1"));
  assert.deepEqual(await query(sql, output), expected);
});

Deno.test("joinSegments() keeps bloom filters where the footer says they are", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 4000, 2000);
  const output = join(directory.path, "joined");
  joinSegments(segments, output, {});
  const probe = (value: number) =>
    query(
      `SELECT bloom_filter_excludes AS excludes FROM parquet_bloom_probe(?, 'destination_port', ${value})`,
      output,
    );
  const excludes = async (value: number) => (await probe(value)).map((row) => row.excludes);
  assert.deepEqual(await excludes(65_535), [false, false]);
  assert.deepEqual(await excludes(80), [true, true]);
});

Deno.test("joinSegments() can join its own output", async () => {
  using directory = TempDirectory.create();
  const { segments, expected } = await segmentsOf(directory.path, 500, 200);
  const [one, two, both] = ["one", "two", "both"].map((name) => join(directory.path, name));
  joinSegments(segments.slice(0, 1), one!, {});
  joinSegments(segments.slice(1), two!, {});
  joinSegments([one!, two!], both!, {});
  assertRows(await readWithDuckDb(both!), expected);
});

Deno.test("joinSegments() refuses segments with different columns", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 10, 100);
  const other = join(directory.path, "other.parquet");
  await query(`COPY (SELECT 1 AS a) TO '${other}' (FORMAT parquet)`, "");
  assert.throws(
    () => joinSegments([...segments, other], join(directory.path, "joined"), {}),
    { name: "RunError", message: `Cannot read "${other}": its columns differ` },
  );
});

Deno.test("joinSegments() names a segment that is missing or damaged", async () => {
  using directory = TempDirectory.create();
  const { segments: [segment] } = await segmentsOf(directory.path, 10, 100);
  const whole = Deno.readFileSync(segment!);
  const path = join(directory.path, "damaged");
  let outputs = 0;
  const refuses = (reason: RegExp) =>
    assert.throws(() => joinSegments([path], join(directory.path, `${outputs++}`), {}), (error) => {
      assert.ok(error instanceof RunError, String(error));
      assert.ok(error.message.startsWith(`Cannot read "${path}": `), error.message);
      assert.match(error.message, reason);
      return true;
    });
  refuses(/no such file or directory$/);
  for (const length of [0, 4, 11, whole.length - 1]) {
    Deno.writeFileSync(path, whole.subarray(0, length));
    refuses(/not a Parquet file$/);
  }
  const longFooter = whole.slice();
  new DataView(longFooter.buffer).setUint32(whole.length - 8, whole.length, true);
  Deno.writeFileSync(path, longFooter);
  refuses(/not a Parquet file$/);
  const badFooter = whole.slice();
  badFooter.fill(0xff, whole.length - 200, whole.length - 8);
  Deno.writeFileSync(path, badFooter);
  refuses(/Cannot read Thrift data/);
});

Deno.test("joinSegments() names an output that cannot be written", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsOf(directory.path, 10, 100);
  // Not even through a link that somebody has put there.
  const link = join(directory.path, "link");
  Deno.symlinkSync("/dev/full", link);
  assert.throws(() => joinSegments(segments, link, {}), {
    name: "RunError",
    message: `Cannot write "${link}": file exists`,
  });
  const output = join(directory.path, "missing", "joined");
  assert.throws(() => joinSegments(segments, output, {}), {
    name: "RunError",
    message: `Cannot write "${output}": no such file or directory`,
  });
});
