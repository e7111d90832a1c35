/** What a recording tells of its files while they come and go, and of what went wrong meanwhile. */
import assert from "node:assert/strict";
import type { EarlyEnd } from "../../../src/contract/attachment.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import type { InterfaceEvent } from "../../../src/contract/interface_event.ts";
import { RunError } from "../../../src/core/errors.ts";
import {
  type OpenFile,
  Recording,
  type RecordingPlan,
  type SeriesPlan,
} from "../../../src/recorder/recording.ts";
import { waitFor, within } from "../../support/deadline.ts";
import { FAKE_ATTACHMENTS, FAKE_ROWS } from "../../support/fake_counts.ts";
import { FakeSource } from "../../support/fake_source.ts";
import { FakeWorkers } from "../../support/fake_worker.ts";

const LIMIT_MS = 20_000;
const SECOND = 1_000_000_000n;
const FINISHED = { type: "finished", rows: FAKE_ROWS, newAddresses: 20 };
const COUNTS = [[7, 700], [4, 80]];
const EVENT: InterfaceEvent = { time: "", interface: "eth0", event: "up", detail: "" };

function soon<T>(promise: Promise<T>): Promise<T> {
  return within("the recording to settle", LIMIT_MS, promise);
}

/** A source that has more to say, a writing thread, and a series. */
class Rig {
  readonly source = Object.assign(new FakeSource(), {
    attached: FAKE_ATTACHMENTS,
    earlyEnds: [] as EarlyEnd[],
    takeInterfaceEvents: () => ({ events: this.happened.splice(0), leftOut: 0 }),
  });
  readonly happened: InterfaceEvent[] = [];
  readonly threads = new FakeWorkers();
  readonly begun: OpenFile[] = [];
  readonly finished: OpenFile[] = [];
  finish: SeriesPlan["finish"] = () => Promise.resolve(100);

  async prepare(more: Partial<RecordingPlan> = {}): Promise<Recording> {
    const series = {
      id: "a",
      onBegin: (file: OpenFile) => this.begun.push(file),
      finish: (file: OpenFile) => {
        this.finished.push(file);
        return this.finish(file);
      },
    };
    const sinks = [{ type: "parquet", workDirectory: "/hidden", path: "/hidden/new" }] as const;
    const plan = { source: this.source, sinks, output: "out", series, ...more };
    const preparing = Recording.prepare(plan, this.threads.start);
    this.source.opened.resolve();
    this.threads.worker.say({ type: "ready" });
    return await soon(preparing);
  }

  /** A file ends with so many rows: all that there are, or none. */
  part(number: number, rows: number): void {
    const part = { number, rows, counts: rows === 0 ? [] : COUNTS, lost: [] };
    this.threads.worker.say({ type: "part", part });
  }

  /** Ends source and writer. */
  async end(recording: Recording) {
    const finishing = recording.finish();
    this.source.end(FAKE_ROWS);
    this.threads.worker.say(FINISHED);
    const { worker } = this.threads;
    await waitFor("the request to complete", LIMIT_MS, () => worker.received.length === 2);
    worker.say({ type: "completed", bytes: 7 });
    return await soon(finishing);
  }
}

function told({ metadata }: OpenFile, ...keys: (keyof typeof FILE_METADATA_KEY)[]) {
  return keys.map((key) => metadata[FILE_METADATA_KEY[key]]);
}

Deno.test("Recording gives each file of a series what happened in its time, and begins the next by the clock", async () => {
  const rig = new Rig();
  const { source } = rig;
  source.followClock = () => source.time.wallNs += 3600n * SECOND;
  using recording = await rig.prepare();
  void recording.start();
  assert.deepEqual(rig.begun.map(({ number, startedMs }) => [number, startedMs]), [[1, 1000]]);
  source.time.wallNs = 5n * SECOND;
  source.earlyEnds = [{ attachment: 1, endedNs: 4n * SECOND, reason: "interface_gone" }];
  source.clockChanges.push({ kind: "set", atNs: 3n * SECOND, byNs: 3600n * SECOND });
  source.clockAheadNs = 3600n * SECOND;
  rig.happened.push(EVENT);
  rig.part(1, FAKE_ROWS);
  assert.deepEqual(rig.begun.slice(1).map(({ number, startedMs }) => [number, startedMs]), [
    [2, 3_605_000],
  ]);
  source.clockAheadNs = 0n;
  rig.part(2, 0);
  await waitFor("both files", LIMIT_MS, () => rig.finished.length === 2);
  const [one, two] = rig.finished;
  assert.deepEqual(told(one!, "fileNumber", "ended"), ["1", "1970-01-01T00:00:05.000000000Z"]);
  const attachments: { end_reason: string }[] = JSON.parse(told(one!, "attachments")[0]!);
  assert.deepEqual(attachments.map((each) => each.end_reason), ["stopped", "interface_gone"]);
  assert.deepEqual(JSON.parse(told(one!, "interfaceEvents")[0]!), [EVENT]);
  assert.deepEqual(JSON.parse(told(one!, "clock")[0]!), {
    ahead_seconds: 3600,
    changes: [{ at: "1970-01-01T00:00:03.000000000Z", kind: "set", seconds: 3600 }],
  });
  assert.deepEqual(told(two!, "fileNumber", "interfaceEvents", "clock"), [
    "2",
    undefined,
    undefined,
  ]);
});

