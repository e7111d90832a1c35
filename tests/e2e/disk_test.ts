/** Disks that fill up or refuse something while a recording is being written. */
import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { check } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import {
  denoRun,
  exists,
  inspector,
  PROJECT,
  Recording,
  runInspector,
} from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

/** A file system of its own for one directory, unmounted on disposal. */
class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async mount(path: string, size: string): Promise<SmallDisk> {
    Deno.mkdirSync(path);
    await check(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
    return new SmallDisk(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await check(["umount", "--lazy", this.path]);
  }
}

Deno.test("record keeps the segments it has closed when the disk fills up", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await using disk = await SmallDisk.mount(directory.file("disk"), "64k");
  const recording = await Recording.start(rig.b, disk.path, ["-Q", "in"]);
  await ping(rig, 5, ["ipv4"]);
  recording.process.signal("SIGUSR2");
  const work = await waitFor("the closed segment", 10_000, async () => {
    const name = [...Deno.readDirSync(disk.path)].map((entry) => entry.name)
      .find((entry) => entry.includes(".xdp-inspector-"));
    if (name === undefined) return undefined;
    const path = join(disk.path, name);
    const closed = footerRowCount(join(path, "000001.parquet"));
    return await closed.then(() => path, () => undefined);
  });
  await flood(rig, 50_000, 22);

  const { code, stdout, stderr } = await recording.stop();

  equal(code, 1);
  equal(stdout, "");
  match(stderr, /^xdp-inspector: Cannot write ".*": no space left on device$/mi);
  ok(stderr.includes(`What was recorded before is in "${work}"`), stderr);
  ok(!exists(recording.output));
  await untilNothingAttached(rig.b);
  equal(await footerRowCount(join(work, "000001.parquet")), 5);
  const stats = await runInspector(["stats", "traffic", "-f", work, "--format", "csv"]);
  equal(stats.code, 0);
  ok(stats.stdout.includes("ingress,ICMP,5,490,98"), stats.stdout);
});

Deno.test("record makes no ready file, not even an empty one, on a disk that is full", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await using disk = await SmallDisk.mount(directory.file("disk"), "4k");
  Deno.writeFileSync(join(disk.path, "full"), new Uint8Array(4096));
  const ready = join(disk.path, "ready");
  const output = directory.file("x.parquet");
  const argv = inspector("record", "-i", rig.b.interface, "-o", output, "--ready-file", ready);
  const { code, stderr } = await rig.b.run(argv);
  equal(code, 1);
  ok(stderr.includes(`Cannot create the ready file "${ready}": no space left on device`), stderr);
  equal([...Deno.readDirSync(disk.path)].map(({ name }) => name).join(), "full");
  equal(directory.list().join(), "disk");
  await untilNothingAttached(rig.b);
});

Deno.test("OutputFile.publish() keeps the file where it cannot be given to the caller of sudo", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("x.parquet");
  const probe = join(PROJECT, "tests", "support", "publish_probe.ts");
  // In this user namespace only root is mapped: to give a file to anybody else is refused.
  const said = await check(["unshare", "--map-root-user", ...denoRun(probe, path)], {
    env: { SUDO_UID: "1000", SUDO_GID: "1000" },
  });
  equal(said.trim(), `Cannot give "${path}" to its user: invalid argument`);
  equal(Deno.readTextFileSync(path), "recorded");
  equal(directory.list().join(), "x.parquet");
});
