/** What `recover` makes of what a killed recorder has left: each case is laid out by hand. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DataFile, FileDescriptor } from "../../../../ffi/mod.ts";
import { RunError } from "../../../../src/core/errors.ts";
import { type OpenPart, processStartTime } from "../../../../src/contract/recording_state.ts";
import { finishGrowing, GrowingFile } from "../../../../src/parquet/growing_file.ts";
import { recoverPath, type Recovery } from "../../../../src/sinks/recovery/recover_path.ts";
import { closedName, growingPaths } from "../../../../src/sinks/segments/segment_names.ts";
import { SegmentStore } from "../../../../src/sinks/segments/segment_store.ts";
import { openDescriptors } from "../../../support/open_descriptors.ts";
import { openedDirectory } from "../../../support/opened_directory.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "../packets.ts";
import { footerOf } from "../readers.ts";

const METADATA = {
  "xdp_inspector.schema_version": "1",
  "xdp_inspector.sample_rate": "10",
  "xdp_inspector.attachments": '[{"slot":0,"interface":"eth0"},{"slot":7,"interface":"wlan0"}]',
};
const [{ batch }] = batchesOf(
  Array.from({ length: 100 }, (_, row) => row % 5 === 4 ? PACKETS.icmp6Elsewhere : PACKETS.tcp4),
) as [ReturnType<typeof batchesOf>[number]];

/** A directory with the hidden one of a recorder of `x.parquet` that was killed. */
class Rig implements Disposable {
  readonly directory = TempDirectory.create();
  readonly work: string;

  constructor(output = "x.parquet") {
    this.work = this.hidden(output);
  }

