import assert from "node:assert/strict";
import { splitClockOffset } from "../../../src/batch/decode.ts";
import { CaptureClock } from "../../../src/drain/capture_clock.ts";

Deno.test("CaptureClock.refresh() measures again after a second, and not before", () => {
  let monotonicNs = 5_000_000_000n;
  let difference = 1_000_000_000_000_000_000n;
  const clock = new CaptureClock(() => ({ monotonicNs, realtimeNs: monotonicNs + difference }));
  clock.refresh();
  assert.deepEqual({ ...clock.offset }, splitClockOffset(difference));

  const first = difference;
  difference += 7_000_000n; // the wall clock is stepped
  monotonicNs += 999_999_999n;
  clock.refresh();
  assert.deepEqual({ ...clock.offset }, splitClockOffset(first));

  monotonicNs += 1n;
  clock.refresh();
  assert.deepEqual({ ...clock.offset }, splitClockOffset(difference));
});
