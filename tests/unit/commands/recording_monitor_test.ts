import assert from "node:assert/strict";
import { RecordingMonitor } from "../../../src/commands/record/recording_monitor.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";
import { snapshotOf } from "../../support/recording_snapshot.ts";

type Verbosity = "quiet" | "normal" | "verbose";

function monitor(isTerminal: boolean, verbosity: Verbosity) {
  const written: string[] = [];
  const droppable: string[] = [];
  const shown = new RecordingMonitor({ durationMs: 0, verbosity }, {
    isTerminal: () => isTerminal,
    width: () => 40,
    write: (text) => written.push(text),
    show: (text) => (droppable.push(text), written.push(text)),
  });
  return { shown, written, droppable };
}

/** Recording of ten packets a second. */
function tenASecond() {
  let seconds = 0;
  return { snapshot: () => snapshotOf(++seconds, 10 * seconds) };
}

Deno.test("RecordingMonitor redraws one line of a terminal, in its width, until stop()", () => {
  using intervals = FakeIntervals.install();
  const { shown, written, droppable } = monitor(true, "normal");
  shown.start(tenASecond());
  assert.deepEqual(intervals.running, [1000]);
  intervals.pass();
  intervals.pass();
  assert.deepEqual(written, [
    "\r\x1b[K1.00 s  10 packets  10 packets/s",
    "\r\x1b[K2.00 s  20 packets  10 packets/s",
  ]);
  shown.stop();
  assert.deepEqual(intervals.running, []);
  assert.deepEqual(written.slice(2), ["\r\x1b[K"]);
  // What is overtaken by the next second never waits for a terminal that is stopped.
  assert.deepEqual(droppable, written.slice(0, 2));
});

Deno.test("RecordingMonitor appends lines with verbose where there is no terminal, until stop()", () => {
  using intervals = FakeIntervals.install();
  const { shown, written, droppable } = monitor(false, "verbose");
  shown.start(tenASecond());
  assert.deepEqual(intervals.running, [1000]);
  intervals.pass();
  assert.deepEqual(written, ["1.00 s  10 packets  10 packets/s  8.00 kbit/s  lost 0  file 0 B\n"]);
  shown.stop();
  assert.deepEqual(intervals.running, []);
  assert.equal(written.length, 1);
  assert.deepEqual(droppable, written);
});

Deno.test("RecordingMonitor shows nothing by itself when it is quiet, or nobody looks", () => {
  for (
    const [isTerminal, verbosity] of [
      [true, "quiet"],
      [false, "quiet"],
      [false, "normal"],
    ] as const
  ) {
    using intervals = FakeIntervals.install();
    const { shown, written } = monitor(isTerminal, verbosity);
    assert.equal(shown.showsSenders, false, verbosity);
    shown.start(tenASecond());
    assert.deepEqual(intervals.running, [], verbosity);
    // SIGQUIT asks, and gets an answer without an escape sequence.
    shown.print(snapshotOf(1, 10));
    shown.stop();
    assert.equal(written.length, 1);
    assert.match(written[0]!, /^1\.00 s {2}10 packets .*\n$/);
  }
});

Deno.test("RecordingMonitor has senders counted when it shows them", () => {
  assert.equal(monitor(true, "normal").shown.showsSenders, true);
  assert.equal(monitor(true, "verbose").shown.showsSenders, true);
  assert.equal(monitor(false, "verbose").shown.showsSenders, true);
});

Deno.test("RecordingMonitor.print() clears the line that is redrawn first", () => {
  const { shown, written } = monitor(true, "normal");
  shown.print(snapshotOf(1, 10));
  assert.deepEqual(written, [
    "\r\x1b[K1.00 s  10 packets  10 packets/s  8.00 kbit/s  lost 0  file 0 B\n",
  ]);
});

Deno.test("RecordingMonitor scales what it shows by the sampling rate", () => {
  const written: string[] = [];
  const output = {
    isTerminal: () => false,
    width: () => 80,
    write: (text: string) => written.push(text),
    show: () => {},
  };
  new RecordingMonitor({ durationMs: 0, verbosity: "normal", sample: 10 }, output)
    .print(snapshotOf(1, 10));
  assert.match(written[0]!, /^1\.00 s {2}100 packets {2}100 packets\/s .* scaled up by 10 /);
});
