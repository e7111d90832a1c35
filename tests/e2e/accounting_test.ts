/** Where every packet has gone: losses by cause, sampling, and segments closed on request. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { BATCH_ROWS } from "../../src/batch/column_batch.ts";
import { possibleProcessors } from "../../ffi/mod.ts";
import { ringShape } from "../../src/drain/ring_shape.ts";
import type { RecordedAttachment } from "../../src/contract/file_metadata.ts";
import { type JsonReport, Recording, runInspector } from "../support/inspector_cli.ts";
import { check } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import { NetnsPair } from "../support/netns.ts";
import { fileMetadata, footerRowCount, query } from "../support/parquet_rows.ts";
import { processCpuMs } from "../support/process_usage.ts";
import { slowRecorder } from "../support/slow_recorder.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";

const FLOOD = 100_000;

/** Only what comes in, so that the number of packets is the number that was sent. */
const INGRESS = ["--json", "--direction", "in"];

function addsUp(report: JsonReport): void {
  equal(
    report.packets_seen,
    report.packets_captured + report.packets_dropped + report.packets_sampled_out +
      report.packets_filtered,
  );
  equal(report.packets_dropped, Object.values(report.drops).reduce((sum, n) => sum + n, 0));
  equal(report.rows_written, report.packets_captured);
}

/** What a recording with `flags` says of {@linkcode FLOOD} packets. */
async function recordFlood(
  rig: NetnsPair,
  directory: TempDirectory,
  flags: readonly string[],
  program?: string[],
): Promise<{ report: JsonReport; recording: Recording }> {
  const args = [...INGRESS, ...flags];
  const recording = await Recording.start(rig.b, directory.path, args, {}, program);
  await flood(rig, FLOOD, 22);
  return { report: await recording.stopWithReport(), recording };
}

Deno.test("record counts exactly what a ring that is too small loses", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, [
    ...INGRESS,
    ...["--buffer", "4KiB"],
  ]);
  // A reader that is stopped makes sure that the ring overflows, however fast this machine is.
  recording.process.signal("SIGSTOP");
  await flood(rig, FLOOD, 22);
  recording.process.signal("SIGCONT");
  const report = await recording.stopWithReport();

  addsUp(report);
  equal(report.packets_seen, FLOOD);
  const { limit } = ringShape(4096, possibleProcessors());
  deepEqual(report.drops, { ring_full: FLOOD - limit, queue_full: 0, not_written: 0 });
  equal(await footerRowCount(recording.output), limit);

  const { stdout } = await runInspector(["stats", "traffic", "-f", recording.output]);
  const lost = (FLOOD - limit).toLocaleString("en");
  ok(
    new RegExp(`lost ${lost} of 100,000 packets \\(99\\.\\d+ %\\), ring full`).test(stdout),
    stdout,
  );
});

Deno.test("record counts losses to a slow writer apart from those of a slow reader", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.chmodSync(directory.path, 0o711);
  const gate = directory.file("gate");
  // It writes nothing until all is sent, however long that takes.
  const program = slowRecorder({ delayMs: 0, gate, queueDepth: 1 });
  // A ring small enough to fill behind the queue, and large enough for a reader that has to wait for a CPU.
  const args = [...INGRESS, "--buffer", "4MiB"];
  const recording = await Recording.start(rig.b, directory.path, args, {}, program);
  for (let turn = 0; turn < 2; turn++) await flood(rig, FLOOD, 22);
  Deno.writeTextFileSync(gate, "");
  const report = await recording.stopWithReport();
  addsUp(report);
  equal(report.packets_seen, 2 * FLOOD);
  const { rings, limit } = ringShape(4 * 2 ** 20, possibleProcessors());
  ok(report.packets_captured <= rings * limit + BATCH_ROWS, JSON.stringify(report.drops));
  ok(report.drops.queue_full! > FLOOD / 4, JSON.stringify(report.drops));
  // A loss in the moment before the reader says that the writer is behind counts as ring_full.
  ok(report.drops.ring_full! < FLOOD / 20, JSON.stringify(report.drops));
});

