/** Ways in which a recording ends that is not published. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { RunError } from "../../../../src/core/errors.ts";
import { OutputFile } from "../../../../src/sinks/output/output_file.ts";
import { TempDirectory } from "../../../support/temp_directory.ts";

function names(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name).sort();
}

Deno.test("OutputFile.discard() waits for a writer that makes files to the last", () => {
  using directory = TempDirectory.create();
  let late = 3;
  const output = OutputFile.prepare(join(directory.path, "x.parquet"), {
    noClobber: false,
    onStep: (step) => {
      // The call that the writing thread was in when it was told to end.
      if (!["work files removed", "work directory recognised"].includes(step)) return;
      if (late-- > 0) Deno.writeTextFileSync(`${output.workDirectory}/00000${late}.parquet`, "");
    },
  });
  Deno.writeTextFileSync(`${output.workDirectory}/000009.parquet.unfinished`, "");
  output.discard();
  assert.ok(late <= 0);
  assert.deepEqual(names(directory.path), []);
  // The directory is gone: nothing can be made in it any more, and its number is no other's.
  assert.throws(() => Deno.writeTextFileSync(`${output.workDirectory}/000010.parquet`, ""));
});

Deno.test("OutputFile.discard() leaves alone what no recording makes", () => {
  using directory = TempDirectory.create();
  const output = OutputFile.prepare(join(directory.path, "x.parquet"), { noClobber: false });
  const work = Deno.realPathSync(output.workDirectory);
  for (const name of ["000001.parquet", "complete.parquet", "notes.txt", "x.parquet"]) {
    Deno.writeTextFileSync(join(work, name), "");
  }
  output.discard();
  assert.deepEqual(names(work), ["notes.txt", "x.parquet"]);
});

Deno.test("OutputFile says where the recording is when its directory was renamed", () => {
  using directory = TempDirectory.create();
  const [here, there] = [join(directory.path, "here"), join(directory.path, "there")];
  Deno.mkdirSync(here);
  using output = OutputFile.prepare(join(here, "x.parquet"), { noClobber: false });
  Deno.writeTextFileSync(output.temporaryPath, "new");
  Deno.renameSync(here, there);
  assert.throws(() => output.publish(), {
    name: "RunError",
    message: `Cannot write "${here}/x.parquet": its directory "${here}" was moved meanwhile`,
    hint: `The complete recording is "${there}/x.parquet"`,
  });
  assert.deepEqual(names(there), ["x.parquet"]);
});

Deno.test("OutputFile.keepSegments() names the place after the directory was renamed", () => {
  using directory = TempDirectory.create();
  const [here, there] = [join(directory.path, "here"), join(directory.path, "there")];
  Deno.mkdirSync(here);
  using output = OutputFile.prepare(join(here, "x.parquet"), { noClobber: false });
  Deno.writeTextFileSync(`${output.workDirectory}/000001.parquet`, "segment");
  Deno.renameSync(here, there);
  const kept = output.keepSegments();
  assert.ok(kept?.startsWith(`${there}/.x.parquet.xdp-inspector-`), String(kept));
  const failed = new RunError(`Cannot write "${output.workDirectory}/000002.parquet": full`);
  assert.equal(output.explain(failed).message, `Cannot write "${kept}/000002.parquet": full`);
});

Deno.test("OutputFile says that its directory was removed, and hides no error by that", () => {
  using directory = TempDirectory.create();
  const here = join(directory.path, "here");
  Deno.mkdirSync(here);
  using output = OutputFile.prepare(join(here, "x.parquet"), { noClobber: false });
  Deno.writeTextFileSync(output.temporaryPath, "new");
  Deno.removeSync(here, { recursive: true });
  const failed = new RunError(
    `Cannot write "${output.workDirectory}/000002.parquet": no such file`,
  );
  const message = `Cannot write "${here}/x.parquet": its directory "${here}" was removed`;
  assert.equal(output.explain(failed).message, message);
  const other = new RunError("Cannot read the rings");
  assert.equal(output.explain(other), other);
  assert.equal(output.keepSegments(), null);
  assert.throws(() => output.publish(), { name: "RunError", message });
});

Deno.test({
  name: "OutputFile.keepSegments() gives segments and directory to the user who called sudo",
  ignore: Deno.uid() !== 0, // only root may give files away
  fn() {
    using directory = TempDirectory.create();
    Deno.env.set("SUDO_UID", "1234");
    Deno.env.set("SUDO_GID", "5678");
    using output = OutputFile.prepare(join(directory.path, "x.parquet"), { noClobber: false });
    const segment = `${output.workDirectory}/000001.parquet`;
    Deno.writeTextFileSync(segment, "segment");
    Deno.chmodSync(segment, 0o644);
    try {
      const kept = output.keepSegments();
      for (const path of [kept!, join(kept!, "000001.parquet")]) {
        const { uid, gid } = Deno.statSync(path);
        assert.deepEqual([uid, gid], [1234, 5678], path);
      }
    } finally {
      Deno.env.delete("SUDO_UID");
      Deno.env.delete("SUDO_GID");
    }
    assert.equal(Deno.statSync(segment).mode! & 0o7777, 0o600);
    output.discard();
    assert.deepEqual(names(output.workDirectory), ["000001.parquet"]);
  },
});

const WRITER = { user: 1234, group: 5678 };

/** What the user that a recording has become can do to its files. */
const EXCHANGES = [
  { what: "another's file", put: Deno.renameSync, maker: 0, owner: WRITER },
  { what: "another name of another's file", put: Deno.linkSync, maker: 0, owner: WRITER },
  {
    what: "another name of a file",
    put: Deno.linkSync,
    maker: WRITER.user,
    owner: { user: 4321, group: 4321 },
  },
] as const;

