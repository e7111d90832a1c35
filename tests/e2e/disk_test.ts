/** Disks that fill up or refuse something while a recording is being written. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { check } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import {
  denoRun,
  exists,
  inspector,
  type JsonReport,
  PROJECT,
  Recording,
  runInspector,
} from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

const LIMIT_MS = 60_000;

/** The hidden directory of the recording in a directory. */
function workIn(path: string): string | undefined {
  const name = [...Deno.readDirSync(path)].map((entry) => entry.name)
    .find((entry) => entry.includes(".xdp-inspector-"));
  return name && join(path, name);
}

Deno.test("record ends with a complete file and all counts when the disk fills up", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await using disk = await SmallDisk.mount(directory.file("disk"), "64k");
  // Nothing is tried before the end, so that every packet comes.
  const flags = ["-Q", "in", "--json", "--flush-interval", "0"];
  const recording = await Recording.start(rig.b, disk.path, flags);
  await ping(rig, 5, ["ipv4"]);
  recording.process.signal("SIGUSR2");
  const work = await waitFor("the closed segment", 60_000, async () => {
    const path = workIn(disk.path);
    if (path === undefined) return undefined;
    const closed = footerRowCount(join(path, "000001.parquet"));
    return await closed.then(() => path, () => undefined);
  });
  await footerRowCount(join(work, "000001.parquet"));
  await flood(rig, 50_000, 22);

  const { code, stdout, stderr } = await recording.stop();

  equal(code, 1);
  match(stderr, /^xdp-inspector: Cannot write ".*": no space left on device$/mi);
  match(stderr, /^50,000 packets not written, the output failed \(> 99\.99 %\)$/m);
  match(stderr, /^0 packets dropped by kernel$/m);
  const report: JsonReport = JSON.parse(stdout);
  deepEqual(report.drops, { ring_full: 0, queue_full: 0, not_written: 50_000 });
  deepEqual([report.packets_seen, report.packets_captured, report.rows_written], [50_005, 5, 5]);
  await untilNothingAttached(rig.b);
  equal(await footerRowCount(recording.output), 5);
  deepEqual([...Deno.readDirSync(disk.path)].filter(({ isDirectory }) => isDirectory), []);
  const stats = await runInspector(["stats", "traffic", "-f", recording.output]);
  equal(stats.code, 0);
  match(stats.stdout, /ingress +ICMP +5 +490 B/);
  match(stats.stdout, /lost 50,000 of 50,005 packets \(> 99\.99 %\), not written/);
});

Deno.test("record ends by itself when the disk is full, and with --on-error drop when it is to end", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  for (const onError of ["stop", "drop"]) {
    await using disk = await SmallDisk.mount(directory.file(onError), "64k");
    const flags = ["-Q", "in", "-d", "0", "--json", "--flush-interval", "1s", "--min-free", "0"];
    const recording = await Recording.start(rig.b, disk.path, [...flags, "--on-error", onError]);
    await ping(rig, 5, ["ipv4"]);
    recording.process.signal("SIGUSR2");
    await recording.process.until("the closed segment", LIMIT_MS, () => {
      const name = workIn(disk.path);
      return name !== undefined && exists(join(name, "000001.parquet"));
    });
    await flood(rig, 50_000, 22);
    if (onError === "drop") {
      await recording.process.until("the trouble", LIMIT_MS, ({ stderr }) => {
        return stderr.includes("no space left on device");
      });
      ok(recording.process.running);
      recording.process.signal("SIGINT");
    }
    const { code, stdout, stderr } = await recording.process.end(LIMIT_MS);
    match(stderr, /Cannot write ".*": no space left on device$/m);
    const report: JsonReport = JSON.parse(stdout);
    ok(report.drops.not_written! > 0, stdout);
    equal(report.rows_written, report.packets_seen - report.drops.not_written!);
    // With "drop", the end of the flood may be so few packets that there is room for them.
    const isWritten = stderr.lastIndexOf("is written again") > stderr.lastIndexOf("Cannot write");
    ok(onError === "drop" || !isWritten, stderr);
    equal(code, isWritten ? 0 : 1, stderr);
    // Or for them, but not for one file of it all.
    if (!exists(recording.output)) {
      match(stderr, /^[\d,]+ rows written, but not to ".*traffic\.parquet"$/m);
      match(
        stderr,
        /^ {2}What was recorded before is in ".*": make a file of it by ".* recover"$/m,
      );
      await check(["mount", "-o", "remount,size=16m", disk.path]);
      const recovered = await runInspector(["recover", disk.path]);
      equal(recovered.code, 0, recovered.stderr);
    }
    equal(await footerRowCount(recording.output), report.rows_written);
  }
});

