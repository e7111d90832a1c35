import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RunError } from "../../../../src/core/errors.ts";
import { OutputFile } from "../../../../src/sinks/output/output_file.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const REPLACE = { noClobber: false };
const KEEP = { noClobber: true };

/** A recording, which may be replaced. */
const OLDER = fileURLToPath(new URL("../../../testdata/empty.parquet", import.meta.url));

/** Writes a file as a recording does. */
function record(path: string, content: string, options = REPLACE): void {
  using output = OutputFile.prepare(path, options);
  Deno.writeTextFileSync(output.temporaryPath, content);
  output.publish();
}

function names(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

/** Checks that an output is refused before anything is made. */
function refuses(path: string, reason: string, options = REPLACE): void {
  assert.throws(() => OutputFile.prepare(path, options), (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(error.message, `Cannot write "${path}": ${reason}`);
    assert.ok(error.hint, "no hint");
    return true;
  });
}

Deno.test("OutputFile.prepare() makes a hidden directory that only its owner can enter", () => {
  using directory = TempDirectory.create();
  using output = OutputFile.prepare(join(directory.path, "traffic.parquet"), REPLACE);
  const workDirectory = Deno.realPathSync(output.workDirectory);
  assert.deepEqual(names(directory.path), [basename(workDirectory)]);
  assert.match(workDirectory, /\/\.traffic\.parquet\.xdp-inspector-[0-9a-f]{8}$/);
  assert.equal(Deno.statSync(output.workDirectory).mode! & 0o777, 0o700);
  assert.ok(output.temporaryPath.startsWith(`${output.workDirectory}/`));
});

Deno.test("OutputFile.prepare() leaves directories of other runs alone", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  const stale = join(directory.path, ".traffic.parquet.xdp-inspector-00000000");
  Deno.mkdirSync(stale);
  using one = OutputFile.prepare(path, REPLACE);
  one.discard();
  assert.deepEqual(names(directory.path), [basename(stale)]);
});

Deno.test("OutputFile.publish() leaves the complete file and nothing else", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  record(path, "new");
  assert.deepEqual(names(directory.path), ["traffic.parquet"]);
  assert.equal(Deno.readTextFileSync(path), "new");
});

Deno.test("OutputFile.publish() replaces a file only when the new one is complete", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  Deno.copyFileSync(OLDER, path);
  using output = OutputFile.prepare(path, REPLACE);
  Deno.writeTextFileSync(output.temporaryPath, "new");
  assert.deepEqual(Deno.readFileSync(path), Deno.readFileSync(OLDER));
  output.publish();
  assert.equal(Deno.readTextFileSync(path), "new");
});

