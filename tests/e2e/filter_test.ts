/** Filters under load: exactly what matches is recorded, and exactly the rest is counted as filtered. */
import { deepEqual, equal, match, ok } from "node:assert/strict";

import { inspector, type JsonReport, Recording, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { fileMetadata, query } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";

const FLOOD = 50_000;
const PINGS = 20;

/** Each place in which a filter works: flags, and variables that ask for the older hook. */
const PLACES = [
  ["native XDP", ["--mode", "native"], {}],
  ["generic XDP", ["--mode", "generic"], {}],
  ["TCX", ["--mode", "tc"], {}],
  ["clsact", ["--mode", "tc"], { XDP_INSPECTOR_FORCE_CLSACT: "1" }],
] as const;

/** A flood of UDP and pings at the same time, as `flags` record them where they come in. */
async function recordBoth(
  rig: NetnsPair,
  directory: TempDirectory,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ report: JsonReport; recording: Recording }> {
  const args = ["--json", "--direction", "in", ...flags];
  const recording = await Recording.start(rig.b, directory.path, args, { env });
  await Promise.all([flood(rig, FLOOD, 22), ping(rig, PINGS, ["ipv4"])]);
  const report = await recording.stopWithReport();
  equal(
    report.packets_seen,
    report.packets_captured + report.packets_dropped + report.packets_sampled_out +
      report.packets_filtered,
  );
  equal(report.packets_seen, FLOOD + PINGS);
  equal(report.rows_written, report.packets_captured);
  return { report, recording };
}

for (const [name, flags, env] of PLACES) {
  Deno.test(`record takes exactly what its filter selects under load at ${name}`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const words = ["icmp", "and", "src", "host", rig.a.ipv4];
    const few = await recordBoth(rig, directory, [...flags, ...words], env);
    deepEqual(
      [few.report.packets_captured, few.report.packets_filtered, few.report.filter],
      [PINGS, FLOOD, words.join(" ")],
    );
    equal((await fileMetadata(few.recording.output)).get("xdp_inspector.filter"), words.join(" "));
    deepEqual(
      await query(few.recording.output, "SELECT DISTINCT protocol, source_ip FROM packets"),
      [{ protocol: "ICMP", source_ip: rig.a.ipv4 }],
    );

    const most = await recordBoth(rig, directory, [...flags, "--filter", "not icmp"], env);
    deepEqual([most.report.packets_captured, most.report.packets_filtered], [FLOOD, PINGS]);
  });
}

Deno.test("record says its filter first and last, and stats what it left out", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.writeTextFileSync(directory.file("words"), "# answers are not wanted\nicmp[icmptype] = 8\n");
  const args = ["--direction", "in", "-F", directory.file("words")];
  const recording = await Recording.start(rig.b, directory.path, args);
  await ping(rig, PINGS, ["ipv4"]);
  await flood(rig, 100, 22);
  const { stderr } = await recording.stop();
  match(stderr, /^recording .*, filter "icmp\[icmptype\] = 8", ring /m);
  match(stderr, /^filter "icmp\[icmptype\] = 8": 20 packets matched, 100 did not$/m);
  const { stdout } = await runInspector(["stats", "-f", recording.output]);
  match(stdout, /^capture complete$/m);
  match(
    stdout,
    /^recorded with the filter "icmp\[icmptype\] = 8": 100 packets did not match$/m,
  );
});

Deno.test("record samples what its filter has left", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { report } = await recordBoth(rig, directory, ["--sample", "10", "udp"]);
  equal(report.packets_filtered, PINGS);
  equal(report.packets_captured + report.packets_sampled_out, FLOOD);
  // Binomial: the standard deviation is 67. Ten of them are never reached by chance.
  ok(Math.abs(report.packets_captured - FLOOD / 10) < 670, `${report.packets_captured}`);
});

Deno.test("record loses only packets that its filter selects when the ring is too small", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const args = ["--json", "--direction", "in", "--buffer", "4KiB", "icmp"];
  const recording = await Recording.start(rig.b, directory.path, args);
  // Nobody empties the ring meanwhile: what does not match must not fill it.
  recording.process.signal("SIGSTOP");
  await flood(rig, FLOOD, 22);
  await ping(rig, PINGS, ["ipv4"]);
  recording.process.signal("SIGCONT");
  const report = await recording.stopWithReport();
  deepEqual(
    [report.packets_captured, report.packets_dropped, report.packets_filtered],
    [PINGS, 0, FLOOD],
  );
});

Deno.test("record refuses a filter that has no room in the kernel, and stats takes it", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const hosts = Array.from({ length: 3000 }, (_, index) => `10.${index >> 8}.${index & 255}.7`);
  const file = directory.file("hosts");
  Deno.writeTextFileSync(file, `icmp and not host (${hosts.join("\nor ")})`);
  const output = directory.file("all.parquet");
  const refused = await rig.b.run(
    inspector("record", "-i", rig.b.interface, "-o", output, "-F", file, "-d", "1s"),
  );
  equal(refused.code, 2);
  match(
    refused.stderr,
    /^xdp-inspector: Cannot use the filter: it takes [\d,]+ instructions in the kernel, which has room for 4,09\d$/m,
  );
  const recording = await Recording.start(rig.b, directory.path, ["--json", "-Q", "in"]);
  await flood(rig, 100, 22);
  await ping(rig, PINGS, ["ipv4"]);
  await recording.stopWithReport();
  const args = ["stats", "traffic", "--format", "json", "-f", recording.output, "-F", file];
  const { stdout } = await runInspector(args);
  deepEqual(JSON.parse(stdout).map((row: Record<string, unknown>) => row.packet_count), [PINGS]);
});
