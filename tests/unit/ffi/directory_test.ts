import assert from "node:assert/strict";
import { join } from "node:path";
import { Directory, ERRNO, SystemError } from "../../../ffi/mod.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

function fails(call: () => unknown, ...errnos: number[]): void {
  assert.throws(call, (error) => {
    assert.ok(error instanceof SystemError && errnos.includes(error.errno), String(error));
    return true;
  });
}

function open(temporary: TempDirectory): Directory {
  using root = Directory.begin("/");
  let directory = root.openDirectory(".");
  for (const name of temporary.path.split("/").slice(1)) {
    const next = directory.openDirectory(name);
    directory[Symbol.dispose]();
    directory = next;
  }
  return directory;
}

Deno.test("Directory.statusOf() agrees with lstat(2)", () => {
  using temporary = TempDirectory.create();
  using directory = open(temporary);
  const at = (name: string) => join(temporary.path, name);
  Deno.writeTextFileSync(at("file"), "12345", { mode: 0o640 });
  Deno.linkSync(at("file"), at("second"));
  Deno.mkdirSync(at("directory"), { mode: 0o700 });
  Deno.chmodSync(at("directory"), 0o1750);
  Deno.symlinkSync("file", at("link"));
  for (const name of ["file", "second", "directory", "link"]) {
    const expected = Deno.lstatSync(at(name));
    const status = directory.statusOf(name)!;
    const { uid, gid, nlink, size, mode } = expected;
    assert.deepEqual(
      [status.uid, status.gid, status.links, status.size, status.mode],
      [uid, gid, nlink, size, mode! & 0o7777],
    );
  }
  assert.deepEqual(
    ["file", "directory", "link"].map((name) => directory.statusOf(name)?.kind),
    ["regular file", "directory", "symbolic link"],
  );
  assert.equal(directory.statusOf("file")!.identity, directory.statusOf("second")!.identity);
  assert.notEqual(directory.statusOf("file")!.identity, directory.statusOf("link")!.identity);
  assert.equal(directory.statusOf("nothing"), null);
  assert.equal(directory.status().identity, open(temporary).status().identity);
});

Deno.test("Directory follows no symbolic link and takes no path for a name", () => {
  using temporary = TempDirectory.create();
  using directory = open(temporary);
  Deno.mkdirSync(join(temporary.path, "real"));
  Deno.writeTextFileSync(join(temporary.path, "file"), "");
  Deno.symlinkSync("real", join(temporary.path, "link"));
  Deno.symlinkSync("file", join(temporary.path, "to-file"));
  fails(() => directory.openDirectory("link"), ERRNO.ENOTDIR, ERRNO.ELOOP);
  fails(() => directory.openFile("to-file"), ERRNO.ELOOP);
  fails(() => directory.createFile("to-file", 0o600), ERRNO.EEXIST);
  assert.equal(directory.readLink("link"), "real");
  fails(() => directory.readLink("real"), ERRNO.EINVAL);
  for (const name of ["", "real/x", "/etc"]) {
    assert.throws(() => directory.statusOf(name), TypeError);
    assert.throws(() => directory.removeFile(name), TypeError);
  }
});

Deno.test("Directory.readLink() gives no name for bytes that are not UTF-8", () => {
  using temporary = TempDirectory.create();
  using directory = open(temporary);
  const made = new Deno.Command("sh", {
    args: ["-c", `ln -s "$(printf 'a\\377')" link`],
    cwd: temporary.path,
  }).outputSync();
  assert.ok(made.success);
  assert.equal(directory.readLink("link"), null);
});

Deno.test("Directory moves, links and removes names of its own", () => {
  using temporary = TempDirectory.create();
  using directory = open(temporary);
  directory.makeDirectory("inner", 0o700);
  using inner = directory.openDirectory("inner");
  assert.equal(inner.status().mode & 0o777, 0o700);
  {
    using file = inner.createFile("one", 0o600);
    file.write(new TextEncoder().encode("one"));
    file.setMode(0o604);
    file.sync();
    assert.equal(file.status().mode, 0o604);
    assert.equal(file.status().size, 3);
  }
  inner.link("one", directory, "two");
  fails(() => inner.link("one", directory, "two"), ERRNO.EEXIST);
  fails(() => inner.moveWithoutReplacing("one", directory, "two"), ERRNO.EEXIST);
  fails(() => directory.removeDirectory("inner"), ERRNO.ENOTEMPTY);
  inner.moveWithoutReplacing("one", directory, "three");
  directory.move("three", inner, "four");
  assert.deepEqual(inner.names(), ["four"]);
  Deno.symlinkSync("four", join(temporary.path, "inner", "link"));
  directory.move("two", inner, "link");
  assert.equal(inner.statusOf("link")?.kind, "regular file");
  inner.removeFile("four");
  inner.removeFile("link");
  directory.removeDirectory("inner");
  assert.equal(inner.status().links, 0);
});

Deno.test("FileDescriptor.tryLock() excludes other openings until it is disposed", () => {
  using temporary = TempDirectory.create();
  using first = open(temporary);
  using second = open(temporary);
  assert.equal(first.tryLock(), true);
  assert.equal(second.tryLock(), false);
  first.unlock();
  assert.equal(second.tryLock(), true);
  assert.equal(first.tryLock(), false);
  second[Symbol.dispose]();
  assert.equal(first.tryLock(), true);
  assert.throws(() => second.fd, TypeError);
});

Deno.test("FileDescriptor.shownPath names the directory where it is now", () => {
  using temporary = TempDirectory.create();
  Deno.mkdirSync(join(temporary.path, "before"));
  using directory = open(temporary);
  using inner = directory.openDirectory("before");
  Deno.renameSync(join(temporary.path, "before"), join(temporary.path, "after"));
  assert.equal(inner.shownPath, join(temporary.path, "after"));
});
