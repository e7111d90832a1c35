/** `stats` on a file that `record` has made, as an ordinary user on a machine without libbpf. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { run } from "../support/child_process.ts";
import { asNobody, inspector, Recording, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";

/** A file with 20 UDP packets one way and 2 pings with their replies. */
async function recorded(directory: TempDirectory): Promise<void> {
  await using rig = await NetnsPair.create({ ipv6: false });
  const recording = await Recording.start(rig.b, directory.path, []);
  await flood(rig, 20, 100);
  await ping(rig, 2, ["ipv4"]);
  equal((await recording.stop()).code, 0);
}

Deno.test("stats gives the rate that record gave, and over several files no gap between them", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const reports = [];
  for (const name of ["a", "b"]) {
    const recording = await Recording.start(rig.b, directory.path, ["--json", "-Q", "in"]);
    await flood(rig, 50, 22);
    reports.push(await recording.stopWithReport());
    Deno.renameSync(recording.output, directory.file(`${name}.parquet`));
  }
  const rate = (packets: number, seconds: number) => Math.round(packets / seconds * 100) / 100;
  const summaryOf = async (...names: string[]) => {
    const files = names.map((name) => directory.file(`${name}.parquet`));
    const { code, stdout, stderr } = await runInspector(["stats", "--json", ...files]);
    equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const [first, second] = reports.map(({ duration_seconds }) => duration_seconds);
  equal((await summaryOf("a")).packets_per_second, rate(50, first!));
  const both = await summaryOf("a", "b");
  equal(both.packet_count, 100);
  ok(Math.abs(both.recorded_seconds - first! - second!) < 1e-6, `${both.recorded_seconds}`);
  ok(Math.abs(both.packets_per_second - 100 / (first! + second!)) < 0.02, JSON.stringify(both));
});

Deno.test("stats answers without root and without libbpf", async () => {
  using directory = TempDirectory.create();
  await recorded(directory);
  Deno.chmodSync(directory.path, 0o777);
  const env = { XDP_INSPECTOR_LIBBPF: "/nonexistent/libbpf.so.1" };
  const options = { cwd: directory.path, env };

  const summary = await run(asNobody(inspector("stats")), options);
  equal(summary.code, 0, summary.stderr);
  match(summary.stdout, /UDP/);
  match(summary.stdout, /10\.91\.0\.1/);

  const argv = asNobody(inspector("stats", "traffic", "--format", "json"));
  const rows = JSON.parse((await run(argv, options)).stdout) as Record<string, unknown>[];
  const udp = rows.find((row) => row.direction === "ingress" && row.protocol === "UDP");
  deepEqual(udp, {
    direction: "ingress",
    protocol: "UDP",
    packet_count: 20,
    total_bytes: 20 * 142,
    avg_packet_size: 142,
  });
});

Deno.test("stats ends quietly when its reader goes away", async () => {
  using directory = TempDirectory.create();
  await recorded(directory);
  const quoted = inspector("stats", "flows", "--format", "ndjson").map((it) => `'${it}'`).join(" ");
  // The reader is gone before the first line is written.
  const script = `${quoted} | true; echo "\${PIPESTATUS[0]}"`;
  const result = await run(["bash", "-c", script], { cwd: directory.path });
  equal(result.stderr, "");
  equal(result.stdout, "0\n");
});

Deno.test("stats refuses a file that is not there, with its name", async () => {
  using directory = TempDirectory.create();
  const result = await runInspector(["stats", "-f", "nowhere.parquet"], { cwd: directory.path });
  equal(result.code, 1);
  equal(result.stdout, "");
  ok(result.stderr.includes('"nowhere.parquet"'), result.stderr);
});

Deno.test("stats finds as many packets as the recorder counted, also with --count and --sample", async () => {
  for (const flags of [["--count", "100"], ["--sample", "3", "-d", "4s"]]) {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const recording = await Recording.start(rig.b, directory.path, ["--json", ...flags]);
    await flood(rig, 500, 22);
    const report = await recording.process.end(60_000); // ends by itself
    equal(report.code, 0, report.stderr);
    const argv = ["stats", "-f", recording.output];
    const { stdout, code } = await runInspector(argv, { cwd: directory.path });
    equal(code, 0);
    ok(!stdout.includes("was changed or is damaged"), stdout);
    match(stdout, /capture complete|lost [\d,]+ of/);
  }
});
