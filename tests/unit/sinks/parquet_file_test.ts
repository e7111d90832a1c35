import assert from "node:assert/strict";
import { join } from "node:path";
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
  file.finish();
  const described = rig.parts.map(({ number, rows, counts, lost }) => [number, rows, counts, lost]);
  assert.deepEqual(described.slice(0, 2), [
    [1, 0, [], []],
    [2, 1000, [[1000, 1000 * PACKET_BYTES]], []],
  ]);
  assert.equal(rig.parts.reduce((sum, { rows }) => sum + rows, 0), 4010);
  assert.deepEqual(rig.parts.map(({ number }) => number), rig.parts.map((_, index) => index + 1));
});