  hidden(output: string): string {
    const path = this.directory.file(`.${output}.xdp-inspector-0000000a`);
    Deno.mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** What the recorder has said of itself. */
  tell(parts: readonly OpenPart[]): void {
    const text = JSON.stringify({ pid: 1, startTime: "0", parts });
    Deno.writeTextFileSync(join(this.work, "recording.json"), text);
  }

  /** Segments, and a tail for each of the last numbers. */
  async write(segments: readonly number[], tails: readonly number[] = []): Promise<void> {
    using store = await SegmentStore.create({
      directory: this.work,
      attachments: ATTACHMENTS,
      metadata: METADATA,
    });
    for (const rows of segments) {
      store.append(batch, rows);
      store.writeOpen();
    }
    for (const rows of tails) {
      store.append(batch, rows);
      store.secure();
    }
  }

  /** Takes a segment into the file in the making, as the recorder does. */
  take(part: number, segment: number): void {
    const path = join(this.work, `${String(segment).padStart(6, "0")}.parquet`);
    using growing = GrowingFile.create(growingPaths(this.work, part));
    growing.take({ path, number: segment, endRow: null, counts: [[80, 800], null] });
    Deno.removeSync(path);
  }

  /** The same, and the file has its footer. */
  close(part: number, segment: number): void {
    this.take(part, segment);
    const paths = growingPaths(this.work, part);
    finishGrowing(paths, METADATA);
    Deno.renameSync(paths.data, join(this.work, closedName(part)));
    Deno.removeSync(paths.index);
  }

  recover(name = ""): Recovery[] {
    return [...recoverPath(join(this.directory.path, name))];
  }

  /** Files of what was recovered: names, and rows as told and as they are. */
  filesOf(recovery: Recovery | undefined): (readonly [string, number])[] {
    assert.equal(recovery?.kind, "recovered");
    return recovery.files.map(({ path, rows }) => {
      assert.equal(Number(footerOf(path).num_rows), rows);
      return [path.slice(this.directory.path.length + 1), rows] as const;
    });
  }

  metadata(name: string): Record<string, string> {
    const pairs = footerOf(this.directory.file(name)).key_value_metadata!;
    return Object.fromEntries(pairs.map(({ key, value }) => [key, value!]));
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }
}

Deno.test("recoverPath() makes one file of what was taken in, of segments and of tails, and says what is known", async () => {
  using rig = new Rig();
  await rig.write([100, 20], [10]);
  rig.take(1, 1);
  const known = { ...METADATA, "xdp_inspector.started": "then" };
  rig.tell([{ number: 1, name: "named.parquet", metadata: known }]);
  const [one, ...others] = rig.recover();
  assert.deepEqual([rig.filesOf(one), others], [[["named.parquet", 130]], []]);
  assert.deepEqual(rig.directory.list(), ["named.parquet"]);
  assert.equal(Deno.statSync(rig.directory.file("named.parquet")).mode! & 0o7777, 0o600);
  const { "xdp_inspector.recovered": recovered, ...metadata } = rig.metadata("named.parquet");
  assert.match(recovered!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  assert.equal(metadata["xdp_inspector.started"], "then");
  assert.equal(metadata["xdp_inspector.segment_counts"], undefined);
  const attachments: {
    end_reason: string;
    counters: { packets_captured: number; bytes_captured: number };
  }[] = JSON.parse(metadata["xdp_inspector.attachments"]!);
  // 80 by the index of what was taken in; of the others four of five, and one.
  assert.deepEqual(
    attachments.map(({ end_reason, counters }) => [end_reason, counters.packets_captured]),
    [["crashed", 80 + 24], ["crashed", 6]],
  );
  const bytes = attachments.map(({ counters }) => counters.bytes_captured);
  // The packets have 4,000,000,000 and 90 bytes; the index says 800 of all that were taken in.
  assert.deepEqual(bytes, [800 + 24 * 4_000_000_000, 6 * 90]);
  assert.deepEqual(JSON.parse(metadata["xdp_inspector.counters"]!), {
    packets_captured: 110,
    bytes_captured: bytes[0]! + bytes[1]!,
  });
});

Deno.test("recoverPath() takes name and metadata from the output and the segments where nobody has told them", async () => {
  using rig = new Rig();
  await rig.write([20]);
  assert.deepEqual(rig.filesOf(rig.recover()[0]), [["x.parquet", 20]]);
  const metadata = rig.metadata("x.parquet");
  assert.equal(metadata["xdp_inspector.sample_rate"], "10");
  assert.equal(metadata["xdp_inspector.segment_counts"], undefined);
});

Deno.test("recoverPath() takes no name that is taken", async () => {
  const names = ["x.parquet", "x-recovered.parquet", "x-recovered-2.parquet"];
  for (const [index, name] of names.entries()) {
    using rig = new Rig();
    for (const taken of names.slice(0, index)) {
      Deno.writeTextFileSync(rig.directory.file(taken), "");
    }
    await rig.write([5]);
    assert.deepEqual(rig.filesOf(rig.recover()[0]), [[name, 5]]);
  }
});

Deno.test("recoverPath() gives each file of a series its name and its rows, and the rest to the last", async () => {
  using rig = new Rig();
  await rig.write([100, 50, 20], [10]);
  rig.close(2, 1);
  rig.take(3, 2);
  const names = [2, 3].map((number) => {
    return { number, name: `eth0-${number}.parquet`, metadata: METADATA };
  });
  rig.tell(names);
  assert.deepEqual(rig.filesOf(rig.recover()[0]), [["eth0-2.parquet", 100], [
    "eth0-3.parquet",
    80,
  ]]);

  // A growing file that is not the last takes nothing of what comes behind.
  using two = new Rig();
  await two.write([100, 50, 20]);
  two.take(1, 1);
  two.take(2, 2);
  assert.deepEqual(two.filesOf(two.recover()[0]), [["x.parquet", 100], ["x-2.parquet", 70]]);

  // One that has tails only; and one behind a file that is closed.
  using only = new Rig();
  await only.write([], [10]);
  only.tell([{ number: 5, name: "eth0-5.parquet", metadata: METADATA }]);
  assert.deepEqual(only.filesOf(only.recover()[0]), [["eth0-5.parquet", 10]]);
  using behind = new Rig();
  await behind.write([100], [10]);
  behind.close(1, 1);
  assert.deepEqual(behind.filesOf(behind.recover()[0]), [["x.parquet", 100], ["x-2.parquet", 10]]);
});

Deno.test("recoverPath() puts a file into the directories of its name, and never elsewhere", async () => {
  for (
    const [name, found] of [
      ["host=a/date=b/e.parquet", "host=a/date=b/e.parquet"],
      ["host=gone/e.parquet", "e.parquet"],
      ["../e.parquet", "e.parquet"],
    ] as const
  ) {
    using rig = new Rig();
    Deno.mkdirSync(rig.directory.file("host=a/date=b"), { recursive: true });
    await rig.write([5]);
    rig.tell([{ number: 1, name, metadata: METADATA }]);
    assert.deepEqual(rig.filesOf(rig.recover()[0]), [[found, 5]]);
    assert.deepEqual(openDescriptors(new RegExp(rig.directory.path)), []);
  }
});

Deno.test("recoverPath() gives what was finished its name, and looks at nothing else", async () => {
  using rig = new Rig();
  await rig.write([100, 50]);
  rig.close(1, 1);
  Deno.renameSync(join(rig.work, closedName(1)), join(rig.work, "complete.parquet"));
  rig.tell([{ number: 1, name: "named.parquet", metadata: {} }]);
  assert.deepEqual(rig.filesOf(rig.recover()[0]), [["named.parquet", 100]]);
  assert.equal(rig.metadata("named.parquet")["xdp_inspector.recovered"], undefined);
  assert.deepEqual(rig.directory.list(), ["named.parquet"]);
});

Deno.test("recoverPath() leaves what it cannot read, and makes a file of the rest", async () => {
  using rig = new Rig();
  await rig.write([20]);
  Deno.writeTextFileSync(join(rig.work, "000002.parquet"), "PAR1 and no more");
  // Data whose index was not made yet says nothing.
  Deno.writeTextFileSync(join(rig.work, "part-000001.data"), "PAR1");
  const [one] = rig.recover();
  assert.deepEqual(rig.filesOf(one), [["x.parquet", 20]]);
  assert.equal(one?.kind === "recovered" && one.damaged.length, 1);
  assert.equal(rig.metadata("x.parquet")["xdp_inspector.sample_rate"], "10");
  assert.deepEqual([...Deno.readDirSync(rig.work)].map(({ name }) => name), ["000002.parquet"]);
  // There is nothing but that any more.
  const [again] = rig.recover();
  assert.deepEqual(rig.filesOf(again), []);
  assert.equal(again?.kind === "recovered" && again.damaged.length, 1);
  if (Deno.uid() !== 0) return;
  // Whoever had it may not change what is in it.
  Deno.chownSync(rig.work, 65_534, 0);
  rig.recover();
  assert.equal(Deno.statSync(rig.work).uid, 0);
});

Deno.test("recoverPath() takes no file that has another name elsewhere", async () => {
  using rig = new Rig();
  await rig.write([20, 5]);
  Deno.linkSync(join(rig.work, "000002.parquet"), rig.directory.file("other"));
  assert.deepEqual(rig.filesOf(rig.recover()[0]), [["x.parquet", 20]]);
});

Deno.test("recoverPath() says what held no packet, what is running, and what is somebody else's", () => {
  using rig = new Rig();
  assert.deepEqual(rig.recover().map(({ kind }) => kind), ["empty"]);
  assert.deepEqual(rig.directory.list(), []);
  const work = rig.hidden("x.parquet");
  using held = openedDirectory(work);
  assert.ok(held.tryLock());
  assert.deepEqual(rig.recover(), [{ kind: "running", path: work }]);
  held[Symbol.dispose]();
  if (Deno.uid() !== 0) return;
  Deno.chownSync(work, 65_534, 65_534);
  assert.deepEqual(rig.recover(), [{ kind: "foreign", path: work, user: 65_534 }]);
});

Deno.test("recoverPath() recovers what it is pointed at, and lets go of the rest", async () => {
  for (
    const [target, recovered] of [
      ["x.parquet", ["x.parquet"]],
      [".x.parquet.xdp-inspector-0000000a", ["x.parquet"]],
      ["y.parquet", ["y.parquet"]],
      ["", ["x.parquet", "y.parquet"]],
    ] as const
  ) {
    using rig = new Rig();
    await rig.write([5]);
    const other = rig.hidden("y.parquet");
    Deno.copyFileSync(join(rig.work, "000001.parquet"), join(other, "000001.parquet"));
    const found = rig.recover(target).flatMap((one) => rig.filesOf(one).map(([name]) => name));
    assert.deepEqual(found, recovered);
    assert.deepEqual(openDescriptors(new RegExp(rig.directory.path)), []);
    const visible = rig.directory.list().filter((name) => !name.startsWith("."));
    assert.deepEqual(visible, recovered);
  }
});

Deno.test("recoverPath() finds what is left of an output whose name was too long for it", async () => {
  for (
    const [left, target, isFound] of [
      ["x".repeat(150), `${"x".repeat(150)}yz.parquet`, true],
      ["x".repeat(150), `${"x".repeat(149)}y.parquet`, false],
      // One that was not cut.
      ["x", "xy.parquet", false],
    ] as const
  ) {
    using rig = new Rig(left);
    await rig.write([5]);
    if (isFound) assert.equal(rig.recover(target).length, 1, target);
    else assert.throws(() => rig.recover(target), /nothing is left of it$/, target);
  }
});

Deno.test("recoverPath() that is pointed at a directory says nothing of others, whoever has them", async () => {
  using rig = new Rig();
  await rig.write([5]);
  const work = rig.hidden("y.parquet");
  using held = openedDirectory(work);
  assert.ok(held.tryLock());
  const [found, ...others] = rig.recover(".x.parquet.xdp-inspector-0000000a");
  assert.deepEqual([rig.filesOf(found), others], [[["x.parquet", 5]], []]);
});

Deno.test("recoverPath() can be killed between two pieces and done again, with every row once", async () => {
  using rig = new Rig();
  // No tail is smaller than the one behind it, so these are two.
  await rig.write([20], [50, 10]);
  const { prototype } = GrowingFile;
  const { take } = prototype;
  prototype.take = function (piece, ...rest) {
    if (piece.endRow === 60) throw new RunError(`Cannot write "${piece.path}": a test`);
    return take.call(this, piece, ...rest);
  };
  try {
    const [failed] = rig.recover();
    assert.equal(
      failed?.kind === "failed" && failed.error.message,
      `Cannot write "${rig.work}/000002.tail-50-60": a test`,
    );
  } finally {
    prototype.take = take;
  }
  assert.deepEqual(rig.filesOf(rig.recover()[0]), [["x.parquet", 80]]);
});

Deno.test("recoverPath() brings each file onto the disk before anything of it is removed, and then its name", async () => {
  using rig = new Rig();
  await rig.write([20]);
  const calls: string[] = [];
  const nameOf = (fd: number) => Deno.readLinkSync(`/proc/self/fd/${fd}`).split("/").at(-1)!;
  const hasSegment = () => {
    return [...Deno.readDirSync(rig.work)].some(({ name }) => name === "000001.parquet");
  };
  const [{ syncData }, { sync }] = [DataFile.prototype, FileDescriptor.prototype];
  DataFile.prototype.syncData = function () {
    calls.push(`${nameOf(this.fd)}${hasSegment() ? ", with its segment" : ""}`);
    syncData.call(this);
  };
  FileDescriptor.prototype.sync = function () {
    calls.push(nameOf(this.fd));
    sync.call(this);
  };
  try {
    rig.recover();
  } finally {
    DataFile.prototype.syncData = syncData;
    FileDescriptor.prototype.sync = sync;
  }
  assert.deepEqual(calls, [
    "part-000001.data, with its segment",
    "part-000001.index, with its segment",
    "part-000001.data",
    "part-000001.closed",
    rig.directory.path.split("/").at(-1)!,
  ]);
});

Deno.test("recoverPath() gives a file to root alone when root recovers it", {
  ignore: Deno.uid() !== 0,
}, async () => {
  using rig = new Rig();
  await rig.write([20]);
  rig.close(1, 1);
  const closed = join(rig.work, closedName(1));
  Deno.chmodSync(closed, 0o644);
  Deno.chownSync(closed, 65_534, 65_534);
  rig.recover();
  const { uid, gid, mode } = Deno.statSync(rig.directory.file("x.parquet"));
  assert.deepEqual([uid, gid, mode! & 0o7777], [0, 0, 0o600]);
});

Deno.test("recoverPath() gives a file to the user who called sudo", {
  ignore: Deno.uid() !== 0,
}, async () => {
  using rig = new Rig();
  await rig.write([20]);
  Deno.env.set("SUDO_UID", "1234");
  Deno.env.set("SUDO_GID", "5678");
  try {
    rig.recover();
  } finally {
    Deno.env.delete("SUDO_UID");
    Deno.env.delete("SUDO_GID");
  }
  const { uid, gid, mode } = Deno.statSync(rig.directory.file("x.parquet"));
  assert.deepEqual([uid, gid, mode! & 0o7777], [1234, 5678, 0o600]);
});

Deno.test("recoverPath() leaves alone what a process says that it writes", () => {
  using rig = new Rig();
  const { pid } = Deno;
  const state = { pid, startTime: processStartTime(pid), parts: [] };
  Deno.writeTextFileSync(join(rig.work, "recording.json"), JSON.stringify(state));
  // Where locks are known they count: its recorder holds none.
  assert.deepEqual(rig.recover().map(({ kind }) => kind), ["empty"]);
});

Deno.test("recoverPath() refuses a path where nothing is or was, and takes one that has nothing left", () => {
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("whole.parquet"), "");
  for (const path of [directory.path, directory.file("whole.parquet")]) {
    assert.deepEqual([...recoverPath(path)], [], path);
  }
  for (const name of ["gone.parquet", ".gone.parquet.xdp-inspector-0123abcd"]) {
    const path = directory.file(name);
    assert.throws(() => [...recoverPath(path)], (error) => {
      assert(error instanceof RunError);
      const reason = "it is not there, and nothing is left of it";
      assert.equal(error.message, `Cannot recover "${path}": ${reason}`);
      return error.hint !== undefined;
    });
  }
});
