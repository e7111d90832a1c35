import assert from "node:assert/strict";
import { join } from "node:path";
import { DataFile } from "../../../ffi/mod.ts";
import type { RunError } from "../../../src/core/errors.ts";
import { ParquetFile } from "../../../src/sinks/parquet_file.ts";
import type { ClosedPart } from "../../../src/sinks/row_sink.ts";
import { ROW_GROUP_ROWS } from "../../../src/sinks/segments/segment_encoder.ts";
import type { ParquetFilePlan } from "../../../src/sinks/sink_plan.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "./packets.ts";
import { footerOf } from "./readers.ts";

/** A file in the making, the time that it sees, and what it has said. */
class Rig implements Disposable {
  readonly directory = TempDirectory.create();
  readonly path = join(this.directory.path, "complete.parquet");
  readonly troubles: string[] = [];
  readonly parts: ClosedPart[] = [];
  resumed = 0;
  nowMs = 1000;
  readonly #now = performance.now;

  async open(plan: Partial<ParquetFilePlan> = {}): Promise<ParquetFile> {
    performance.now = () => this.nowMs;
    return await ParquetFile.open(
      { type: "parquet", workDirectory: this.directory.path, path: this.path, ...plan },
      { attachments: ATTACHMENTS, metadata: { "xdp_inspector.sample_rate": "10" } },
      {
        onTrouble: ({ message }: RunError) => this.troubles.push(message),
        onResumed: () => this.resumed++,
        onPart: (part) => this.parts.push(part),
        onSecond: () => {},
      },
    );
  }

  [Symbol.dispose](): void {
    performance.now = this.#now;
    this.directory[Symbol.dispose]();
  }
}

const [{ batch }] = batchesOf(Array.from({ length: 10_000 }, () => PACKETS.tcp4)) as [
  ReturnType<typeof batchesOf>[number],
];
const PACKET_BYTES = PACKETS.tcp4.batch.packetLength as number;

Deno.test("ParquetFile has full row groups, however often its rows were brought onto the disk", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000 });
  // As 10,000 packets in five seconds: a tenth of a row group.
  const turns = 100;
  let most = 0;
  for (let turn = 0; turn < turns; turn++) {
    file.append(batch, 10_000);
    const waitMs = file.tend();
    assert.ok(waitMs > 3000 && waitMs <= 5000, `${waitMs}`);
    rig.nowMs += waitMs;
    assert.equal(file.tend(), Infinity);
    most = Math.max(most, rig.directory.list().length);
  }
  assert.equal(file.finish(), turns * 10_000);
  file.complete({});
  const groups = footerOf(rig.path).row_groups.map(({ num_rows }) => Number(num_rows));
  assert.equal(groups.reduce((sum, rows) => sum + rows, 0), turns * 10_000);
  const needed = Math.ceil(turns * 10_000 / ROW_GROUP_ROWS);
  assert.ok(groups.length <= 1.2 * needed, `${groups.length} row groups, ${needed} needed`);
  assert.ok(most < 15, `${most} files at a time`);
  assert.deepEqual(rig.troubles, []);
});

Deno.test("ParquetFile says how large it is while its first row group still grows", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000 });
  let before = 0;
  for (let turn = 0; turn < 3; turn++) {
    file.append(batch, 3000);
    rig.nowMs += file.tend();
    file.tend();
    assert.ok(file.writtenBytes > before, `${file.writtenBytes} > ${before}`);
    before = file.writtenBytes;
  }
  const onDisk = rig.directory.list()
    .reduce((sum, name) => sum + Deno.statSync(rig.directory.file(name)).size, 0);
  assert.equal(before, onDisk);
  assert.equal(file.finish(), 9000);
});

Deno.test("ParquetFile brings nothing onto the disk when nothing came, or it is not to", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 0 });
  assert.equal(file.tend(), Infinity);
  file.append(batch, 10);
  assert.equal(file.tend(), Infinity);
  assert.deepEqual(rig.directory.list(), []);
});

