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
