/** When packets were lost: what the file says, against when the test has sent them. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { RecordedAttachment } from "../../src/contract/file_metadata.ts";
import type { RecordedLoss } from "../../src/contract/loss_interval.ts";
import type { BackgroundProcess } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector, Recording, reportOf, runInspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { fileMetadata } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";

const LIMIT_MS = 60_000;
const FLOOD = 60_000;

/** Between two floods, milliseconds: several readings of the counters. */
const QUIET_MS = 4000;

/** A time by the wall clock, milliseconds. */
type Span = readonly [from: number, to: number];

/** A ring that is full at once. */
const SMALL_RING = ["--buffer", "4KiB"];

/** Floods a recorder that is stopped: so its ring overflows, however slow this machine is. */
async function flooded(rig: NetnsPair, process: BackgroundProcess): Promise<Span> {
  process.signal("SIGSTOP");
  const from = Date.now();
  await flood(rig, FLOOD, 22);
  const to = Date.now();
  process.signal("SIGCONT");
  return [from, to];
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
  const flags = ["--json", "-Q", "in", "-d", "0", ...SMALL_RING];
  const recording = await Recording.start(rig.b, directory.path, flags);
  const first = await flooded(rig, recording.process);
  const quietFrom = Date.now();
  await waitFor("a time without packets", LIMIT_MS, () => Date.now() - quietFrom >= QUIET_MS);
  const second = await flooded(rig, recording.process);
  const report = reportOf(await recording.stop());
  ok(report.packets_dropped > FLOOD, JSON.stringify(report.drops));

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
    ok(lost > FLOOD / 2 && lost < FLOOD, `${lost} lost of ${FLOOD}`);
  }
  const args = ["stats", "loss", "--by", "time", "--json", "-f", recording.output];
  const { stdout } = await runInspector(args);
  const rows: { cause: string; packets_dropped: number }[] = JSON.parse(stdout);
  equal(rows.reduce((sum, { packets_dropped }) => sum + packets_dropped, 0), dropped);
  // What comes between them is a time of its own, and complete.
  const ofFirst = losses.filter((one) => overlap(spanOf(one), first));
  const from = ofFirst.map(({ ended }) => ended).sort().at(-1)!;
  const to = losses.slice(ofFirst.length).map(({ started }) => started).sort()[0]!;
  const quiet = ["--from", from, "--to", to, "-f", recording.output];
  match((await runInspector(["stats", "traffic", ...quiet])).stdout, /^capture complete$/m);
});

Deno.test("record says it in each of several files, of its own time", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const flags = ["-i", rig.b.interface, "-Q", "in", "-d", "0", ...SMALL_RING, "-W", "100"];
  const out = directory.file("out");
  Deno.mkdirSync(out);
  const ready = directory.file("ready");
  const process = rig.b.start([
    ...inspector("record", ...flags, "--json"),
    ...["-o", `${out}/`, "--ready-file", ready],
  ]);
  await process.until("the ready file", LIMIT_MS, () => directory.list().includes("ready"));
  const files = () =>
    [...Deno.readDirSync(out)].map(({ name }) => name).filter((name) => !name.startsWith("."))
      .sort().map((name) => `${out}/${name}`);
  for (let turn = 1; turn <= 2; turn++) {
    await flooded(rig, process);
    process.signal("SIGUSR2");
    await process.until("another file", LIMIT_MS, () => files().length >= turn);
  }
  process.signal("SIGINT");
  const report = reportOf(await process.end(LIMIT_MS));
  const found = await Promise.all(files().map(lossesOf));
  deepEqual(found.length, 3);
  equal(found.reduce((sum, { dropped }) => sum + dropped, 0), report.packets_dropped);
  deepEqual(found.map(({ dropped }) => dropped > FLOOD / 2), [true, true, false]);
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
  const flags = ["-Q", "in", "-d", "0", ...SMALL_RING, "--flush-interval", "1s"];
  const recording = await Recording.start(rig.b, directory.path, flags);
  await flooded(rig, recording.process);
  const hidden = () => directory.list().find((name) => name.startsWith(".traffic.parquet."));
  const state = () => directory.file(`${hidden()}/recording.json`);
  const known = () => exists(state()) ? Deno.readTextFileSync(state()) : "";
  // One that is being written has another ending.
  const hasRows = () =>
    [...Deno.readDirSync(directory.file(hidden()!))].some(({ name }) =>
      /\.tail-\d+-\d+$/.test(name)
    );
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