Deno.test("ParquetFile that is to stop keeps what was on the disk and counts the rest", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000 });
  file.append(batch, 100);
  rig.nowMs += 5000;
  file.tend();
  file.append(batch, 20);
  // In the way of the segment, not of its tail.
  Deno.mkdirSync(join(rig.directory.path, "000001.parquet"));
  file.closeSegment();
  assert.equal(rig.troubles.length, 1);
  assert.match(rig.troubles[0]!, /000001\.parquet": is a directory$/);
  file.append(batch, 3);
  file.closeSegment();
  assert.equal(file.finish(), 100);
  assert.deepEqual(file.lost, [[23, 23 * PACKET_BYTES]]);
  assert.equal(rig.troubles.length, 1);
  file.complete({});
  assert.equal(Number(footerOf(rig.path).num_rows), 100);
});

Deno.test("ParquetFile that is to drop goes on as soon as it can, with all that it did not lose", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000, onError: "drop" });
  const inTheWay = join(rig.directory.path, "000001.tail-0-100");
  Deno.mkdirSync(inTheWay);
  file.append(batch, 100);
  rig.nowMs += 5000;
  file.tend();
  assert.equal(rig.troubles.length, 1);
  file.append(batch, 40);
  rig.nowMs += 5000;
  file.tend();
  assert.deepEqual([rig.troubles.length, rig.resumed], [1, 1]);
  file.append(batch, 2);
  assert.equal(file.finish(), 42);
  assert.deepEqual(file.lost, [[100, 100 * PACKET_BYTES]]);
  file.complete({});
  assert.equal(Number(footerOf(rig.path).num_rows), 42);
});

Deno.test("ParquetFile ends parts of a series at cuts and at their size, and says what each has", async () => {
  using rig = new Rig();
  using file = await rig.open({ series: { partBytes: 100_000 } });
  file.closeSegment();
  file.append(batch, 1000);
  file.closeSegment();
  // Taken for 24 bytes each, as long as nobody knows better.
  file.append(batch, 3000);
  file.append(batch, 10);
  assert.equal(file.finish(), 4010);
  assert.equal(file.complete({}), file.writtenBytes);
  const described = rig.parts.map(({ number, rows, counts, lost }) => [number, rows, counts, lost]);
  assert.deepEqual(described.slice(0, 2), [
    [1, 0, [], []],
    [2, 1000, [[1000, 1000 * PACKET_BYTES]], []],
  ]);
  assert.equal(rig.parts.reduce((sum, { rows }) => sum + rows, 0), 4010);
  assert.deepEqual(rig.parts.map(({ number }) => number), rig.parts.map((_, index) => index + 1));
});

Deno.test("ParquetFile ends a part by the size that its rows had before, once that is known", async () => {
  using rig = new Rig();
  using file = await rig.open({ series: { partBytes: 100_000 } });
  file.append(batch, 1000);
  file.closeSegment();
  // They are all the same, and take far less than 24 bytes.
  file.append(batch, 5000);
  assert.equal(rig.parts.length, 1);
});

Deno.test("ParquetFile.tend() waits from the first row on that a crash would cost", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000, series: { partBytes: 0 } });
  file.append(batch, 10);
  assert.equal(file.tend(), 4200);
  rig.nowMs += 1000;
  file.append(batch, 10);
  assert.equal(file.tend(), 3200);
  rig.nowMs += 3200;
  assert.equal(file.tend(), Infinity);
  file.append(batch, 10);
  assert.equal(file.tend(), 4200);
  // What has become a part is on the disk.
  file.closeSegment();
  assert.equal(file.tend(), Infinity);
  using other = new Rig();
  using hasty = await other.open({ flushMs: 500 });
  hasty.append(batch, 10);
  assert.equal(hasty.tend(), 200);
});

/** Names of the files that `action` brings onto the disk by a descriptor of its own. */
function synced(action: () => void): string[] {
  const { prototype } = DataFile;
  const { syncData } = prototype;
  const names: string[] = [];
  prototype.syncData = function () {
    names.push(Deno.readLinkSync(`/proc/self/fd/${this.fd}`).split("/").at(-1)!);
    syncData.call(this);
  };
  try {
    action();
  } finally {
    prototype.syncData = syncData;
  }
  return names;
}