Deno.test("record loses nothing to a writer that is slow for less than the queue holds", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { report } = await recordFlood(rig, directory, [], slowRecorder({ delayMs: 300 }));
  addsUp(report);
  equal(report.packets_seen, FLOOD);
  equal(report.packets_dropped, 0);
});

Deno.test("record accounts for every packet when all its threads share one CPU", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, [...INGRESS]);
  await check(["taskset", "--all-tasks", "--pid", "--cpu-list", "0", `${recording.process.pid}`]);
  await flood(rig, FLOOD, 22);
  const report = await recording.stopWithReport();
  addsUp(report);
  equal(report.packets_seen, FLOOD);
  equal(report.packets_dropped, 0);
});

Deno.test("record sleeps again after packets that have woken its reader many times", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  // A small ring wakes the reader often.
  const flags = [...INGRESS, "--buffer", "64KiB"];
  const recording = await Recording.start(rig.b, directory.path, flags);
  await flood(rig, FLOOD, 22);
  const { pid } = recording.process;
  // A reader that does not sleep takes all of a CPU, for good: then there is no such second.
  await waitFor("a second with little work", 60_000, async () => {
    const before = processCpuMs(pid);
    await new Promise((resume) => setTimeout(resume, 1000));
    return processCpuMs(pid) - before < 300;
  });
  addsUp(await recording.stopWithReport());
});

Deno.test("record --sample keeps about one packet in n, and stats scales by n", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { report, recording } = await recordFlood(rig, directory, ["--sample", "10"]);
  addsUp(report);
  equal(report.packets_seen, FLOOD);
  equal(report.sample_rate, 10);
  // Binomial: the standard deviation is 95. Ten of them are never reached by chance.
  ok(Math.abs(report.packets_captured - FLOOD / 10) < 950, `${report.packets_captured}`);

  const args = ["stats", "traffic", "-f", recording.output];
  const { stdout } = await runInspector([...args, "--format", "json"]);
  const [udp] = JSON.parse(stdout);
  equal(udp.packet_count, report.packets_captured * 10);
  equal(udp.total_bytes, report.bytes_captured * 10);
  const table = await runInspector(args);
  ok(table.stdout.includes("sampled: 1 packet in 10 was kept"), table.stdout);
});

Deno.test("record keeps the counters of each attachment in the file", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--json"]);
  await ping(rig, 5, ["ipv4"]);
  const report = await recording.stopWithReport();
  const metadata = await fileMetadata(recording.output);
  const attachments: RecordedAttachment[] = JSON.parse(
    metadata.get("xdp_inspector.attachments")!,
  );
  deepEqual(
    attachments.map(({ interface: name, direction, counters }) => {
      return [name, direction, counters.packets_captured];
    }),
    [[rig.b.interface, "ingress", 5], [rig.b.interface, "egress", 5]],
  );
  const total = JSON.parse(metadata.get("xdp_inspector.counters")!);
  equal(total.packets_seen, report.packets_seen);
  equal(attachments.reduce((sum, { counters }) => sum + counters.packets_seen, 0), 10);
});

Deno.test("record closes the open segment on SIGUSR2 and goes on", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, INGRESS);
  await ping(rig, 5, ["ipv4"]);
  recording.process.signal("SIGUSR2");
  const segment = await waitFor("the closed segment", 60_000, async () => {
    const work = directory.list().find((name) => name.includes(".xdp-inspector-"));
    if (work === undefined) return undefined;
    const path = join(directory.path, work, "000001.parquet");
    return await footerRowCount(path).then(() => path, () => undefined);
  });
  deepEqual(await query(segment, "SELECT count(*)::INTEGER AS rows FROM packets"), [{ rows: 5 }]);
  await ping(rig, 3, ["ipv4"]);
  const report = await recording.stopWithReport();
  equal(report.rows_written, 8);
  equal(await footerRowCount(recording.output), 8);
});