Deno.test("Recording ends its last files when its source has ended, and only the last is the last", async () => {
  const rig = new Rig();
  using recording = await rig.prepare();
  void recording.start();
  const finishing = recording.finish();
  rig.part(1, FAKE_ROWS);
  rig.part(2, 0);
  assert.deepEqual(rig.finished, []);
  // Whatever time it is until then.
  rig.source.time.wallNs = 60n * SECOND;
  rig.source.end(FAKE_ROWS);
  const { worker } = rig.threads;
  worker.say(FINISHED);
  await waitFor("the request to complete", LIMIT_MS, () => worker.received.length === 2);
  worker.say({ type: "completed", bytes: 7 });
  const report = await soon(finishing);
  assert.deepEqual(rig.finished.map((file) => told(file, "fileNumber", "ended", "lastFile")), [
    ["1", "1970-01-01T00:00:03.000000000Z", undefined],
    ["2", "1970-01-01T00:00:03.000000000Z", "true"],
  ]);
  assert.deepEqual(rig.begun.map(({ startedMs }) => startedMs), [1000, 3000]);
  assert.deepEqual([report.files, report.file_bytes], [2, 200]);
});

Deno.test("Recording fails by a defect in the making of a file, and names it at its end", async () => {
  const rig = new Rig();
  rig.finish = () => Promise.reject(new TypeError("a defect"));
  using recording = await rig.prepare();
  const ended = recording.start();
  rig.part(1, FAKE_ROWS);
  await assert.rejects(soon(ended), { message: "a defect" });
  await assert.rejects(rig.end(recording), { message: "a defect" });
});

Deno.test("Recording takes a file that cannot be finished for trouble, and finishes those behind it", async () => {
  const rig = new Rig();
  const troubles: string[] = [];
  rig.finish = ({ number }) =>
    number === 1 ? Promise.reject(new RunError("Cannot write: a test")) : Promise.resolve(100);
  using recording = await rig.prepare({ onTrouble: ({ message }) => troubles.push(message) });
  void recording.start();
  rig.part(1, FAKE_ROWS);
  await soon(recording.troubled);
  const finishing = rig.end(recording);
  rig.part(2, 0);
  const report = await finishing;
  assert.deepEqual(rig.finished.map(({ number }) => number), [1, 2]);
  assert.deepEqual([report.files, report.file_bytes], [1, 100]);
  assert.deepEqual(troubles, ["Cannot write: a test"]);
  assert.equal(recording.trouble?.message, "Cannot write: a test");
});

Deno.test("Recording remembers the first trouble of the writer, and whether it lasts", async () => {
  const rig = new Rig();
  const said: string[] = [];
  using recording = await rig.prepare({
    onTrouble: ({ message }) => said.push(message),
    onResumed: () => said.push("resumed"),
  });
  void recording.start();
  const { worker } = rig.threads;
  assert.deepEqual([recording.trouble, recording.isTroubled], [null, false]);
  worker.say({ type: "trouble", message: "no space", hint: "make room" });
  await soon(recording.troubled);
  assert.equal(recording.isTroubled, true);
  worker.say({ type: "resumed" });
  assert.equal(recording.isTroubled, false);
  worker.say({ type: "trouble", message: "read-only" });
  assert.deepEqual([recording.trouble?.message, recording.trouble?.hint, recording.isTroubled], [
    "no space",
    "make room",
    true,
  ]);
  assert.deepEqual(said, ["no space", "resumed", "read-only"]);
});