Deno.test("ParquetFile brings onto the disk what it has taken in, and in the end the file", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000 });
  for (let left = ROW_GROUP_ROWS; left > 0; left -= 10_000) {
    file.append(batch, Math.min(left, 10_000));
  }
  rig.nowMs += 5000;
  const atOnce = synced(() => file.tend());
  // Room for the end is kept as well.
  assert.deepEqual(rig.directory.list(), ["part-000001.data", "part-000001.index", "reserve"]);
  for (const name of ["part-000001.data", "part-000001.index"]) {
    assert.ok(atOnce.includes(name), atOnce.join());
  }
  file.append(batch, 10);
  assert.equal(file.finish(), ROW_GROUP_ROWS + 10);
  assert.deepEqual(rig.directory.list(), ["part-000001.data", "part-000001.index"]);
  assert.deepEqual(synced(() => file.complete({})), ["part-000001.data"]);
  assert.deepEqual(rig.directory.list(), ["complete.parquet"]);
});

Deno.test("ParquetFile takes in a segment as soon as it is full, and leaves no tail of a part", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000, series: { partBytes: 0 } });
  const growing = ["part-000001.data", "part-000001.index"];
  for (let left = 4 * ROW_GROUP_ROWS; left > 0; left -= 10_000) {
    file.append(batch, Math.min(left, 10_000));
  }
  assert.deepEqual(rig.directory.list(), growing);
  file.append(batch, 10);
  rig.nowMs += 5000;
  file.tend();
  assert.ok(rig.directory.list().includes("000002.tail-0-10"), rig.directory.list().join());
  file.closeSegment();
  assert.deepEqual(rig.directory.list().filter((name) => name !== "reserve"), growing);
});

Deno.test("ParquetFile writes nothing more on a disk that has less room than has to stay free", async () => {
  const minFreeBytes = 2 ** 60;
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000, minFreeBytes });
  file.append(batch, 100);
  rig.nowMs += 5000;
  file.tend();
  assert.equal(rig.troubles.length, 1);
  assert.match(rig.troubles[0]!, /: only .* are free there, 1\.00 EiB are to stay free$/);
  assert.deepEqual(rig.directory.list(), []);
  assert.equal(file.finish(), 0);
  assert.deepEqual(file.lost, [[100, 100 * PACKET_BYTES]]);

  // What is in a segment already goes into its file at the end: it only moves.
  using other = new Rig();
  using part = await other.open({ series: { partBytes: 0 }, minFreeBytes });
  part.append(batch, 100);
  part.closeSegment();
  assert.equal(other.troubles.length, 1);
  assert.equal(part.finish(), 100);
  assert.deepEqual(part.lost, []);
});

Deno.test("ParquetFile counts each lost row once, in the part that lost it", async () => {
  for (const onError of ["drop", "stop"] as const) {
    using rig = new Rig();
    using file = await rig.open({ series: { partBytes: 0 }, onError });
    file.append(batch, 7);
    file.closeSegment();
    Deno.mkdirSync(join(rig.directory.path, "000002.parquet"));
    file.append(batch, 20);
    file.closeSegment();
    file.append(batch, 30);
    file.closeSegment();
    file.append(batch, 5);
    file.closeSegment();
    const before = rig.parts.length;
    assert.equal(file.finish(), onError === "drop" ? 42 : 7);
    const described = rig.parts.map(({ rows, lost }) => [rows, lost[0]?.[0] ?? 0]);
    assert.deepEqual(
      described,
      onError === "drop" ? [[7, 0], [30, 20], [5, 0], [0, 0]] : [[7, 0], [0, 55]],
    );
    assert.equal(before, rig.parts.length - 1);
    const lost = onError === "drop" ? 20 : 55;
    assert.deepEqual(file.lost, [[lost, lost * PACKET_BYTES]]);
  }
});

Deno.test("ParquetFile counts a segment as lost that it cannot take in at the end", async () => {
  using rig = new Rig();
  using file = await rig.open();
  for (const rows of [100, 20]) {
    file.append(batch, rows);
    file.closeSegment();
  }
  Deno.removeSync(join(rig.directory.path, "000002.parquet"));
  assert.equal(file.finish(), 100);
  assert.deepEqual(file.lost, [[20, 20 * PACKET_BYTES]]);
});

Deno.test("ParquetFile tells a trouble once, however long it lasts", async () => {
  using rig = new Rig();
  using file = await rig.open({ flushMs: 5000, onError: "drop" });
  for (const name of ["000001.tail-0-100", "000002.tail-0-40"]) {
    Deno.mkdirSync(join(rig.directory.path, name));
  }
  for (const rows of [100, 40, 2]) {
    file.append(batch, rows);
    rig.nowMs += 5000;
    file.tend();
  }
  assert.deepEqual([rig.troubles.length, rig.resumed], [1, 1]);
});
