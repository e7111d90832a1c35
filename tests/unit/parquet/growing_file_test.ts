import assert from "node:assert/strict";
import { join } from "node:path";
import { DataFile, ERRNO, SystemError } from "../../../ffi/mod.ts";
import { finishGrowing, GrowingFile, lastTaken } from "../../../src/parquet/growing_file.ts";
import { growingPaths } from "../../../src/sinks/segments/segment_names.ts";
import { SegmentStore } from "../../../src/sinks/segments/segment_store.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { ATTACHMENTS, batchesOf, PACKETS, rowOf } from "../sinks/packets.ts";
import { assertRows, footerOf, readWithDuckDb, readWithHyparquet } from "../sinks/readers.ts";

/** Closed segments of 500 rows each, with all kinds of packets, and what they must hold. */
async function segmentsIn(directory: string, count: number) {
  const packets = Array.from({ length: 500 * count }, (_, index) => {
    return Object.values(PACKETS)[index % Object.values(PACKETS).length]!;
  });
  using store = await SegmentStore.create({
    directory,
    attachments: ATTACHMENTS,
    rowsPerSegment: 500,
    metadata: { host: "here" },
  });
  for (const { batch, rows } of batchesOf(packets)) store.append(batch, rows);
  return { segments: store.closed, expected: packets.map(rowOf) };
}

Deno.test("GrowingFile becomes a Parquet file of all segments as two readers read it", async () => {
  using directory = TempDirectory.create();
  const { segments, expected } = await segmentsIn(directory.path, 3);
  const paths = growingPaths(directory.path, 1);
  {
    using growing = GrowingFile.create(paths);
    assert.equal(growing.isEmpty, true);
    for (const segment of segments) growing.take(segment);
    assert.equal(growing.rows, 1500);
    assert.equal(growing.isEmpty, false);
  }
  const { rows, bytes, counts, workBytes } = finishGrowing(paths, { key: "value" });
  // Of the largest segment there are three for a moment: in the file, by itself, and in tails.
  const segmentBytes = Math.max(...segments.map(({ path }) => Deno.statSync(path).size));
  const ratio = (workBytes - Deno.statSync(paths.index).size) / segmentBytes;
  assert.ok(ratio > 0.5 && ratio < 2, `${ratio}`);
  assert.deepEqual([rows, bytes], [1500, Deno.statSync(paths.data).size]);
  const bytesOf = (name: string) =>
    expected.filter((row) => row.interface === name)
      .reduce((sum, row) => sum + Number(row.packet_length), 0);
  const rowsOf = (name: string) => expected.filter((row) => row.interface === name).length;
  assert.deepEqual(counts[0], [rowsOf("eth0"), bytesOf("eth0")]);
  assert.deepEqual(counts[7], [rowsOf("wlan0"), bytesOf("wlan0")]);
  assertRows(await readWithDuckDb(paths.data), expected);
  assertRows(await readWithHyparquet(paths.data), expected);
  const footer = footerOf(paths.data);
  assert.deepEqual(footer.key_value_metadata, [{ key: "key", value: "value" }]);
  assert.match(
    footer.created_by ?? "",
    /^xdp-inspector version \d+\.\d+\.\d+ \(DuckDB version v[^(]* \(build \w+\)\)$/,
  );
  // Once more: nothing has changed.
  assert.deepEqual(finishGrowing(paths, { key: "value" }), { rows, bytes, counts, workBytes });
});

Deno.test("GrowingFile.resume() goes on behind the last whole segment, whatever follows it", async () => {
  for (const damage of ["data", "index", "footer", "zeros", "lost data"] as const) {
    using directory = TempDirectory.create();
    const { segments, expected } = await segmentsIn(directory.path, 3);
    const paths = growingPaths(directory.path, 1);
    {
      using growing = GrowingFile.create(paths);
      for (const segment of segments.slice(0, 2)) growing.take(segment);
    }
    const append = (path: string, bytes: Uint8Array) =>
      Deno.writeFileSync(path, bytes, { append: true });
    let whole = 2;
    if (damage === "data") append(paths.data, new Uint8Array(1000).fill(7));
    if (damage === "index") append(paths.index, new TextEncoder().encode('{"segment":3,"rows":5'));
    if (damage === "zeros") append(paths.index, new Uint8Array(100));
    if (damage === "footer") finishGrowing(paths, {});
    if (damage === "lost data") {
      // After a power failure: what says that it is there was written, the data was not.
      Deno.truncateSync(paths.data, Deno.statSync(paths.data).size - 1);
      whole = 1;
    }
    assert.deepEqual(lastTaken(paths), { segment: whole, endRow: null }, damage);
    {
      using growing = GrowingFile.resume(paths);
      assert.equal(growing.rows, 500 * whole, damage);
      for (const segment of segments.slice(whole)) growing.take(segment);
    }
    assert.equal(finishGrowing(paths, {}).rows, 1500, damage);
    assertRows(await readWithDuckDb(paths.data), expected);
  }
});

Deno.test("GrowingFile.take() changes nothing when there is no room", async () => {
  using directory = TempDirectory.create();
  const { segments, expected } = await segmentsIn(directory.path, 2);
  const paths = growingPaths(directory.path, 1);
  using growing = GrowingFile.create(paths);
  growing.take(segments[0]!);
  const { copyFrom } = DataFile.prototype;
  DataFile.prototype.copyFrom = function (source, from, position, length) {
    copyFrom.call(this, source, from, position, length >> 1);
    throw new SystemError("copy a file", ERRNO.ENOSPC);
  };
  try {
    assert.throws(() => growing.take(segments[1]!), {
      name: "RunError",
      message: `Cannot write "${paths.data}": no space left on device`,
      hint: "Free space there, or choose another place with --output",
    });
  } finally {
    DataFile.prototype.copyFrom = copyFrom;
  }
  assert.equal(Deno.statSync(paths.data).size, growing.bytes);
  assert.equal(growing.rows, 500);
  growing.take(segments[1]!);
  assert.equal(finishGrowing(paths, {}).rows, 1000);
  assertRows(await readWithDuckDb(paths.data), expected);
});

Deno.test("GrowingFile.take() takes the space of the segment back where it is scarce", async () => {
  using directory = TempDirectory.create();
  const { segments, expected } = await segmentsIn(directory.path, 2);
  const paths = growingPaths(directory.path, 1);
  using growing = GrowingFile.create(paths);
  for (const segment of segments) growing.take(segment, true);
  assert.equal(finishGrowing(paths, {}).rows, 1000);
  assertRows(await readWithDuckDb(paths.data), expected);
  // Nothing of it is there any more.
  const whole = Deno.readFileSync(segments[0]!.path);
  assert.ok(whole.subarray(4096, 4096 + 100).every((byte) => byte === 0));
});

Deno.test("GrowingFile.sync() brings the data onto the disk before what says that it is there", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsIn(directory.path, 1);
  const paths = growingPaths(directory.path, 1);
  using growing = GrowingFile.create(paths);
  growing.take(segments[0]!);
  const synced: string[] = [];
  const { syncData } = DataFile.prototype;
  DataFile.prototype.syncData = function () {
    synced.push(this.shownPath);
    syncData.call(this);
  };
  try {
    growing.sync();
    growing.sync();
  } finally {
    DataFile.prototype.syncData = syncData;
  }
  assert.deepEqual(synced, [paths.data, paths.index].map((path) => Deno.realPathSync(path)));
});

