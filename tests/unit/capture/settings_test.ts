import assert from "node:assert/strict";
import { addCounters, decodeCounters } from "../../../src/capture/counters.ts";
import { missingCapabilities } from "../../../src/capture/privileges.ts";
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

Deno.test("missingCapabilities() names what CapEff lacks", () => {
  const status = (mask: bigint) => `Name:\tdeno\nCapEff:\t${mask.toString(16).padStart(16, "0")}\n`;
  const netAdmin = 1n << 12n, sysAdmin = 1n << 21n, bpf = 1n << 39n;
  assert.deepEqual(missingCapabilities(status(0n)), ["CAP_BPF", "CAP_NET_ADMIN"]);
  assert.deepEqual(missingCapabilities(status(netAdmin)), ["CAP_BPF"]);
  assert.deepEqual(missingCapabilities(status(bpf)), ["CAP_NET_ADMIN"]);
  assert.deepEqual(missingCapabilities(status(bpf | netAdmin)), []);
  assert.deepEqual(missingCapabilities(status(sysAdmin | netAdmin)), []);
  assert.deepEqual(missingCapabilities(""), ["CAP_BPF", "CAP_NET_ADMIN"]);
});

Deno.test("decodeCounters() names the words in the order of struct packet_counters", () => {
  assert.deepEqual(decodeCounters(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n)), {
    seen: 1,
    captured: 2,
    capturedBytes: 3,
    sampledOut: 4,
    filtered: 5,
    ringFull: 6,
    parseLimit: 7,
  });
});

Deno.test("addCounters() adds field by field", () => {
  const one = decodeCounters(BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n, 7n));
  const sum = addCounters([one, one]);
  assert.equal(sum.seen, 2);
  assert.equal(sum.parseLimit, 14);
  assert.equal(addCounters([]).seen, 0);
});