Deno.test("OutputFile.publish() works with a relative path and a name of the longest length", () => {
  using directory = TempDirectory.create();
  const before = Deno.cwd();
  Deno.chdir(directory.path);
  try {
    const name = `${"é".repeat(123)}.parquet`; // 254 bytes
    using output = OutputFile.prepare(name, REPLACE);
    assert.ok(
      new TextEncoder().encode(basename(Deno.realPathSync(output.workDirectory))).length <= 255,
    );
    Deno.writeTextFileSync(output.temporaryPath, "new");
    Deno.chdir(before); // The recording may change it.
    output.publish();
    assert.deepEqual(names(directory.path), [name]);
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("OutputFile.publish() writes to what a symbolic link points at", () => {
  using directory = TempDirectory.create();
  const real = join(directory.path, "real");
  Deno.mkdirSync(real);
  Deno.copyFileSync(OLDER, join(real, "file"));
  const link = join(directory.path, "link");
  Deno.symlinkSync("real/file", link);
  record(link, "new");
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.equal(Deno.readTextFileSync(join(real, "file")), "new");
  assert.deepEqual(names(real), ["file"]);
});

Deno.test("OutputFile.publish() makes the file that a dangling link points at", () => {
  using directory = TempDirectory.create();
  const link = join(directory.path, "link");
  Deno.symlinkSync("missing", link);
  record(link, "new");
  assert.ok(Deno.lstatSync(link).isSymlink);
  assert.equal(Deno.readTextFileSync(join(directory.path, "missing")), "new");
});

Deno.test("OutputFile.publish() with noClobber does not replace a file made meanwhile", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  const output = OutputFile.prepare(path, KEEP);
  Deno.writeTextFileSync(join(output.workDirectory, "000001.parquet"), "segment");
  Deno.writeTextFileSync(output.temporaryPath, "new");
  Deno.writeTextFileSync(path, "somebody else's");
  assert.throws(() => output.publish(), (error) => {
    assert.ok(error instanceof RunError, String(error));
    assert.equal(error.message, `Cannot write "${path}": file exists`);
    const kept = Deno.realPathSync(output.temporaryPath);
    assert.ok(error.hint?.includes(`"${kept}"`), error.hint);
    return true;
  });
  output.discard();
  assert.equal(Deno.readTextFileSync(path), "somebody else's");
  assert.equal(Deno.readTextFileSync(output.temporaryPath), "new");
  assert.deepEqual(names(output.workDirectory), [basename(output.temporaryPath)]);
});

Deno.test("OutputFile.publish() with noClobber makes a new file", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  record(path, "new", KEEP);
  assert.deepEqual(names(directory.path), ["traffic.parquet"]);
  assert.equal(Deno.statSync(path).nlink, 1);
});

Deno.test("OutputFile.publish() fails when there is no complete file, and discard() cleans up", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  const output = OutputFile.prepare(path, REPLACE);
  assert.throws(() => output.publish(), {
    name: "RunError",
    message: `Cannot write "${path}": no such file or directory`,
  });
  output.discard();
  assert.deepEqual(names(directory.path), []);
});

Deno.test("OutputFile.publish() refuses to publish twice or after discard()", () => {
  using directory = TempDirectory.create();
  using output = OutputFile.prepare(join(directory.path, "a"), REPLACE);
  Deno.writeTextFileSync(output.temporaryPath, "new");
  output.publish();
  assert.throws(() => output.publish(), /Cannot publish a file that is published/);
  const other = OutputFile.prepare(join(directory.path, "b"), REPLACE);
  other.discard();
  assert.throws(() => other.publish(), /Cannot publish a file that is discarded/);
});

Deno.test("OutputFile.discard() removes everything, any number of times", () => {
  using directory = TempDirectory.create();
  const output = OutputFile.prepare(join(directory.path, "traffic.parquet"), REPLACE);
  Deno.writeTextFileSync(join(output.workDirectory, "000001.parquet"), "segment");
  output.discard();
  output.discard();
  assert.deepEqual(names(directory.path), []);
});

Deno.test("OutputFile.discard() does not touch the file after publish()", () => {
  using directory = TempDirectory.create();
  const path = join(directory.path, "traffic.parquet");
  const output = OutputFile.prepare(path, REPLACE);
  Deno.writeTextFileSync(output.temporaryPath, "new");
  output.publish();
  output.discard();
  assert.equal(Deno.readTextFileSync(path), "new");
});

Deno.test("OutputFile.prepare() refuses a missing directory", () => {
  using directory = TempDirectory.create();
  const missing = join(directory.path, "missing");
  refuses(join(missing, "x.parquet"), `directory "${missing}" does not exist`);
});

Deno.test("OutputFile.prepare() refuses a directory that is a file", () => {
  using directory = TempDirectory.create();
  const file = join(directory.path, "file");
  Deno.writeTextFileSync(file, "");
  refuses(join(file, "x.parquet"), `"${file}" is not a directory`);
  refuses(join(file, "deeper", "x.parquet"), `"${file}" is not a directory`);
});

Deno.test("OutputFile.prepare() refuses a directory as the output", () => {
  using directory = TempDirectory.create();
  refuses(directory.path, "it is a directory");
  refuses(`${directory.path}/`, "it is a directory");
  refuses(".", "it is a directory");
});

Deno.test("OutputFile.prepare() refuses an empty name", () => {
  assert.throws(() => OutputFile.prepare("", REPLACE), {
    name: "RunError",
    message: 'Cannot write "": it has no name',
  });
});

Deno.test("OutputFile.prepare() refuses a name that is too long", () => {
  using directory = TempDirectory.create();
  refuses(join(directory.path, "x".repeat(256)), "file name too long");
});

