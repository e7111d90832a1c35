import assert from "node:assert/strict";
import { join } from "node:path";
import { withoutCapabilities } from "../../../../ffi/mod.ts";
import { RunError } from "../../../../src/core/errors.ts";
import { ReadyFile } from "../../../../src/sinks/output/ready_file.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const LINE = `${Deno.pid}\n`;

function names(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

function refuses(path: string, reason: string): void {
  assert.throws(() => ReadyFile.open(path), (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(error.message, `Cannot create the ready file "${path}": ${reason}`);
    assert.ok(error.hint, "no hint");
    return true;
  });
}

Deno.test("ReadyFile.write() makes a file with the process id, for its owner alone", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "ready");
  const umask = Deno.umask(0);
  try {
    using file = ReadyFile.open(path);
    assert.deepEqual(names(directory.path), []);
    file.removeOld();
    file.write();
  } finally {
    Deno.umask(umask);
  }
  assert.deepEqual(names(directory.path), ["ready"]);
  assert.equal(Deno.readTextFileSync(path), LINE);
  assert.equal(Deno.statSync(path).mode! & 0o7777, 0o600);
});

Deno.test("ReadyFile.removeOld() removes the ready file of an earlier recording", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "ready");
  Deno.writeTextFileSync(path, "12345\n");
  using file = ReadyFile.open(path);
  assert.deepEqual(names(directory.path), ["ready"]);
  file.removeOld();
  assert.deepEqual(names(directory.path), []);
  file.removeOld();
});

Deno.test("ReadyFile.open() refuses everything but a ready file and leaves it alone", async () => {
  using directory = TempDirectory.create();
  const at = (name: string) => join(directory.path, name);
  Deno.writeTextFileSync(at("empty"), "");
  Deno.writeTextFileSync(at("words"), "12 monkeys\n");
  Deno.writeTextFileSync(at("long"), "12345\n67890\n");
  Deno.writeTextFileSync(at("ready"), "12345\n");
  Deno.symlinkSync("ready", at("link"));
  Deno.symlinkSync("nothing", at("dangling"));
  Deno.mkdirSync(at("directory"));
  assert.ok((await new Deno.Command("mkfifo", { args: [at("fifo")] }).output()).success);
  const before = names(directory.path);
  for (const name of ["empty", "words", "long"]) {
    refuses(at(name), "it exists and is no ready file");
  }
  for (const name of ["link", "dangling"]) refuses(at(name), "it is a symbolic link");
  refuses(at("directory"), "it is a directory");
  refuses(`${at("directory")}/`, "it is a directory");
  refuses(at("fifo"), "it is a FIFO");
  refuses("/dev/null", "it is a character device");
  refuses(at("missing/ready"), `directory "${at("missing")}" does not exist`);
  assert.deepEqual(names(directory.path), before);
  assert.ok(Deno.statSync("/dev/null").isCharDevice);
});

Deno.test("ReadyFile.removeOld() and write() leave alone what was put there meanwhile", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "ready");
  const victim = join(directory.path, "victim");
  Deno.writeTextFileSync(victim, "precious");
  using file = ReadyFile.open(path);
  Deno.symlinkSync("victim", path);
  assert.throws(() => file.removeOld(), { message: /: it is a symbolic link$/ });
  assert.throws(() => file.write(), { message: /: file exists$/ });
  assert.ok(Deno.lstatSync(path).isSymlink);
  assert.equal(Deno.readTextFileSync(victim), "precious");
  assert.deepEqual(names(directory.path), ["ready", "victim"]);
});

Deno.test({
  name: "ReadyFile.write() gives the file to the user who called sudo",
  ignore: Deno.uid() !== 0, // only root may give files away
  fn() {
    using directory = TempDirectory.create();
    const path = join(directory.path, "ready");
    Deno.env.set("SUDO_UID", "1234");
    Deno.env.set("SUDO_GID", "5678");
    try {
      using file = ReadyFile.open(path);
      file.write();
    } finally {
      Deno.env.delete("SUDO_UID");
      Deno.env.delete("SUDO_GID");
    }
    const { uid, gid } = Deno.statSync(path);
    assert.deepEqual([uid, gid], [1234, 5678]);
  },
});

Deno.test({
  name: "ReadyFile.write() makes a file that cannot be given away",
  ignore: Deno.uid() !== 0, // others never try
  fn() {
    using directory = TempDirectory.create();
    const path = join(directory.path, "ready");
    using file = ReadyFile.open(path);
    withoutCapabilities(() => file.write({ user: 1234, group: 5678 }));
    assert.equal(Deno.readTextFileSync(path), LINE);
    assert.deepEqual([Deno.statSync(path).uid, names(directory.path)], [0, ["ready"]]);
  },
});
