import assert from "node:assert/strict";
import { BrokenPipe } from "../../../src/core/standard_streams.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { Recording } from "../../../src/recorder/recording.ts";
import { waitFor, within } from "../../support/deadline.ts";
import { FAKE_ROWS, FakeParts, fakePlan } from "../../support/fake_recording.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";

/** Limit for something that needs no waiting at all, milliseconds. */
const LIMIT_MS = 20_000;

const FILE = { workDirectory: "/work", temporaryPath: "/work/new.parquet" };
const SECOND = 1_000_000_000n;
const FAILED = { type: "failed", message: "Cannot go on: a test", hint: "Look elsewhere" };
const FAILURE = { name: "RunError", message: "Cannot go on: a test", hint: "Look elsewhere" };

const FINISHED = { type: "finished", segments: ["a", "b"], rows: FAKE_ROWS, bytes: 300 };

function soon<T>(promise: Promise<T>): Promise<T> {
  return within("the recording to settle", LIMIT_MS, promise);
}

/** A recording whose threads are ready. */
async function prepared(parts: FakeParts, file: typeof FILE | null = FILE): Promise<Recording> {
  const recording = Recording.prepare(fakePlan(file), parts);
  parts.drain.say({ type: "ready" });
  parts.writer.say({ type: "ready" });
  return await soon(recording);
}

Deno.test("Recording.prepare() waits for both threads before anything can be attached", async () => {
  const parts = new FakeParts();
  let isPrepared = false;
  const preparing = Recording.prepare(fakePlan(FILE), parts).then((recording) => {
    isPrepared = true;
    return recording;
  });
  parts.drain.say({ type: "ready" });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isPrepared, false);
  parts.writer.say({ type: "ready" });
  using _ = await soon(preparing);
  assert.deepEqual(parts.events, [
    "load",
    "keep heaps small",
    "start drain_worker.ts",
    "start writer_worker.ts",
  ]);
});

for (const thread of ["drain", "writer"] as const) {
  Deno.test(`Recording.prepare() releases everything when the ${thread} thread fails`, async () => {
    const parts = new FakeParts();
    const before = openDescriptors(/eventfd/).length;
    const preparing = Recording.prepare(fakePlan(FILE), parts);
    parts[thread].say(FAILED);
    await assert.rejects(soon(preparing), FAILURE);
    assert.deepEqual(parts.workers.map(({ isRunning }) => isRunning), [false, false]);
    assert.equal(parts.events.at(-1), "release");
    assert.equal(openDescriptors(/eventfd/).length, before);
  });
}

Deno.test("Recording.prepare() releases everything when a thread cannot be started", async () => {
  for (const unstartable of [0, 1]) {
    const parts = new FakeParts();
    parts.unstartable = unstartable;
    await assert.rejects(soon(Recording.prepare(fakePlan(FILE), parts)), /a thread: a test/);
    assert.deepEqual(
      parts.workers.map(({ isRunning }) => isRunning),
      Array(unstartable).fill(false),
    );
    assert.equal(parts.events.at(-1), "release");
  }
});

for (const thread of ["drain", "writer"] as const) {
  Deno.test(`Recording.attach() ends by itself when the ${thread} thread fails`, async () => {
    const parts = new FakeParts();
    using recording = await prepared(parts);
    const ended = recording.attach();
    parts[thread].say(FAILED);
    await assert.rejects(soon(ended), FAILURE);
  });
}

Deno.test("Recording.attach() ends by itself when nobody reads the stream", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts, null);
  const ended = recording.attach();
  parts.writer.say({ type: "broken_pipe" });
  await assert.rejects(soon(ended), BrokenPipe);
});

Deno.test("Recording.attach() settles when the limit is reached", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts);
  const ended = recording.attach();
  parts.drain.say({ type: "limit" });
  await soon(ended);
});

Deno.test("Recording.finish() rejects when the writer fails while the ring is drained", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts);
  const ended = recording.attach();
  ended.catch(() => {});
  const finishing = recording.finish();
  parts.writer.say(FAILED);
  await assert.rejects(soon(finishing), FAILURE);
});

Deno.test("Recording.finish() rejects when a thread fails at a later step", async () => {
  const steps: ((parts: FakeParts) => void)[] = [
    (parts) => parts.drain.say(FAILED),
    (parts) => {
      parts.drain.say({ type: "drained", records: FAKE_ROWS });
      parts.writer.say(FAILED);
    },
  ];
  for (const fail of steps) {
    const parts = new FakeParts();
    using recording = await prepared(parts);
    recording.attach().catch(() => {});
    const finishing = recording.finish();
    fail(parts);
    await assert.rejects(soon(finishing), FAILURE);
  }
});

