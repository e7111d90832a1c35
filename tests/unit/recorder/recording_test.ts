import assert from "node:assert/strict";
import { BrokenPipe } from "../../../src/core/standard_streams.ts";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { RunError } from "../../../src/core/errors.ts";
import { Recording, type RecordingPlan } from "../../../src/recorder/recording.ts";
import { earlyMetadata } from "../../../src/recorder/recording_metadata.ts";
import type { SinkPlan } from "../../../src/sinks/sink_plan.ts";
import { waitFor, within } from "../../support/deadline.ts";
import { FAKE_ROWS } from "../../support/fake_counts.ts";
import { FakeSource } from "../../support/fake_source.ts";
import { FakeWorkers } from "../../support/fake_worker.ts";

/** Limit for something that needs no waiting at all, milliseconds. */
const LIMIT_MS = 20_000;

const SINKS: readonly SinkPlan[] = [
  { type: "parquet", workDirectory: "/hidden", path: "/hidden/new.parquet" },
  { type: "arrow" },
];
const FAILED = { type: "failed", message: "Cannot go on: a test", hint: "Look elsewhere" };
const FAILURE = { name: "RunError", message: "Cannot go on: a test", hint: "Look elsewhere" };

const FINISHED = { type: "finished", rows: FAKE_ROWS, newAddresses: 20 };

function soon<T>(promise: Promise<T>): Promise<T> {
  return within("the recording to settle", LIMIT_MS, promise);
}

/** A source, and a writing thread, that the test speaks for. */
class Rig {
  readonly source = new FakeSource();
  readonly threads = new FakeWorkers();

  get writer() {
    return this.threads.worker;
  }

  prepare(more: Partial<RecordingPlan> = {}): Promise<Recording> {
    const plan = { source: this.source, sinks: SINKS, output: "traffic.parquet", ...more };
    return Recording.prepare(plan, this.threads.start);
  }

  /** Lets one side fail, whatever it is at. */
  fail(side: "source" | "writer"): void {
    if (side === "writer") return this.writer.say(FAILED);
    const error = new RunError(FAILED.message, { hint: FAILED.hint });
    for (const part of ["opened", "ended", "stopped"] as const) {
      this.source[part].promise.catch(() => {});
      this.source[part].reject(error);
    }
  }
}

/** A recording whose source and writer are ready. */
async function prepared(rig: Rig, more: Partial<RecordingPlan> = {}): Promise<Recording> {
  const recording = rig.prepare(more);
  rig.source.opened.resolve();
  rig.writer.say({ type: "ready" });
  return await soon(recording);
}

Deno.test("Recording.prepare() waits for source and sinks before anything can be started", async () => {
  for (const last of ["source", "writer"]) {
    const rig = new Rig();
    let isPrepared = false;
    const preparing = rig.prepare().then((recording) => {
      isPrepared = true;
      return recording;
    });
    const ready = [() => rig.source.opened.resolve(), () => rig.writer.say({ type: "ready" })];
    if (last === "source") ready.reverse();
    ready[0]!();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(isPrepared, false);
    ready[1]!();
    using _ = await soon(preparing);
    assert.deepEqual(rig.threads.started, ["writer_worker.ts"]);
    assert.deepEqual(rig.source.events, ["open"]);
  }
});

Deno.test("Recording.prepare() tells every sink what is known before the first packet", async () => {
  const rig = new Rig();
  using _ = await prepared(rig);
  const { sinks, options } = rig.writer.received[0] as unknown as Record<string, unknown>;
  assert.deepEqual(sinks, SINKS);
  assert.deepEqual(options, {
    attachments: rig.source.attachments,
    metadata: earlyMetadata(rig.source),
  });
});

for (const side of ["source", "writer"] as const) {
  Deno.test(`Recording.prepare() ends its thread when the ${side} fails`, async () => {
    const rig = new Rig();
    const preparing = rig.prepare();
    rig.fail(side);
    await assert.rejects(soon(preparing), FAILURE);
    assert.equal(rig.writer.isRunning, false);
  });
}

Deno.test("Recording.prepare() rejects when the thread cannot be started", async () => {
  const rig = new Rig();
  rig.threads.refuses = true;
  await assert.rejects(soon(rig.prepare()), /a thread: a test/);
  assert.deepEqual(rig.source.events, []);
});

