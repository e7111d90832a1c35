import assert from "node:assert/strict";
import { nextMultiple, RotationClock } from "../../../src/commands/record/rotation_clock.ts";
import { waitFor } from "../../support/deadline.ts";

Deno.test("nextMultiple() is on the clock, and never now", () => {
  assert.equal(nextMultiple(Date.UTC(2026, 0, 1, 10, 20, 30), 3_600_000), Date.UTC(2026, 0, 1, 11));
  assert.equal(nextMultiple(Date.UTC(2026, 0, 1, 11), 3_600_000), Date.UTC(2026, 0, 1, 12));
});

Deno.test("RotationClock calls once at each multiple, also after the clock was set", async () => {
  let nowMs = 999_000;
  const calls: number[] = [];
  using _ = new RotationClock(60_000, () => calls.push(nowMs), () => nowMs);
  const set = async (toMs: number, count: number) => {
    nowMs = toMs;
    await waitFor("a look at the clock", 20_000, () => calls.length === count || undefined);
  };
  await set(1_020_000, 1);
  // An hour forward is one call; an hour back none, and then at the next minute.
  await set(4_700_000, 2);
  nowMs = 1_100_000;
  await new Promise((resume) => setTimeout(resume, 2500));
  assert.equal(calls.length, 2);
  await set(1_140_000, 3);
  assert.deepEqual(calls, [1_020_000, 4_700_000, 1_140_000]);
});
