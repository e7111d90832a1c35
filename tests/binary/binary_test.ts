/** What only the compiled program can show: that it is one file and needs nothing of this project. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { run } from "../support/child_process.ts";
import { binaryUnderTest, Recording, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";

/** The environment of a machine without Deno. */
const PLAIN_ENV = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/nonexistent" };

function binary(): string {
  const path = binaryUnderTest();
  if (path === null) throw new Error("XDP_INSPECTOR_BINARY is not set");
  return path;
}

Deno.test("the binary says its version", async () => {
  const result = await runInspector(["--version"]);
  equal(result.code, 0, result.stderr);
  ok(result.stdout.startsWith(`xdp-inspector ${config.version}\n`), result.stdout);
});

Deno.test("a copy of the binary records and answers without Deno and without this project", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const copy = directory.file("copied-inspector");
  Deno.copyFileSync(binary(), copy);
  Deno.chmodSync(copy, 0o755);
  const options = { cwd: directory.path, clearEnv: true, env: PLAIN_ENV };

  const ready = directory.file("ready");
  const process = rig.b.start(
    [copy, "record", "-i", rig.b.interface, "-Q", "in", "--ready-file", ready, "--json"],
    options,
  );
  await process.until("the ready file", 20_000, () => directory.list().includes("ready"));
  await flood(rig, 50, 10);
  process.signal("SIGINT");
  const ended = await process.end(20_000);
  equal(ended.code, 0, ended.stderr);
  equal(JSON.parse(ended.stdout).rows_written, 50);

  const stats = await run([copy, "stats", "traffic", "--format", "csv"], options);
  equal(stats.code, 0, stats.stderr);
  match(stats.stdout, /^ingress,UDP,50,2600,52/m);
});

Deno.test("the binary answers for a user who may not write where it lies", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using home = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, []);
  equal((await recording.stop()).code, 0);
  const copy = directory.file("copied-inspector");
  Deno.copyFileSync(binary(), copy);
  Deno.chmodSync(copy, 0o755);
  Deno.chmodSync(directory.path, 0o755);
  Deno.chmodSync(recording.output, 0o644);
  Deno.chownSync(home.path, 65_534, 65_534);
  const before = directory.list();
  const plain = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, "stats"];
  const stats = await run(plain, {
    cwd: directory.path,
    clearEnv: true,
    env: { ...PLAIN_ENV, HOME: home.path },
  });
  equal(stats.code, 0, stats.stderr);
  deepEqual(directory.list(), before);
});
