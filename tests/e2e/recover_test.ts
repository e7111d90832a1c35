/** What is left of recorders that are killed at any moment, and what `recover` makes of it. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector, Recording, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { fileMetadata, footerRowCount, query } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

function workIn(path: string): string | undefined {
  const name = [...Deno.readDirSync(path)].map((entry) => entry.name)
    .find((entry) => entry.includes(".xdp-inspector-"));
  return name && join(path, name);
}

/** Rows of the open segment that are on the disk. */
function rowsInTails(work: string): number {
  const ends = [...Deno.readDirSync(work)].map(({ name }) => /\.tail-\d+-(\d+)$/.exec(name)?.[1]);
  return Math.max(0, ...ends.map((end) => Number(end ?? 0)));
}

Deno.test("recover makes a recording of what a killed recorder had brought onto the disk", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const flags = ["-Q", "in", "-d", "0", "--sample", "1", "--flush-interval", "1s"];
  const recording = await Recording.start(rig.b, directory.path, flags);
  await ping(rig, 5, ["ipv4"]);
  const work = workIn(directory.path)!;
  await recording.process.until("the packets on the disk", 60_000, () => rowsInTails(work) === 5);

  // As long as the recorder runs, nobody touches it, and nobody speaks of it.
  const alive = await rig.b.run(inspector("check", "-i", rig.b.interface, "-o", recording.output));
  match(alive.stdout, /^ok {4}leftovers /m);
  const early = await runInspector(["recover", directory.path]);
  equal(early.code, 0, early.stderr);
  ok(
    early.stdout.includes(`"${Deno.realPathSync(work)}" is being written, left alone`),
    early.stdout,
  );
  ok(exists(work));

  await recording.stop("SIGKILL");
  await untilNothingAttached(rig.b);
  const other = ["-o", directory.file("other.parquet"), "-d", "0.2s"];
  const mention = await rig.b.run(inspector("record", "-i", rig.b.interface, ...other));
  ok(
    mention.stderr.includes(`xdp-inspector recover "${Deno.realPathSync(directory.path)}"`),
    mention.stderr,
  );
  const checked = await rig.b.run(
    inspector("check", "--json", "-i", rig.b.interface, "-o", recording.output),
  );
  const findings: { check: string; status: string; fix: string | null }[] = JSON.parse(
    checked.stdout,
  );
  const leftovers = findings.find(({ check }) => check === "leftovers");
  equal(leftovers?.status, "warn");
  ok(leftovers?.fix?.includes(`xdp-inspector recover "${directory.path}"`), `${leftovers?.fix}`);
  const missing = await runInspector(["stats", "-f", recording.output]);
  equal(missing.code, 1);
  ok(missing.stderr.includes(`xdp-inspector recover`), missing.stderr);

  const { code, stdout, stderr } = await runInspector(["recover", directory.path]);
  equal(code, 0, stderr);
  equal(stdout, `5 packets in "${Deno.realPathSync(directory.path)}/traffic.parquet"\n`);
  ok(!exists(work));
  equal(await footerRowCount(recording.output), 5);
  equal(Deno.statSync(recording.output).mode! & 0o7777, 0o600);
  const metadata = await fileMetadata(recording.output);
  match(metadata.get("xdp_inspector.recovered")!, /^\d{4}-\d\d-\d\dT[\d:.]{18}Z$/);
  equal(metadata.get("xdp_inspector.sample_rate"), "1");
  ok(metadata.has("xdp_inspector.started") && !metadata.has("xdp_inspector.ended"));
  const [attachment] = JSON.parse(metadata.get("xdp_inspector.attachments")!);
  deepEqual([attachment.interface, attachment.end_reason], [rig.b.interface, "crashed"]);
  const stats = await runInspector(["stats", "traffic", "-f", recording.output]);
  equal(stats.code, 0, stats.stderr);
  match(stats.stdout, /ingress +ICMP +5 /);
  match(stats.stdout, /the recorder was killed, and what it lost is not known/);

  const again = await runInspector(["recover", directory.path]);
  equal(again.code, 0);
  match(again.stderr, /^Nothing to recover at /);
});

Deno.test("recover takes no name that is taken, and every row of segments and tails once", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const flags = ["-Q", "in", "-d", "0", "--flush-interval", "1s"];
  const recording = await Recording.start(rig.b, directory.path, flags);
  await flood(rig, 3000, 22);
  recording.process.signal("SIGUSR2");
  const work = workIn(directory.path)!;
  await waitFor("the closed segment", 60_000, async () => {
    return await footerRowCount(join(work, "000001.parquet")).catch(() => undefined);
  });
  await ping(rig, 7, ["ipv4"]);
  await recording.process.until("the tail", 60_000, () => rowsInTails(work) === 7);
  await recording.stop("SIGKILL");
  Deno.writeTextFileSync(recording.output, "not ours");
  const { code, stdout, stderr } = await runInspector(["recover", "--json", recording.output]);
  equal(code, 0, stderr);
  const recovered = directory.file("traffic-recovered.parquet");
  const files = [{ path: Deno.realPathSync(recovered), rows: 3007 }];
  deepEqual(JSON.parse(stdout), [{ kind: "recovered", files, damaged: [] }]);
  equal(Deno.readTextFileSync(recording.output), "not ours");
  deepEqual(
    await query(
      recovered,
      "SELECT protocol, count(*)::INTEGER AS n FROM packets GROUP BY 1 ORDER BY 1",
    ),
    [{ protocol: "ICMP", n: 7 }, { protocol: "UDP", n: 3000 }],
  );
});
