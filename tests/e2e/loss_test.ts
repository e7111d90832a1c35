/** When packets were lost: what the file says, against when the test has sent them. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { RecordedAttachment } from "../../src/contract/file_metadata.ts";
import type { RecordedLoss } from "../../src/contract/loss_interval.ts";
import { waitFor } from "../support/deadline.ts";
import { Recording, reportOf, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { fileMetadata } from "../support/parquet_rows.ts";
import { slowRecorder } from "../support/slow_recorder.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";

const LIMIT_MS = 60_000;
const FLOOD = 60_000;

/** Between two floods, milliseconds: several readings of the counters. */
const QUIET_MS = 4000;

/** A time by the wall clock, milliseconds. */
type Span = readonly [from: number, to: number];

async function flooded(rig: NetnsPair): Promise<Span> {
  const from = Date.now();
  await flood(rig, FLOOD, 22);
  return [from, Date.now()];
}

function overlap([from, to]: Span, [otherFrom, otherTo]: Span): boolean {
  return from <= otherTo && otherFrom <= to;
}

/** What the metadata of a file says, once its sums are right. */
async function lossesOf(path: string): Promise<{ losses: RecordedLoss[]; dropped: number }> {
  const metadata = await fileMetadata(path);
  const losses: RecordedLoss[] = JSON.parse(metadata.get("xdp_inspector.loss_intervals")!);
  const attachments: RecordedAttachment[] = JSON.parse(metadata.get("xdp_inspector.attachments")!);
  let dropped = 0;
  for (const { slot, counters } of attachments) {
    dropped += counters.packets_dropped;
    for (const [cause, count] of Object.entries(counters.drops)) {
      const sum = losses.filter((one) => one.slot === slot)
        .reduce((total, { drops }) => total + (drops[cause] ?? 0), 0);
      equal(sum, count, `${cause} of ${slot} in ${path}`);
    }
  }
  return { losses, dropped };
}

/** A reading may be a tenth of a second late. */
function spanOf({ started, ended }: RecordedLoss): Span {
  return [Date.parse(started), Date.parse(ended) + 100];
}

Deno.test("record says in which seconds it lost packets, and each is counted once", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const program = slowRecorder({ delayMs: 1000, queueDepth: 1 });
  const flags = ["--json", "-Q", "in", "-d", "0", "--buffer", "1MiB"];
  const recording = await Recording.start(rig.b, directory.path, flags, {}, program);
  const first = await flooded(rig);
  const quietFrom = Date.now();
  await waitFor("a time without packets", LIMIT_MS, () => Date.now() - quietFrom >= QUIET_MS);
  const second = await flooded(rig);
  const report = reportOf(await recording.stop());
  ok(report.packets_dropped > FLOOD / 2, JSON.stringify(report.drops));

  const { losses, dropped } = await lossesOf(recording.output);
  equal(dropped, report.packets_dropped);
  for (const one of losses) {
    const span = spanOf(one);
    // None reaches from one to the other, and none is of a time in which nothing came.
    const floods = [first, second].filter((flood) => overlap(span, flood)).length;
    equal(floods, 1, `${JSON.stringify(one)}, ${first}, ${second}`);
    ok(one.packets_seen >= Object.values(one.drops).reduce((sum, count) => sum + count, 0));
  }
  for (const flood of [first, second]) {
    const lost = losses.filter((one) => overlap(spanOf(one), flood))
      .reduce((sum, { drops }) => sum + Object.values(drops).reduce((all, n) => all + n, 0), 0);
    ok(lost > FLOOD / 4 && lost < FLOOD, `${lost} lost of ${FLOOD}`);
  }
});

Deno.test("record says it in each of several files, of its own time", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const program = slowRecorder({ delayMs: 500, queueDepth: 1 });
  const flags = ["-i", rig.b.interface, "-Q", "in", "-d", "0", "--buffer", "1MiB", "-W", "100"];
  const out = directory.file("out");
  Deno.mkdirSync(out);
  const ready = directory.file("ready");
  const process = rig.b.start([
    ...[...program, "record", ...flags, "--json"],
    ...["-o", `${out}/`, "--ready-file", ready],
  ]);
  await process.until("the ready file", LIMIT_MS, () => directory.list().includes("ready"));
  const files = () =>
    [...Deno.readDirSync(out)].map(({ name }) => name).filter((name) => !name.startsWith("."))
      .sort().map((name) => `${out}/${name}`);
  for (let turn = 1; turn <= 2; turn++) {
    await flooded(rig);
    process.signal("SIGUSR2");
    await process.until("another file", LIMIT_MS, () => files().length >= turn);
  }
  process.signal("SIGINT");
  const report = reportOf(await process.end(LIMIT_MS));
  const found = await Promise.all(files().map(lossesOf));
  deepEqual(found.length, 3);
  equal(found.reduce((sum, { dropped }) => sum + dropped, 0), report.packets_dropped);
  ok(found.filter(({ dropped }) => dropped > 0).length >= 2, JSON.stringify(report.drops));
  for (const [index, { losses }] of found.entries()) {
    const metadata = await fileMetadata(files()[index]!);
    const [from, to] = ["started", "ended"].map((key) => {
      return Date.parse(metadata.get(`xdp_inspector.${key}`)!);
    }) as [number, number];
    for (const one of losses) {
      const span = spanOf(one);
      ok(span[0] >= from && span[1] <= to + 100, `${span} in ${from} to ${to}`);
    }
  }
});

Deno.test("recover keeps what was known of loss when the recorder was killed", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const flags = ["-Q", "in", "-d", "0", "--buffer", "4KiB", "--flush-interval", "1s"];
  const recording = await Recording.start(rig.b, directory.path, flags);
  // A reader that is stopped makes sure that the ring overflows.
  recording.process.signal("SIGSTOP");
  await flooded(rig);
  recording.process.signal("SIGCONT");
  const hidden = () => directory.list().find((name) => name.startsWith(".traffic.parquet."));
  const known = () => Deno.readTextFileSync(directory.file(`${hidden()}/recording.json`));
  const hasRows = () =>
    [...Deno.readDirSync(directory.file(hidden()!))].some(({ name }) => name.includes(".tail-"));
  await recording.process.until("the loss in what it leaves", LIMIT_MS, () => {
    return known().includes("loss_intervals") && hasRows();
  });
  recording.process.signal("SIGKILL");
  await recording.process.end(LIMIT_MS);
  const { code, stderr } = await runInspector(["recover", directory.path]);
  equal(code, 0, stderr);
  const metadata = await fileMetadata(recording.output);
  ok(metadata.has("xdp_inspector.recovered"));
  const losses: RecordedLoss[] = JSON.parse(metadata.get("xdp_inspector.loss_intervals")!);
  const lost = losses.reduce((sum, { drops }) => sum + drops.ring_full!, 0);
  ok(lost > FLOOD / 2 && lost < FLOOD, `${lost}`);
});