Deno.test("OutputFile.prepare() refuses devices, FIFOs and sockets by their kind", () => {
  using directory = TempDirectory.create();
  refuses("/dev/null", "it is a character device");
  const fifo = join(directory.path, "fifo");
  assert.ok(new Deno.Command("mkfifo", { args: [fifo] }).outputSync().success);
  refuses(fifo, "it is a FIFO");
  const socket = join(directory.path, "socket");
  using _listener = Deno.listen({ transport: "unix", path: socket });
  refuses(socket, "it is a socket");
});

Deno.test("OutputFile.prepare() refuses links in a circle", () => {
  using directory = TempDirectory.create();
  const [a, b] = [join(directory.path, "a"), join(directory.path, "b")];
  Deno.symlinkSync("b", a);
  Deno.symlinkSync("a", b);
  refuses(a, "too many levels of symbolic links");
});

Deno.test("OutputFile.prepare() follows 40 links, and no more", () => {
  using directory = TempDirectory.create();
  for (let link = 1; link <= 41; link++) {
    Deno.symlinkSync(`${link - 1}`, join(directory.path, `${link}`));
  }
  record(join(directory.path, "40"), "new");
  assert.equal(Deno.readTextFileSync(join(directory.path, "0")), "new");
  refuses(join(directory.path, "41"), "too many levels of symbolic links");
});

Deno.test("OutputFile.prepare() with noClobber refuses a file that exists, and any link", () => {
  using directory = TempDirectory.create();
  const file = join(directory.path, "file");
  Deno.writeTextFileSync(file, "old");
  refuses(file, "file exists", KEEP);
  const dangling = join(directory.path, "dangling");
  Deno.symlinkSync("missing", dangling);
  refuses(dangling, "file exists", KEEP);
  assert.deepEqual(names(directory.path), ["dangling", "file"]);
});

Deno.test("OutputFile.prepare() refuses a directory that is not writable", () => {
  // Root may write anywhere else; sysfs lets nobody make a directory.
  refuses("/sys/x.parquet", 'directory "/sys" is not writable');
});

Deno.test({
  name: "OutputFile.publish() gives the file to the user who called sudo",
  ignore: Deno.uid() !== 0, // only root may give files away
  fn() {
    using directory = TempDirectory.create();
    const owner = (user: string, group: string) => {
      const path = join(directory.path, `file-${user}-${group}`);
      Deno.env.set("SUDO_UID", user);
      Deno.env.set("SUDO_GID", group);
      try {
        record(path, "");
      } finally {
        Deno.env.delete("SUDO_UID");
        Deno.env.delete("SUDO_GID");
      }
      const { uid, gid } = Deno.statSync(path);
      return [uid, gid];
    };
    assert.deepEqual(owner("1234", "5678"), [1234, 5678]);
    for (const invalid of ["", "-1", "1e3", "4294967295", "0x10", " 7"]) {
      assert.deepEqual(owner(invalid, "5678"), [0, 0], invalid);
      assert.deepEqual(owner("1234", invalid), [0, 0], invalid);
    }
  },
});

Deno.test("OutputFile.keepSegments() keeps closed segments and nothing else", () => {
  using directory = TempDirectory.create();
  const output = OutputFile.prepare(join(directory.path, "x.parquet"), { noClobber: false });
  Deno.writeTextFileSync(join(output.workDirectory, "000001.parquet"), "segment");
  Deno.writeTextFileSync(output.temporaryPath, "half of the joined file");
  assert.equal(output.keepSegments(), Deno.realPathSync(output.workDirectory));
  output.discard();
  assert.deepEqual(
    [...Deno.readDirSync(output.workDirectory)].map(({ name }) => name),
    ["000001.parquet"],
  );
});

Deno.test("OutputFile.keepSegments() keeps nothing when no segment was closed", () => {
  using directory = TempDirectory.create();
  const output = OutputFile.prepare(join(directory.path, "x.parquet"), { noClobber: false });
  assert.equal(output.keepSegments(), null);
  output.discard();
  assert.deepEqual([...Deno.readDirSync(directory.path)], []);
});
