/** What only the compiled program can show: that it is one file and needs nothing of this project. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { run } from "../support/child_process.ts";
import { compiledProgram, PROJECT, Recording, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { say } from "../support/print.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";

/** The environment of a machine without Deno. */
const PLAIN_ENV = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/nonexistent" };

Deno.test("the binary says its version", async () => {
  const result = await runInspector(["--version"]);
  equal(result.code, 0, result.stderr);
  ok(result.stdout.startsWith(`xdp-inspector ${config.version}\n`), result.stdout);
});

Deno.test("a copy of the binary records and answers without Deno and without this project", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const copy = directory.file("copied-inspector");
  Deno.copyFileSync(compiledProgram(), copy);
  Deno.chmodSync(copy, 0o755);
  const options = { cwd: directory.path, clearEnv: true, env: PLAIN_ENV };

  const ready = directory.file("ready");
  const process = rig.b.start(
    [copy, "record", "-i", rig.b.interface, "-Q", "in", "-d", "0", "--ready-file", ready, "--json"],
    options,
  );
  await process.until("the ready file", 60_000, () => directory.list().includes("ready"));
  await flood(rig, 50, 10);
  process.signal("SIGINT");
  const ended = await process.end(60_000);
  equal(ended.code, 0, ended.stderr);
  equal(JSON.parse(ended.stdout).rows_written, 50);

  const stats = await run([copy, "stats", "traffic", "--format", "csv"], options);
  equal(stats.code, 0, stats.stderr);
  match(stats.stdout, /^ingress,UDP,50,2600,52/m);
});

Deno.test("the binary answers for a user without a home who may not write where it lies", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, []);
  equal((await recording.stop()).code, 0);
  const copy = directory.file("copied-inspector");
  Deno.copyFileSync(compiledProgram(), copy);
  Deno.chmodSync(copy, 0o755);
  Deno.chmodSync(directory.path, 0o755);
  Deno.chmodSync(recording.output, 0o644);
  const before = directory.list();
  const plain = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, "stats"];
  const stats = await run(plain, {
    cwd: directory.path,
    clearEnv: true,
    env: { PATH: PLAIN_ENV.PATH },
  });
  equal(stats.code, 0, stats.stderr);
  deepEqual(directory.list(), before);
});

Deno.test("the binary stays below 180 MB, with its start-up times printed", async () => {
  using directory = TempDirectory.create();
  const bytes = Deno.statSync(compiledProgram()).size;
  const recording = join(PROJECT, "tests", "testdata", "lossy.parquet");
  const options = { cwd: directory.path, clearEnv: true, env: PLAIN_ENV };
  const lines = [`size: ${(bytes / 1e6).toFixed(1)} MB`];
  for (const args of [["--version"], ["stats", "summary", "-f", recording]]) {
    const times: number[] = [];
    for (let start = 0; start < 5; start++) {
      const before = performance.now();
      const result = await run([compiledProgram(), ...args], options);
      times.push(performance.now() - before);
      equal(result.code, 0, result.stderr);
    }
    const shown = times.map((time) => time.toFixed(0)).join(", ");
    lines.push(`${args.slice(0, 2).join(" ")}: ${shown} ms`);
  }
  say(lines.join("\n"));
  ok(bytes <= 180e6, lines[0]);
});

Deno.test("the binary has one file of DuckDB's package", () => {
  // Deno's list of the files inside, as JSON.
  const program = Buffer.from(Deno.readFileSync(compiledProgram()));
  ok(program.includes('"n":"lib","e":[{"File":{"n":"index.js"'));
  equal(program.includes('"n":"DuckDBInstance.js"'), false);
});

Deno.test("the binary says its version without reading its libraries", async () => {
  using directory = TempDirectory.create();
  const calls = directory.file("calls");
  const strace = ["strace", "-f", "-e", "trace=read,pread64,readv,preadv", "-o", calls];
  const result = await run([...strace, compiledProgram(), "--version"], { env: PLAIN_ENV });
  equal(result.code, 0, result.stderr);
  const counts = [...Deno.readTextFileSync(calls).matchAll(/ = (\d+)$/gm)].map(([, n]) =>
    Number(n)
  );
  const bytes = counts.reduce((sum, count) => sum + count, 0);
  ok(bytes > 0 && bytes < 30e6, `${bytes} bytes were read`);
});
