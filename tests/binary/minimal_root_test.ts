/** The compiled program where nothing is installed: a root directory with the C library only. */
import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { run } from "../support/child_process.ts";
import { compiledProgram, exists } from "../support/inspector_cli.ts";
import { MinimalRoot } from "../support/minimal_root.ts";
import { NetnsPair } from "../support/netns.ts";
import { flood } from "../support/traffic.ts";

Deno.test("the binary brings its libbpf to a root without any", async () => {
  using root = await MinimalRoot.create(compiledProgram());
  deepEqual(root.files().filter((path) => /bpf|elf|libz|stdc|duckdb/.test(path)), []);
  const version = await run(root.argv("--version"));
  equal(version.code, 0, version.stderr);
  match(version.stdout, new RegExp(`^xdp-inspector ${config.version}\nlibbpf 1\\.\\d+\n`));
});

Deno.test("the binary records and answers in a root with the C library only", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using root = await MinimalRoot.create(compiledProgram());
  const before = root.files();
  const args = [
    "-i",
    rig.b.interface,
    "-Q",
    "in",
    "-d",
    "0",
    "-o",
    "/home/traffic.parquet",
    "--json",
  ];
  const process = rig.b.start(root.argv("record", ...args, "--ready-file", "/home/ready"));
  await process.until("the ready file", 60_000, () => exists(join(root.home, "ready")));
  await flood(rig, 50, 10);
  process.signal("SIGINT");
  const ended = await process.end(60_000);
  equal(ended.code, 0, ended.stderr);
  equal(JSON.parse(ended.stdout).rows_written, 50);

  const stats = await run(
    root.argv("stats", "traffic", "-f", "/home/traffic.parquet", "--format", "csv"),
  );
  equal(stats.code, 0, stats.stderr);
  match(stats.stdout, /^ingress,UDP,50,2600,52/m);
  const made = root.files().filter((path) => !before.includes(path) && path !== "/home/ready");
  deepEqual(made, ["/home/traffic.parquet"]);
});
