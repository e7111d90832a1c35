import assert from "node:assert/strict";
import { Directory, SystemError } from "../../../../ffi/mod.ts";
import { WorkDirectory } from "../../../../src/sinks/output/work_directory.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const EMFILE = 24;

function open(path: string): Directory {
  let directory = Directory.begin(path);
  for (const name of path.split("/").filter((part) => part !== "")) {
    const next = directory.openDirectory(name);
    directory[Symbol.dispose]();
    directory = next;
  }
  return directory;
}

function tooManyOpenFiles(): never {
  throw new SystemError("open a file", EMFILE);
}

Deno.test("WorkDirectory.make() leaves no directory behind when it cannot be opened", () => {
  using directory = TempDirectory.create();
  using parent = open(directory.path);
  parent.openDirectory = tooManyOpenFiles;
  assert.throws(() => WorkDirectory.make(parent, "traffic.parquet"), { errno: EMFILE });
  assert.deepEqual([...Deno.readDirSync(directory.path)], []);
});

Deno.test("WorkDirectory.remove() removes an empty directory when it cannot be looked into", () => {
  using directory = TempDirectory.create();
  using parent = open(directory.path);
  const work = WorkDirectory.make(parent, "traffic.parquet");
  using _directory = work.directory;
  assert.equal([...Deno.readDirSync(directory.path)].length, 1);
  work.directory.names = tooManyOpenFiles;
  work.remove();
  assert.deepEqual([...Deno.readDirSync(directory.path)], []);
});

Deno.test("WorkDirectory.segments() names what holds packets, and what is known of them, or nothing", () => {
  using directory = TempDirectory.create();
  using parent = open(directory.path);
  const work = WorkDirectory.make(parent, "traffic.parquet");
  using held = work.directory;
  const write = (...names: readonly string[]) => {
    for (const name of names) Deno.writeTextFileSync(`${held.path}/${name}`, "");
  };
  // Of these nothing is left of packets.
  write("recording.json", "complete.parquet", "somebody's");
  assert.deepEqual(work.segments(), []);
  const kept = [
    "000002.parquet",
    "000003.tail-0-10",
    "part-000001.closed",
    "part-000002.data",
    "part-000002.index",
    "recording.json",
  ];
  write(...kept);
  assert.deepEqual(work.segments(), kept);
  // What was being written is a recording's, too, but of no use.
  write("000004.parquet.unfinished");
  work.removeAllBut(work.segments());
  const left = [...Deno.readDirSync(held.path)].map(({ name }) => name).sort();
  assert.deepEqual(left, [...kept, "somebody's"]);
});
