import assert from "node:assert/strict";
import { ProgressLine } from "../../../src/commands/stats/progress_line.ts";
import { FakeIntervals } from "../../support/fake_intervals.ts";

const CLEAR = "\r\x1b[K";

function line(isTerminal: boolean, progress: () => number | null) {
  const written: string[] = [];
  const clock = { now: 5000 };
  const shown = new ProgressLine(progress, {
    isTerminal: () => isTerminal,
    show: (text) => written.push(text),
    erase: (text) => (written.push(text), Promise.resolve()),
    now: () => clock.now,
  });
  return { shown, written, clock };
}

Deno.test("ProgressLine says how far a query is that takes more than a second, and is erased", async () => {
  using intervals = FakeIntervals.install();
  let share: number | null = 0.256;
  const { shown, written, clock } = line(true, () => share);
  clock.now += 999;
  intervals.pass();
  assert.deepEqual(written, []);
  clock.now += 1;
  intervals.pass();
  share = null;
  clock.now += 1500;
  intervals.pass();
  assert.deepEqual(written, [`${CLEAR}querying: 25 %, 1.00 s`, `${CLEAR}querying: 2.00 s`]);
  await shown.clear();
  await shown.clear();
  assert.deepEqual(written.splice(0).slice(2), [CLEAR]);
  // Another query: its time counts anew.
  clock.now += 900;
  intervals.pass();
  assert.deepEqual(written, []);
  clock.now += 100;
  intervals.pass();
  await shown[Symbol.asyncDispose]();
  assert.deepEqual(written, [`${CLEAR}querying: 1.00 s`, CLEAR]);
  assert.deepEqual(intervals.running, []);
});

Deno.test("ProgressLine does not draw over half a line", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written, clock } = line(true, () => 0.5);
  await shown.clear("[");
  clock.now += 2000;
  intervals.pass();
  assert.deepEqual(written, []);
  await shown.clear("]\n");
  clock.now += 2000;
  intervals.pass();
  assert.equal(written.length, 1);
  await shown[Symbol.asyncDispose]();
});

Deno.test("ProgressLine writes nothing where there is no terminal", async () => {
  using intervals = FakeIntervals.install();
  const { shown, written } = line(false, () => 0.5);
  assert.deepEqual(intervals.running, []);
  await shown[Symbol.asyncDispose]();
  assert.deepEqual(written, []);
});