Deno.test("record --on-error drop counts what cannot be written, and goes on when there is room", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await using disk = await SmallDisk.mount(directory.file("disk"), "64k");
  const flags = ["-Q", "in", "--json", "--on-error", "drop", "--flush-interval", "1s"];
  // What is kept for the end may be all there is.
  flags.push("--min-free", "0");
  const recording = await Recording.start(rig.b, disk.path, flags);
  await ping(rig, 5, ["ipv4"]);
  recording.process.signal("SIGUSR2");
  await recording.process.until("the closed segment", 60_000, () => {
    const name = workIn(disk.path);
    return name !== undefined && exists(join(name, "000001.parquet"));
  });
  await flood(rig, 50_000, 22);
  await recording.process.until("the trouble", 60_000, () => {
    return recording.process.stderr.includes("no space left on device");
  });
  await check(["mount", "-o", "remount,size=16m", disk.path]);
  await ping(rig, 7, ["ipv4"]);
  await recording.process.until("an end of the trouble", 60_000, () => {
    return recording.process.stderr.includes(`"${recording.output}" is written again`);
  });
  const report = await recording.stopWithReport();
  const { not_written: lost } = report.drops;
  deepEqual(report.drops, { ring_full: 0, queue_full: 0, not_written: lost });
  ok(lost! > 0 && lost! <= 50_000, `${lost}`);
  equal(report.packets_seen, 50_012);
  equal(report.rows_written, 50_012 - lost!);
  equal(await footerRowCount(recording.output), report.rows_written);
});

Deno.test("record tells all counts also when only the last step fails", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["-Q", "in", "--json"]);
  await ping(rig, 5, ["ipv4"]);
  Deno.mkdirSync(recording.output);
  const { code, stdout, stderr } = await recording.stop();
  equal(code, 1);
  equal(JSON.parse(stdout).rows_written, 5);
  match(stderr, /^5 packets captured$/m);
  ok(stderr.includes(`Cannot write "${recording.output}": it is a directory`), stderr);
  const [, complete = ""] = /Move the complete recording, "(.*)", to/.exec(stderr) ?? [];
  equal(await footerRowCount(complete), 5);
});

Deno.test("record refuses to fill a disk, and says how much is to stay free", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await using disk = await SmallDisk.mount(directory.file("disk"), "1m");
  const output = join(disk.path, "x.parquet");
  const argv = (...more: string[]) =>
    inspector("record", "-i", rig.b.interface, "-o", output, "-d", "0.2s", ...more);
  const refused = await rig.b.run(argv("--min-free", "2MiB"));
  equal(refused.code, 1);
  match(
    refused.stderr,
    /Cannot write ".*x\.parquet": only 1\.00 MiB are free there, 2\.00 MiB are/,
  );
  Deno.writeFileSync(join(disk.path, "others"), new Uint8Array(1000 * 1024));
  const usual = await rig.b.run(argv());
  match(usual.stderr, /only 24\.0 KiB are free there, 51\.2 KiB are to stay free/);
  deepEqual([...Deno.readDirSync(disk.path)].map(({ name }) => name), ["others"]);
  const all = await rig.b.run(argv("--min-free", "0"));
  equal(all.code, 0, all.stderr);
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
