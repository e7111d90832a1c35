import assert from "node:assert/strict";
import type { ClockChange } from "../../../src/contract/clock_change.ts";
import { ClockAccount, recordedChanges } from "../../../src/recorder/clock_account.ts";

const SECOND = 1_000_000_000n;

function change(seconds: number): ClockChange {
  return { kind: "set", atNs: BigInt(seconds) * SECOND, byNs: -SECOND / 2n };
}

function recorded(seconds: number) {
  return { at: `1970-01-01T00:00:0${seconds}.000000000Z`, kind: "set", seconds: -0.5 };
}

Deno.test("ClockAccount.take() tells each file the changes of its time, and how far the clock is ahead", () => {
  const source = { clockChanges: [] as ClockChange[], clockAheadNs: 0n };
  const account = new ClockAccount(source);
  const take = () => {
    const { "xdp_inspector.clock": clock = "null", ...others } = account.take();
    assert.deepEqual(others, {});
    return JSON.parse(clock);
  };
  assert.equal(take(), null);
  source.clockChanges.push(change(1), change(2));
  source.clockAheadNs = -SECOND;
  assert.deepEqual(take(), { ahead_seconds: -1, changes: [recorded(1), recorded(2)] });
  assert.deepEqual(take(), { ahead_seconds: -1, changes: [] });
  source.clockChanges.push(change(3));
  // Set right again.
  source.clockAheadNs = 0n;
  assert.deepEqual(take(), { ahead_seconds: 0, changes: [recorded(3)] });
  assert.equal(take(), null);
});

Deno.test("ClockAccount.take() has nothing to say of a source without a clock", () => {
  assert.deepEqual(new ClockAccount({}).take(), {});
});

Deno.test("recordedChanges() tells the first hundred", () => {
  const changes = Array.from({ length: 101 }, () => change(1));
  assert.equal(recordedChanges(changes).length, 100);
});