Deno.test("GrowingFile.create() leaves nothing where it fails, so that it can be tried again", () => {
  using directory = TempDirectory.create();
  const paths = growingPaths(directory.path, 1);
  Deno.writeTextFileSync(paths.index, "somebody's");
  assert.throws(() => GrowingFile.create(paths), /file exists$/);
  assert.deepEqual(directory.list(), ["part-000001.index"]);
  assert.equal(Deno.readTextFileSync(paths.index), "somebody's");
  Deno.removeSync(paths.index);
  GrowingFile.create(paths)[Symbol.dispose]();
  assert.deepEqual(directory.list(), ["part-000001.data", "part-000001.index"]);
});

Deno.test("GrowingFile refuses a segment with other columns, and a name that is taken", async () => {
  using directory = TempDirectory.create();
  const { segments } = await segmentsIn(directory.path, 1);
  const paths = growingPaths(directory.path, 1);
  using growing = GrowingFile.create(paths);
  growing.take(segments[0]!);
  const other = join(directory.path, "other");
  using store = await SegmentStore.create({ directory: directory.path, attachments: ATTACHMENTS });
  store.writeOpen();
  Deno.copyFileSync(store.closed[0]!.path, other);
  // A file without rows has the same columns.
  growing.take({ path: other, number: 2, endRow: null, counts: [] });
  assert.equal(growing.rows, 500);
  assert.throws(() => GrowingFile.create(paths), { name: "RunError", message: /file exists$/ });
});
