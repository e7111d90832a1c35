import assert from "node:assert/strict";
import { readClocks } from "../../../ffi/linux/clocks.ts";
import { libc } from "../../../ffi/linux/load_libc.ts";

// Opened here, because an open library counts as a leak of the test that opens it.
libc();

const NS_PER_MS = 1_000_000n;

Deno.test("readClocks() gives the wall clock in nanoseconds since 1970", () => {
  const before = BigInt(Date.now()) * NS_PER_MS;
  const { realtimeNs } = readClocks();
  const after = BigInt(Date.now() + 1) * NS_PER_MS;
  assert.ok(before <= realtimeNs && realtimeNs <= after, `${before} ${realtimeNs} ${after}`);
});

Deno.test("readClocks() gives the monotonic clock, not the time since boot or 1970", () => {
  // /proc/uptime counts sleep too, so it is not less than the monotonic clock.
  const { monotonicNs } = readClocks();
  const uptime = Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]);
  assert.ok(monotonicNs > 0n);
  assert.ok(Number(monotonicNs) / 1e9 <= uptime + 1);
  assert.ok(readClocks().monotonicNs > monotonicNs);
});

Deno.test("readClocks() gives both clocks of the same instant", () => {
  const first = readClocks();
  const second = readClocks();
  const drift = (second.realtimeNs - first.realtimeNs) - (second.monotonicNs - first.monotonicNs);
  // Far wider than the error of a reading, so that a busy machine cannot fail it.
  assert.ok(drift > -5n * NS_PER_MS && drift < 5n * NS_PER_MS, `${drift} ns`);
});
