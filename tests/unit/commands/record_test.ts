import { describeLength } from "../../../src/commands/record/announcement.ts";
import assert from "node:assert/strict";
import { closingLines, untilEnded } from "../../../src/commands/record/run_record.ts";
import type { RecordingReport } from "../../../src/contract/recording_report.ts";
import { within } from "../../support/deadline.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";
import { snapshotOf } from "../../support/recording_snapshot.ts";

function report(dropped: number): RecordingReport {
  return {
    ...snapshotOf(1, 100).counts,
    packets_seen: 100 + dropped,
    packets_dropped: dropped,
    drops: { ring_full: dropped, queue_full: 0, not_written: 0 },
    output: "traffic.parquet",
    interfaces: [],
    duration_seconds: 1,
    rows_written: 100,
    file_bytes: 1,
    sample_rate: 1,
    clock_changes: [],
    filter: "",
    interface_events: [],
    interface_events_left_out: 0,
  };
}

/** A recording that runs, its monitor and its signals; what happens to them is in `events`. */
function running() {
  const events: string[] = [];
  const listeners = new Map<string, () => void>();
  const requested = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const timeUp = Promise.withResolvers<void>();
  const state = { hasLostAll: false };
  const recording = {
    snapshot: () => snapshotOf(1, 10),
    closeSegment: () => events.push("close segment"),
  };
  const capture = {
    look: () => {
      events.push("look at the interfaces");
      return [];
    },
    begun: begun.promise,
    packetsOf: () => 0,
    get hasLostAll() {
      return state.hasLostAll;
    },
  };
  const monitor = {
    start: () => events.push("start"),
    stop: () => events.push("stop"),
    print: () => events.push("print"),
  };
  const stop = {
    requested: requested.promise,
    after: (ms: number): Promise<void> => (events.push(`wait ${ms}`), timeUp.promise),
    onSignal: (signal: string, listener: () => void) => listeners.set(signal, listener),
  };
  const earlyEnd = within(
    "the end of the recording",
    20_000,
    untilEnded(recording, capture, ended.promise, monitor, stop as never, {
      durationMs: 0,
      waits: false,
    }),
  );
  return { events, listeners, requested, ended, begun, timeUp, state, earlyEnd };
}

Deno.test("untilEnded() answers SIGQUIT and SIGUSR2 until the end, and not after it", async () => {
  using intervals = FakeIntervals.install();
  const { events, listeners, requested, earlyEnd } = running();
  listeners.get("SIGQUIT")!();
  listeners.get("SIGUSR2")!();
  assert.deepEqual(events, ["start", "print", "close segment"]);
  requested.resolve();
  assert.equal(await earlyEnd, false);
  assert.deepEqual(events.splice(0), ["start", "print", "close segment", "stop"]);
  // They are still listened to: without a listener they would end the process.
  listeners.get("SIGQUIT")!();
  listeners.get("SIGUSR2")!();
  assert.deepEqual(events, []);
  assert.deepEqual(intervals.running, []);
});

Deno.test("untilEnded() looks for lost interfaces once a second, until the last has gone", async () => {
  using intervals = FakeIntervals.install();
  const { events, state, earlyEnd } = running();
  assert.deepEqual(intervals.running, [1000]);
  intervals.pass();
  state.hasLostAll = true;
  intervals.pass();
  assert.equal(await earlyEnd, true);
  assert.deepEqual(events, [
    "start",
    "look at the interfaces",
    "look at the interfaces",
    "stop",
  ]);
  assert.deepEqual(intervals.running, []);
});

Deno.test("untilEnded() counts the time from when the first program is in place", async () => {
  using intervals = FakeIntervals.install();
  const { events, begun, timeUp, earlyEnd } = running();
  intervals.pass();
  await Promise.resolve();
  assert.deepEqual(events, ["start", "look at the interfaces"]);
  begun.resolve();
  timeUp.resolve();
  assert.equal(await earlyEnd, false);
  assert.deepEqual(events.slice(2), ["wait 0", "stop"]);
});

Deno.test("untilEnded() stops the display also when the recording fails", async () => {
  using intervals = FakeIntervals.install();
  const { events, ended, earlyEnd } = running();
  ended.reject(new Error("a thread has failed"));
  await assert.rejects(earlyEnd, { message: "a thread has failed" });
  assert.deepEqual(events, ["start", "stop"]);
  assert.deepEqual(intervals.running, []);
});

Deno.test("closingLines() says nothing when it is to be quiet, but never hides a loss", () => {
  assert.deepEqual(closingLines(report(0), "quiet"), []);
  assert.deepEqual(closingLines(report(5), "quiet").slice(0, 4), [
    "100 packets captured",
    "105 packets received by filter",
    "5 packets dropped by kernel",
    '  5 ring full: try a larger "--buffer", "--sample" or one "--direction" (4.76 %)',
  ]);
  assert.equal(closingLines(report(0), "normal")[2], "0 packets dropped by kernel");
});

Deno.test("closingLines() never hides that a part of the recording ended early", () => {
  const part = { ...report(0), name: "eth0", direction: "ingress", hook: "xdp", mode: "native" };
  const gone = { ...part, ended: "2026-11-23T13:54:30.500000000Z", end_reason: "interface_gone" };
  const ended = { ...report(0), interfaces: [gone] } as RecordingReport;
  const line = "eth0 ingress ended early at 2026-11-23 13:54:30.500 UTC: the interface disappeared";
  assert.deepEqual(closingLines(ended, "quiet"), [line]);
  assert.ok(closingLines(ended, "normal").includes(line));
});

Deno.test("closingLines() says when the packets that were asked for did not come", () => {
  const missed = 'ended before the 500 packets of "--count": 100 came';
  assert.ok(closingLines(report(0), "normal", 500).includes(missed));
  assert.ok(!closingLines(report(0), "normal", 100).join().includes("--count"));
  assert.deepEqual(closingLines(report(0), "quiet", 500), []);
});

Deno.test("describeLength() names everything that is to end a recording", () => {
  const cases: [number, number | null, string][] = [
    [0, null, "until Ctrl-C"],
    [30_000, null, "for 30.0 s, Ctrl-C ends it earlier"],
    [0, 1000, "until 1,000 packets, Ctrl-C ends it earlier"],
    [30_000, 1, "until 1 packet, at most 30.0 s, Ctrl-C ends it earlier"],
  ];
  for (const [durationMs, count, text] of cases) {
    assert.equal(describeLength({ durationMs, count }), text);
  }
});
