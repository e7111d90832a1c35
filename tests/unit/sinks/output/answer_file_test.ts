import assert from "node:assert/strict";
import { lchownSync } from "node:fs";
import { AnswerFile } from "../../../../src/sinks/output/answer_file.ts";
import { SmallDisk } from "../../../support/small_disk.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

const rootOnly = { ignore: Deno.uid() !== 0 };
const NOBODY = 65534;

function write(path: string, text: string, force = false, onStep?: (step: string) => void): void {
  using file = AnswerFile.create(path, { force, ...(onStep && { onStep }) });
  file.write(text);
  file.publish();
}

Deno.test("AnswerFile appears complete, for its owner only", () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.csv");
  const umask = Deno.umask(0);
  try {
    using file = AnswerFile.create(path, { force: false });
    file.write("one,");
    file.write(new TextEncoder().encode("two"));
    assert.equal(directory.list().includes("a.csv"), false);
    file.publish();
    assert.equal(Deno.readTextFileSync(path), "one,two");
    assert.equal(Deno.statSync(path).mode! & 0o7777, 0o600);
  } finally {
    Deno.umask(umask);
  }
  assert.deepEqual(directory.list(), ["a.csv"]);
});

Deno.test("AnswerFile leaves nothing of what was not published", () => {
  using directory = TempDirectory.create();
  {
    using file = AnswerFile.create(directory.file("a.csv"), { force: false });
    file.write("half");
  }
  assert.deepEqual(directory.list(), []);
});

Deno.test("AnswerFile replaces no file without force, also none that is made meanwhile", () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.csv");
  const exists = {
    name: "RunError",
    message: `Cannot write "${path}": file exists`,
    hint: "Choose another path with --output, or replace the file with --force",
  };
  const make = () => Deno.writeTextFileSync(path, "mine");
  assert.throws(
    () => write(path, "new", false, (step) => step === "file complete" && make()),
    { name: "RunError", message: `Cannot write "${path}": file exists` },
  );
  assert.throws(() => write(path, "new"), exists);
  assert.deepEqual([Deno.readTextFileSync(path), directory.list()], ["mine", ["a.csv"]]);
  Deno.symlinkSync("a.csv", directory.file("link.csv"));
  assert.throws(() => write(directory.file("link.csv"), "new"), /: file exists$/);
});

Deno.test("AnswerFile replaces a file with force and keeps a stricter mode", () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.csv");
  for (const [old, kept] of [[0o644, 0o600], [0o400, 0o400]] as const) {
    Deno.writeTextFileSync(path, "old");
    Deno.chmodSync(path, old);
    write(path, "new", true);
    assert.equal(Deno.readTextFileSync(path), "new");
    assert.equal(Deno.statSync(path).mode! & 0o7777, kept);
    Deno.removeSync(path);
  }
});

Deno.test("AnswerFile refuses what is no regular file, even with force", () => {
  using directory = TempDirectory.create();
  assert.throws(() => write("/dev/null", "new", true), /"\/dev\/null": it is a character device$/);
  assert.throws(() => write(directory.path, "new", true), /: it is a directory$/);
  assert.throws(() => write(directory.file("none/a.csv"), "new"), /none" does not exist$/);
  assert.deepEqual(directory.list(), []);
});

Deno.test("AnswerFile.checkNoneIs() keeps files that are read", () => {
  using directory = TempDirectory.create();
  const [path, other, link] = ["a.parquet", "b.parquet", "link"].map((name) =>
    directory.file(name)
  );
  Deno.writeTextFileSync(path!, "recording");
  Deno.writeTextFileSync(other!, "recording");
  Deno.symlinkSync("a.parquet", link!);
  using file = AnswerFile.create(path!, { force: true });
  file.checkNoneIs([other!]);
  for (const read of [[other!, path!], [link!]]) {
    assert.throws(
      () => file.checkNoneIs(read),
      /a\.parquet": it is one of the files that are read$/,
    );
  }
});

Deno.test("AnswerFile says that the disk is full, and leaves nothing", rootOnly, async () => {
  using directory = TempDirectory.create();
  await using disk = await SmallDisk.mount(directory.file("disk"), "64k");
  const path = `${disk.path}/a.csv`;
  assert.throws(
    () => write(path, "x".repeat(200_000)),
    { name: "RunError", message: `Cannot write "${path}": no space left on device` },
  );
  assert.deepEqual([...Deno.readDirSync(disk.path)], []);
});

Deno.test(
  "AnswerFile of root follows no link of another user, and gives nothing else away",
  rootOnly,
  () => {
    using directory = TempDirectory.create();
    const shared = directory.file("shared");
    Deno.mkdirSync(shared);
    Deno.chmodSync(shared, 0o1777);
    const victim = directory.file("victim.csv");
    Deno.writeTextFileSync(victim, "precious");
    Deno.symlinkSync(victim, `${shared}/a.csv`);
    lchownSync(`${shared}/a.csv`, NOBODY, NOBODY);
    assert.throws(() => write(`${shared}/a.csv`, "new", true), { name: "RunError" });
    // Planted at the last moment: the link goes, not what it leads to.
    const plant = (step: string) => {
      if (step !== "target checked again") return;
      Deno.symlinkSync(victim, `${shared}/b.csv`);
      lchownSync(`${shared}/b.csv`, NOBODY, NOBODY);
    };
    write(`${shared}/b.csv`, "new", true, plant);
    assert.equal(Deno.readTextFileSync(victim), "precious");
    assert.equal(Deno.lstatSync(`${shared}/b.csv`).isSymlink, false);
  },
);