for (const { what, put, maker, owner } of EXCHANGES) {
  Deno.test({
    name: `OutputFile gives ${what} to nobody when it is put into the work directory`,
    ignore: Deno.uid() !== 0, // only root may give files away
    fn() {
      using directory = TempDirectory.create();
      for (const name of ["complete.parquet", "000001.parquet"]) {
        const precious = join(directory.path, `precious-${name}`);
        Deno.writeTextFileSync(precious, "secret", { mode: 0o640 });
        Deno.chownSync(precious, maker, maker);
        using output = OutputFile.prepare(join(directory.path, "x.parquet"), { noClobber: false });
        assert.ok(output.handOver(WRITER, owner));
        const path = `${output.workDirectory}/${name}`;
        // Its names may go.
        using status = Deno.openSync(precious, { read: true });
        put(precious, path);
        if (name === "complete.parquet") {
          assert.throws(() => output.publish(), {
            name: "RunError",
            message: `Cannot write "${output.path}": another file was put in its place`,
          });
        } else assert.ok(output.keepSegments());
        const { uid, gid, mode } = status.statSync();
        assert.deepEqual([uid, gid, mode! & 0o777], [maker, maker, 0o640], name);
      }
    },
  });
}

Deno.test({
  name: "OutputFile.publish() takes the work directory back before it looks at the file",
  ignore: Deno.uid() !== 0, // only root may give directories away
  fn() {
    using directory = TempDirectory.create();
    const owners: number[] = [];
    const path = join(directory.path, "x.parquet");
    using output = OutputFile.prepare(path, {
      noClobber: false,
      onStep: (step) => {
        if (["file opened", "target checked again"].includes(step)) {
          owners.push(Deno.statSync(output.workDirectory).uid!);
        }
      },
    });
    assert.ok(output.handOver(WRITER, WRITER));
    assert.equal(Deno.statSync(output.workDirectory).uid, WRITER.user);
    Deno.writeTextFileSync(output.temporaryPath, "new");
    Deno.chownSync(output.temporaryPath, WRITER.user, WRITER.group);
    assert.equal(output.publish(), null);
    assert.deepEqual(owners, [0, 0]);
    assert.deepEqual(names(directory.path), ["x.parquet"]);
    assert.equal(Deno.statSync(path).uid, WRITER.user);
  },
});