Deno.test("Recording.finish() rejects when the file cannot be joined", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts);
  recording.attach().catch(() => {});
  const finishing = recording.finish();
  parts.drain.say({ type: "drained", records: FAKE_ROWS });
  parts.writer.say(FINISHED);
  await waitFor("the request to join", LIMIT_MS, () => parts.writer.received.length === 2);
  parts.writer.say(FAILED);
  await assert.rejects(soon(finishing), FAILURE);
});

Deno.test("Recording.finish() takes the end when everything is off its hook, not when it is written", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts);
  void recording.attach();
  // Taking the programs off takes two seconds, writing the rest six.
  parts.onDetach = () => parts.now += 2n * SECOND;
  const finishing = recording.finish();
  parts.now += 6n * SECOND;
  parts.drain.say({ type: "drained", records: FAKE_ROWS });
  parts.writer.say(FINISHED);
  const join = await waitFor("the request to join", LIMIT_MS, () => parts.writer.received[1]);
  parts.writer.say({ type: "joined", rows: FAKE_ROWS, bytes: 1234 });
  const report = await soon(finishing);

  assert.equal(report.duration_seconds, 2);
  assert.equal(report.file_bytes, 1234);
  assert.equal(report.rows_written, FAKE_ROWS);
  assert.equal(report.output, "traffic.parquet");
  const { metadata, ...rest } = join as { metadata: Record<string, string> };
  assert.deepEqual(rest, { type: "join", segments: ["a", "b"], output: FILE.temporaryPath });
  assert.equal(metadata[FILE_METADATA_KEY.started], "1970-01-01T00:00:01.000000000Z");
  assert.equal(metadata[FILE_METADATA_KEY.ended], "1970-01-01T00:00:03.000000000Z");
  assert.equal(metadata[FILE_METADATA_KEY.durationSeconds], "2");
});

Deno.test("Recording.finish() joins nothing when it was a stream", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts, null);
  void recording.attach();
  const finishing = recording.finish();
  parts.drain.say({ type: "drained", records: FAKE_ROWS });
  parts.writer.say({ ...FINISHED, segments: [] });
  assert.equal((await soon(finishing)).file_bytes, 300);
  assert.deepEqual(parts.writer.received.map(({ type }) => type), ["start"]);
});

Deno.test("Recording.finish() accepts no row more or less than the kernel captured", async () => {
  const counts = [
    { records: FAKE_ROWS, rows: FAKE_ROWS - 1 },
    { records: FAKE_ROWS - 1, rows: FAKE_ROWS - 1 },
    { records: FAKE_ROWS + 1, rows: FAKE_ROWS + 1 },
  ];
  for (const { records, rows } of counts) {
    const parts = new FakeParts();
    using recording = await prepared(parts, null);
    void recording.attach();
    const finishing = recording.finish();
    parts.drain.say({ type: "drained", records });
    parts.writer.say({ ...FINISHED, rows });
    await assert.rejects(soon(finishing), {
      message: `Cannot account for every packet: 11 captured, ${records} drained, ${rows} written`,
    });
  }
});

Deno.test("Recording.snapshot() tells milliseconds since the last program was attached", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts);
  const earliest = performance.now();
  void recording.attach();
  const latest = performance.now();
  await waitFor("some time to pass", LIMIT_MS, () => performance.now() - latest > 20);
  const before = performance.now();
  const { elapsedMs } = recording.snapshot();
  const after = performance.now();
  assert.ok(elapsedMs >= before - latest && elapsedMs <= after - earliest, `${elapsedMs}`);
});

Deno.test("Recording.snapshot() tells three sources, all packets, and what is written", async () => {
  const parts = new FakeParts();
  using recording = await prepared(parts);
  void recording.attach();
  parts.writer.say({ type: "progress", rows: 5, bytes: 77 });
  const { accounting, rowsWritten, fileBytes } = recording.snapshot();
  assert.equal(parts.topSources, 3);
  assert.deepEqual([accounting.packets_seen, rowsWritten, fileBytes], [15, 5, 77]);
});

Deno.test("Recording.packetsOf() counts what was captured at those hooks", async () => {
  using recording = await prepared(new FakeParts());
  assert.equal(recording.packetsOf([{ slot: 1 }]), 4);
  assert.equal(recording.packetsOf([{ slot: 0 }, { slot: 1 }]), 11);
});
