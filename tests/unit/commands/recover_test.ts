import assert from "node:assert/strict";
import { runRecover } from "../../../src/commands/recover/run_recover.ts";
import { WorkDirectory } from "../../../src/sinks/output/work_directory.ts";
import { SegmentStore } from "../../../src/sinks/segments/segment_store.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { ATTACHMENTS, batchesOf, PACKETS } from "../sinks/packets.ts";

/** A directory in which recorders were killed. */
class Rig implements Disposable {
  readonly directory = TempDirectory.create();

  hidden(output: string): string {
    const path = this.directory.file(`.${output}.xdp-inspector-0000000a`);
    Deno.mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** One that had brought a packet onto the disk. */
  async withPacket(output: string): Promise<string> {
    const directory = this.hidden(output);
    using store = await SegmentStore.create({ directory, attachments: ATTACHMENTS, metadata: {} });
    store.append(batchesOf([PACKETS.tcp4])[0]!.batch, 1);
    store.writeOpen();
    return directory;
  }

  /** What the command says, and how it ends. */
  recover(json = false): { code: number; stdout: string; stderr: string } {
    const said = { stdout: "", stderr: "" };
    const names = ["stdout", "stderr"] as const;
    const own = names.map((name) => Object.getOwnPropertyDescriptor(Deno[name], "writeSync"));
    for (const name of names) {
      const writeSync = (bytes: Uint8Array) => {
        said[name] += new TextDecoder().decode(bytes);
        return bytes.length;
      };
      Object.defineProperty(Deno[name], "writeSync", { value: writeSync, configurable: true });
    }
    try {
      const code = runRecover({ path: this.directory.path, json });
      const { stdout, stderr } = said;
      return { code, stdout: this.#short(stdout), stderr: this.#short(stderr) };
    } finally {
      for (const [index, name] of names.entries()) {
        if (own[index]) Object.defineProperty(Deno[name], "writeSync", own[index]);
        else Reflect.deleteProperty(Deno[name], "writeSync");
      }
    }
  }

  #short(text: string): string {
    return text.replaceAll(this.directory.path, "");
  }

  [Symbol.dispose](): void {
    this.directory[Symbol.dispose]();
  }
}

Deno.test("runRecover() ends well when it has recovered everything, also nothing", async () => {
  using rig = new Rig();
  await rig.withPacket("a.parquet");
  rig.hidden("b.parquet");
  const umask = Deno.umask();
  assert.deepEqual(rig.recover(), {
    code: 0,
    stdout: '1 packet in "/a.parquet"\n' +
      'no packets in "/.b.parquet.xdp-inspector-0000000a", removed\n',
    stderr: "",
  });
  assert.equal(Deno.umask(), umask);
  assert.deepEqual(rig.recover(), { code: 0, stdout: "", stderr: 'Nothing to recover at ""\n' });
  assert.deepEqual(rig.recover(true), { code: 0, stdout: "[]\n", stderr: "" });
});

Deno.test("runRecover() fails when something is damaged, and says what it leaves", async () => {
  using rig = new Rig();
  const work = await rig.withPacket("a.parquet");
  Deno.writeTextFileSync(`${work}/000002.parquet`, "PAR1 and no more");
  const { code, stdout } = rig.recover();
  assert.equal(code, 1);
  assert.match(stdout, /^1 packet in "\/a\.parquet"\nleft where it is: .*000002\.parquet.*\n$/);
});

Deno.test("runRecover() fails when something cannot be recovered, and goes on with the rest", async () => {
  using rig = new Rig();
  await rig.withPacket("a.parquet");
  await rig.withPacket("b.parquet");
  const { prototype } = WorkDirectory;
  const { takeOver } = prototype;
  let tried = 0;
  prototype.takeOver = function () {
    if (tried++ === 0) throw new Error("a test");
    takeOver.call(this);
  };
  try {
    const { code, stdout } = rig.recover(true);
    const [failed, recovered] = JSON.parse(stdout);
    assert.equal(code, 1);
    assert.deepEqual([failed.kind, recovered.kind], ["failed", "recovered"]);
    assert.equal(typeof failed.error, "string");
  } finally {
    prototype.takeOver = takeOver;
  }
});

Deno.test("runRecover() fails when something belongs to somebody else", {
  ignore: Deno.uid() !== 0,
}, () => {
  using rig = new Rig();
  Deno.chownSync(rig.hidden("a.parquet"), 65_534, 65_534);
  assert.deepEqual(rig.recover(), {
    code: 1,
    stdout: '"/.a.parquet.xdp-inspector-0000000a" belongs to user 65534, left alone\n',
    stderr: "",
  });
  const json = rig.recover(true);
  const [{ kind, user }] = JSON.parse(json.stdout);
  assert.deepEqual([json.code, kind, user], [1, "foreign", 65_534]);
});