for (const side of ["source", "writer"] as const) {
  Deno.test(`Recording.start() ends by itself when the ${side} fails`, async () => {
    const rig = new Rig();
    using recording = await prepared(rig);
    const ended = recording.start();
    rig.fail(side);
    await assert.rejects(soon(ended), FAILURE);
  });
}

Deno.test("Recording.start() ends by itself when nobody reads the stream", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  const ended = recording.start();
  rig.writer.say({ type: "broken_pipe" });
  await assert.rejects(soon(ended), BrokenPipe);
});

Deno.test("Recording.start() settles when the source comes to its own end", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  const ended = recording.start();
  rig.source.ended.resolve();
  await soon(ended);
});

Deno.test("Recording.closeSegment() asks the source for a cut", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  void recording.start();
  recording.closeSegment();
  assert.deepEqual(rig.source.events, ["open", "start", "cut"]);
});

Deno.test("Recording.finish() rejects when the writer fails while the source is stopped", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  const ended = recording.start();
  ended.catch(() => {});
  const finishing = recording.finish();
  rig.fail("writer");
  await assert.rejects(soon(finishing), FAILURE);
});

Deno.test("Recording.finish() rejects when a side fails at a later step", async () => {
  const steps: ((rig: Rig) => void)[] = [
    (rig) => rig.fail("source"),
    (rig) => {
      rig.source.end(FAKE_ROWS);
      rig.fail("writer");
    },
  ];
  for (const fail of steps) {
    const rig = new Rig();
    using recording = await prepared(rig);
    recording.start().catch(() => {});
    const finishing = recording.finish();
    fail(rig);
    await assert.rejects(soon(finishing), FAILURE);
  }
});

Deno.test("Recording.finish() rejects when an output cannot be made whole", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  recording.start().catch(() => {});
  const finishing = recording.finish();
  rig.source.end(FAKE_ROWS);
  rig.writer.say(FINISHED);
  await waitFor("the request to complete", LIMIT_MS, () => rig.writer.received.length === 2);
  rig.writer.say(FAILED);
  await assert.rejects(soon(finishing), FAILURE);
});

Deno.test("Recording.finish() tells what the source says about its time", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  void recording.start();
  const finishing = recording.finish();
  rig.source.end(FAKE_ROWS);
  rig.writer.say(FINISHED);
  const request = await waitFor(
    "the request to complete",
    LIMIT_MS,
    () => rig.writer.received[1],
  );
  rig.writer.say({ type: "completed", bytes: 1234 });
  const report = await soon(finishing);

  assert.equal(report.duration_seconds, 2);
  assert.equal(report.sample_rate, 10);
  assert.equal(report.file_bytes, 1234);
  assert.equal(report.rows_written, FAKE_ROWS);
  assert.equal(report.output, "traffic.parquet");
  assert.equal(report.new_addresses, 20);
  assert.deepEqual(
    report.interfaces.map(({ direction, hook, mode, packets_seen }) => [
      direction,
      hook,
      mode,
      packets_seen,
    ]),
    [["ingress", "xdp", "generic", 10], ["egress", "tcx", "tcx", 5]],
  );
  const { metadata, ...rest } = request as unknown as { metadata: Record<string, string> };
  assert.deepEqual(rest, { type: "complete" });
  assert.equal(metadata[FILE_METADATA_KEY.started], "1970-01-01T00:00:01.000000000Z");
  assert.equal(metadata[FILE_METADATA_KEY.ended], "1970-01-01T00:00:03.000000000Z");
  assert.equal(metadata[FILE_METADATA_KEY.durationSeconds], "2");
});

Deno.test("Recording.finish() accepts no row more or less than the kernel captured", async () => {
  const counts = [
    { records: FAKE_ROWS, rows: FAKE_ROWS - 1 },
    { records: FAKE_ROWS - 1, rows: FAKE_ROWS - 1 },
    { records: FAKE_ROWS + 1, rows: FAKE_ROWS + 1 },
  ];
  for (const { records, rows } of counts) {
    const rig = new Rig();
    using recording = await prepared(rig);
    void recording.start();
    const finishing = recording.finish();
    rig.source.end(records);
    rig.writer.say({ ...FINISHED, rows });
    await assert.rejects(soon(finishing), {
      message: `Cannot account for every packet: 11 captured, ${records} drained, ${rows} written`,
    });
    // No output has become whole.
    assert.equal(rig.writer.received.length, 1);
  }
});

