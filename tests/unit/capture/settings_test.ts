import assert from "node:assert/strict";
import { addCounters, decodeCounters } from "../../../src/capture/counters.ts";
import { RING_RECORD_BYTES, wakeupInterval } from "../../../src/capture/ring_settings.ts";

Deno.test("wakeupInterval() is a power of two and at most a quarter of the ring for all producers", () => {
  for (const ringBytes of [4096, 65_536, 2 ** 20, 2 ** 26, 2 ** 31]) {
    for (const producers of [1, 2, 3, 16, 256]) {
      const interval = wakeupInterval(ringBytes, producers);
      assert.equal(interval & (interval - 1), 0);
      assert.ok(interval >= 1 && interval <= 4096);
      assert.ok(interval === 1 || interval * producers * RING_RECORD_BYTES <= ringBytes / 4);
    }
  }
});

Deno.test("wakeupInterval() wakes rarely with the default ring", () => {
  assert.equal(wakeupInterval(64 * 2 ** 20, 4), 4096);
});

Deno.test("decodeCounters() names the words in the order of struct packet_counters", () => {
  assert.deepEqual(decodeCounters(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n)), {
    seen: 1,
    captured: 2,
    capturedBytes: 3,
    sampledOut: 4,
    filtered: 5,
    ringFull: 6,
    queueFull: 7,
    parseLimit: 8,
  });
});

Deno.test("addCounters() adds field by field", () => {
  const one = decodeCounters(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n));
  const sum = addCounters([one, one]);
  assert.equal(sum.seen, 2);
  assert.equal(sum.parseLimit, 16);
  assert.equal(addCounters([]).seen, 0);
});