for (const isSeries of [false, true]) {
  const what = isSeries ? "of a series" : "of one file";
  Deno.test(`Recording ${what} tells when packets are lost, until it ends`, async () => {
    const rig = new Rig();
    const known: Readonly<Record<string, string>>[] = [];
    const more = isSeries ? {} : { series: undefined as never };
    using recording = await rig.prepare({ ...more, onLosses: (one) => known.push(one) });
    // A reading is due each millisecond, as long as this is the time.
    rig.source.time.wallNs = 2n * SECOND - 1n;
    void recording.start();
    rig.threads.worker.say({ type: "progress", rows: 9, bytes: 1, lost: [[2, 200]] });
    rig.source.time.steadyNs = 60n * SECOND;
    const [first] = await waitFor("the loss", LIMIT_MS, () => known.length > 0 && known);
    const losses = JSON.parse(first![FILE_METADATA_KEY.lossIntervals]!);
    assert.deepEqual(losses.map(({ drops }: { drops: unknown }) => drops), [
      { ring_full: 3, not_written: 2 },
      { queue_full: 1 },
    ]);
    // Nobody reads any more once it is to end, or is given up.
    const finishing = recording.finish();
    let asked = 0;
    const { counts } = rig.source;
    rig.source.counts = () => (asked++, counts());
    await new Promise((resume) => setTimeout(resume, 50));
    assert.equal(asked, 0);
    finishing.catch(() => {});
  });
}

Deno.test("Recording reads no counters any more when it is disposed of", async () => {
  const rig = new Rig();
  const recording = await rig.prepare();
  rig.source.time.wallNs = 2n * SECOND - 1n;
  void recording.start();
  recording[Symbol.dispose]();
  let asked = 0;
  const { counts } = rig.source;
  rig.source.counts = () => (asked++, counts());
  await new Promise((resume) => setTimeout(resume, 50));
  assert.equal(asked, 0);
});

Deno.test("Recording.finish() tells losses, clock and interfaces in file and report", async () => {
  const rig = new Rig();
  const { source } = rig;
  using recording = await rig.prepare({ series: undefined as never });
  void recording.start();
  source.clockChanges.push({ kind: "slept", atNs: 2n * SECOND, byNs: SECOND });
  source.clockAheadNs = -SECOND;
  const finishing = recording.finish();
  const interfaceEvents = { events: [EVENT], leftOut: 2 };
  source.stopped.resolve({ rows: FAKE_ROWS, ...source.breakOff(), interfaceEvents });
  const { worker } = rig.threads;
  worker.say(FINISHED);
  const request = await waitFor("the request to complete", LIMIT_MS, () => worker.received[1]);
  worker.say({ type: "completed", bytes: 7 });
  const report = await soon(finishing);
  const changes = [{ at: "1970-01-01T00:00:02.000000000Z", kind: "slept", seconds: 1 }];
  assert.deepEqual(report.clock_changes, changes);
  assert.deepEqual(report.interface_events, [EVENT]);
  assert.equal(report.interface_events_left_out, 2);
  assert.equal("files" in report, false);
  const { metadata } = request as unknown as { metadata: Record<string, string> };
  const json = (key: keyof typeof FILE_METADATA_KEY) =>
    JSON.parse(metadata[FILE_METADATA_KEY[key]]!);
  assert.deepEqual(json("clock"), { ahead_seconds: -1, changes });
  assert.deepEqual(json("interfaceEvents"), [EVENT]);
  assert.equal(json("interfaceEventsLeftOut"), 2);
  const losses: { ended: string; drops: unknown }[] = json("lossIntervals");
  assert.deepEqual(losses.map(({ ended, drops }) => [ended, drops]), [
    ["1970-01-01T00:00:03.000000000Z", { ring_full: 3 }],
    ["1970-01-01T00:00:03.000000000Z", { queue_full: 1 }],
  ]);
});

Deno.test("Recording.finish() tells new addresses only where the writer was too slow", async () => {
  const rig = new Rig();
  const [ingress, egress] = rig.source.counts();
  const quick = { ...egress!, packets_dropped: 0, drops: { ...egress!.drops, queue_full: 0 } };
  rig.source.counts = () => [ingress!, quick];
  using recording = await rig.prepare({ series: undefined as never });
  void recording.start();
  assert.equal("new_addresses" in await rig.end(recording), false);
});

Deno.test("Recording.snapshot() does not count the time before the first packet could come", async () => {
  const rig = new Rig();
  const begun = Object.assign(rig.source, { hasBegun: false });
  using recording = await rig.prepare();
  const start = performance.now();
  void recording.start();
  const passed = () => performance.now() - start;
  await waitFor("the time to begin anew", LIMIT_MS, () => {
    return recording.snapshot().elapsedMs < passed() - 100;
  });
  begun.hasBegun = true;
  const before = performance.now();
  await waitFor("some time to pass", LIMIT_MS, () => performance.now() - before > 20);
  assert.ok(recording.snapshot().elapsedMs > 20);
});

Deno.test("Recording.prepare() gives the sinks the clock of the source", async () => {
  const rig = new Rig();
  const clock = new SharedArrayBuffer(8);
  Object.assign(rig.source, { clockMemory: clock });
  using _ = await rig.prepare();
  const [start] = rig.threads.worker.received as { options?: { clock?: unknown } }[];
  assert.equal(start!.options!.clock, clock);
});
