/** The demo, as the README says to run it. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { check, run } from "../support/child_process.ts";
import { asNobody, denoRun, exists, PROJECT } from "../support/inspector_cli.ts";
import { MachinePressure } from "../support/pressure.ts";
import { TempDirectory } from "../support/temp_directory.ts";

/** The demo promises to be done before, on a machine that has nothing else to do. */
const DEMO_LIMIT_MS = 20_000;

Deno.test("the demo shows every kind of its traffic in time and leaves no namespace behind", async () => {
  const start = performance.now();
  const pressure = new MachinePressure();
  using directory = TempDirectory.create();
  // A file of the user's must stay what it is.
  Deno.writeTextFileSync(directory.file("traffic.parquet"), "a file of somebody");
  const task = ["task", "--quiet", "--config", join(PROJECT, "deno.json"), "demo"];
  // npx, by which the tests may have been started, says where it was called itself.
  const argv = ["env", "-u", "INIT_CWD", Deno.execPath(), ...task];
  const result = await run(argv, { cwd: directory.path });
  equal(result.code, 0, result.stdout + result.stderr);
  const elapsed = performance.now() - start;
  const { waitedMs } = pressure;
  ok(elapsed - waitedMs < DEMO_LIMIT_MS, `${elapsed} ms, ${waitedMs} ms of them waiting`);
  for (const word of ["TCP", "UDP", "ICMP", "ICMPv6", "10.91.0.1", "fd00:91::1"]) {
    ok(result.stdout.includes(word), `no ${word} in\n${result.stdout}`);
  }
  deepEqual(await orphanedNamespaces(), []);

  equal(Deno.readTextFileSync(directory.file("traffic.parquet")), "a file of somebody");
  const kept = /^ {2}(\/.*\.parquet)$/m.exec(result.stdout)?.[1];
  equal(kept, directory.file("traffic-1.parquet"), result.stdout);
  deepEqual(directory.list(), ["traffic-1.parquet", "traffic.parquet"]);
  const next = /^next, try: deno (.*)$/m.exec(result.stdout)?.[1] ?? "";
  const shell = `cd ${directory.path} && ${Deno.execPath()} ${next}`;
  ok((await check(["sh", "-c", shell])).includes("10.91.0.1"));
});

Deno.test("the demo says in one line that it needs root", async () => {
  const result = await run(asNobody(denoRun("tests/demo/demo.ts")), { cwd: PROJECT });
  equal(result.code, 1);
  equal(result.stderr.trim().split("\n").length, 1, result.stderr);
  ok(result.stderr.includes("sudo deno task demo"), result.stderr);
});

/** Namespaces of the rig whose owner, named in their name, no longer runs. */
async function orphanedNamespaces(): Promise<string[]> {
  const lines = (await check(["ip", "netns", "list"])).split("\n");
  return lines.map((line) => line.split(" ")[0]!).filter((name) => {
    const owner = /^xi-[ab]-(\d+)-/.exec(name)?.[1];
    return owner !== undefined && !exists(`/proc/${owner}`);
  });
}
