import assert from "node:assert/strict";
import { ProgressLine } from "../../../src/commands/stats/progress_line.ts";
import type { Progress } from "../../../src/core/progress.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";

const CLEAR = "\r\x1b[K";

function at(share: number | null, amount: number | null = null, what = "querying"): Progress {
  return { what, share, done: amount === null ? null : { amount, unit: "packets" } };
}

function line(isTerminal: boolean, first: Progress | null = at(null)) {
  const written: string[] = [];
  const state = { nowMs: 5000, width: 83, progress: first, watches: 0 };
  const shown = new ProgressLine({
    isTerminal: () => isTerminal,
    look: () => ({ width: state.width, unicode: false }),
    show: (text) => written.push(text),
    erase: (text) => (written.push(text), Promise.resolve()),
    now: () => state.nowMs,
  });
  shown.follow({
    get progress() {
      return state.progress;
    },
    watch: () => state.watches++,
  });
  return { shown, written, state };
}

Deno.test("ProgressLine says how far a query is that takes more than a second, and is erased", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written, state } = line(true, at(0, 0));
  intervals.pass();
  state.nowMs += 999;
  intervals.pass();
  assert.deepEqual(written, []);
  state.nowMs += 1;
  state.progress = at(0.25, 1000);
  intervals.pass();
  state.progress = at(null);
  state.nowMs += 1500;
  intervals.pass();
  assert.deepEqual(written, [
    `${CLEAR}querying: 25 % ${"#####".padEnd(20, ".")}  1.00 kpackets/s  1.00 s, 3.00 s left`,
    `${CLEAR}querying: 2.00 s`,
  ]);
  await shown.clear();
  await shown.clear();
  assert.deepEqual(written.splice(0).slice(2), [CLEAR]);
  // Another query: its time counts anew.
  state.nowMs += 900;
  intervals.pass();
  assert.deepEqual(written, []);
  state.nowMs += 100;
  intervals.pass();
  await shown[Symbol.asyncDispose]();
  assert.deepEqual(written, [`${CLEAR}querying: 1.00 s`, CLEAR]);
  assert.deepEqual(intervals.running, []);
});

Deno.test("ProgressLine counts the rate of each query for itself, and the time of all", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written, state } = line(true, at(0.1, 100));
  intervals.pass();
  state.nowMs += 10_000;
  state.progress = at(0.9, 900);
  intervals.pass();
  // The next query has read less.
  state.progress = at(0.1, 100);
  intervals.pass();
  state.nowMs += 1000;
  state.progress = at(0.5, 600);
  intervals.pass();
  await shown[Symbol.asyncDispose]();
  const [first, , third] = written;
  assert.match(first!, / 90 % .* 90 packets\/s {2}10\.0 s, 2\.00 s left$/);
  assert.match(third!, / 50 % .* 600 packets\/s {2}11\.0 s, 1\.00 s left$/);
});

Deno.test("ProgressLine is as wide as the window is now", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written, state } = line(true, at(0.5, 1));
  state.nowMs += 2000;
  for (const width of [120, 80, 60, 40, 25]) {
    state.width = width;
    written.length = 0;
    intervals.pass();
    const text = written[0]!.slice(CLEAR.length);
    // A `^C` has room behind it.
    assert.ok(text.length <= width - 3, `${text.length} columns of ${width}`);
    assert.match(text, /^querying: 50 %/);
  }
  await shown[Symbol.asyncDispose]();
});

Deno.test("ProgressLine does not draw over half a line", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written, state } = line(true, at(0.5));
  await shown.clear("[");
  state.nowMs += 2000;
  intervals.pass();
  assert.deepEqual(written, []);
  await shown.clear("]\n");
  state.nowMs += 2000;
  intervals.pass();
  assert.equal(written.length, 1);
  await shown[Symbol.asyncDispose]();
});

Deno.test("ProgressLine writes nothing where there is no terminal, and asks for no preparation", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written, state } = line(false, at(0.5));
  assert.deepEqual(intervals.running, []);
  assert.equal(state.watches, 0);
  await shown[Symbol.asyncDispose]();
  assert.deepEqual(written, []);
  assert.equal((await lineOf(true)).watches, 1);
});

async function lineOf(isTerminal: boolean) {
  using _intervals = FakeIntervals.install();
  const { shown, state } = line(isTerminal);
  await shown[Symbol.asyncDispose]();
  return state;
}