Deno.test("Recording.breakOff() counts what is not in files as not written, by attachment", async () => {
  const rig = new Rig();
  const asked: number[] = [];
  const countLeft = (part: number) => {
    asked.push(part);
    return [[4, 400], null] as const;
  };
  using recording = await prepared(rig, { countLeft });
  recording.start().catch(() => {});
  rig.fail("writer");
  const report = await soon(recording.breakOff());
  assert.deepEqual(asked, [1]);
  assert.deepEqual(rig.source.events, ["open", "start", "breakOff"]);
  assert.equal(rig.writer.isRunning, false);
  assert.ok(report);
  const { packets_seen, packets_captured, rows_written, drops, file_bytes, duration_seconds } =
    report;
  assert.deepEqual(
    { packets_seen, packets_captured, rows_written, drops, file_bytes, duration_seconds },
    {
      packets_seen: 15,
      packets_captured: 4,
      rows_written: 4,
      drops: { ring_full: 3, queue_full: 1, not_written: 7 },
      file_bytes: 0,
      duration_seconds: 2,
    },
  );
  assert.deepEqual(
    report.interfaces.map(({ bytes_captured, drops }) => [bytes_captured, drops.not_written]),
    [[400, 3], [0, 4]],
  );
});

Deno.test("Recording.breakOff() counts the files of a series that have ended, and asks for the next", async () => {
  const rig = new Rig();
  const finished: number[] = [];
  const asked: number[] = [];
  using recording = await prepared(rig, {
    series: {
      id: "a",
      onBegin: () => {},
      finish: ({ number }) => {
        finished.push(number);
        return Promise.resolve(100);
      },
    },
    countLeft: (part) => {
      asked.push(part);
      return [];
    },
  });
  recording.start().catch(() => {});
  // All that was captured so far.
  const counts = [[7, 700], [4, 80]];
  rig.writer.say({ type: "part", part: { number: 1, rows: FAKE_ROWS, counts, lost: [] } });
  rig.fail("writer");
  const report = await soon(recording.breakOff());
  assert.deepEqual([asked, finished], [[2], [1]]);
  assert.deepEqual(
    [report?.rows_written, report?.drops.not_written, report?.file_bytes, report?.files],
    [FAKE_ROWS, 0, 100, 1],
  );
});

Deno.test("Recording.breakOff() tells nothing of what has not begun, or left nothing to count", async () => {
  const countLeft = () => [];
  const rig = new Rig();
  using unstarted = await prepared(rig, { countLeft });
  assert.equal(await soon(unstarted.breakOff()), null);
  using uncounted = await prepared(new Rig());
  uncounted.start().catch(() => {});
  assert.equal(await soon(uncounted.breakOff()), null);
});

Deno.test("Recording.snapshot() tells milliseconds since the source has started", async () => {
  using recording = await prepared(new Rig());
  const earliest = performance.now();
  void recording.start();
  const latest = performance.now();
  await waitFor("some time to pass", LIMIT_MS, () => performance.now() - latest > 20);
  const before = performance.now();
  const { elapsedMs } = recording.snapshot();
  const after = performance.now();
  assert.ok(elapsedMs >= before - latest && elapsedMs <= after - earliest, `${elapsedMs}`);
});

Deno.test("Recording.snapshot() tells three senders, all packets, and what is written", async () => {
  const rig = new Rig();
  using recording = await prepared(rig);
  void recording.start();
  rig.writer.say({ type: "progress", rows: 5, bytes: 77 });
  const { counts, rowsWritten, fileBytes } = recording.snapshot();
  assert.equal(rig.source.topSenders, 3);
  assert.deepEqual([counts.packets_seen, rowsWritten, fileBytes], [15, 5, 77]);
});

Deno.test("Recording leaves its source to its owner", async () => {
  const rig = new Rig();
  (await prepared(rig))[Symbol.dispose]();
  assert.equal(rig.writer.isRunning, false);
  assert.deepEqual(rig.source.events, ["open"]);
});
