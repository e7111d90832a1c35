import assert from "node:assert/strict";
import { removeReadyFile, writeReadyFile } from "../../../src/commands/record/ready_file.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const FAILURE = { name: "RunError", hint: /^Name a file in a directory that exists/ };

Deno.test("writeReadyFile() writes the process id", () => {
  using directory = TempDirectory.create();
  writeReadyFile(directory.file("ready"));
  assert.equal(Deno.readTextFileSync(directory.file("ready")), `${Deno.pid}\n`);
});

Deno.test("writeReadyFile() follows and replaces nothing that somebody has put there", () => {
  using directory = TempDirectory.create();
  const path = directory.file("ready");
  Deno.writeTextFileSync(directory.file("precious"), "precious");
  Deno.symlinkSync(directory.file("precious"), path);
  assert.throws(() => writeReadyFile(path), FAILURE);
  Deno.removeSync(path);
  Deno.symlinkSync(directory.file("not there"), path);
  assert.throws(() => writeReadyFile(path), FAILURE);
  Deno.removeSync(path);
  Deno.linkSync(directory.file("precious"), path);
  assert.throws(() => writeReadyFile(path), FAILURE);
  assert.deepEqual(directory.list(), ["precious", "ready"]);
  assert.equal(Deno.readTextFileSync(directory.file("precious")), "precious");
});

Deno.test("removeReadyFile() removes the file itself, not what a link leads to", () => {
  using directory = TempDirectory.create();
  const path = directory.file("ready");
  removeReadyFile(path);
  Deno.writeTextFileSync(directory.file("precious"), "precious");
  Deno.symlinkSync(directory.file("precious"), path);
  removeReadyFile(path);
  assert.deepEqual(directory.list(), ["precious"]);
});

Deno.test("removeReadyFile() says what cannot be removed", () => {
  using directory = TempDirectory.create();
  Deno.mkdirSync(directory.file("ready"));
  Deno.writeTextFileSync(directory.file("ready/file"), "");
  assert.throws(() => removeReadyFile(directory.file("ready")), FAILURE);
});

Deno.test("a ready file that nobody asked for is neither removed nor written", () => {
  removeReadyFile(null);
  writeReadyFile(null);
});
