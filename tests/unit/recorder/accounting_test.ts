import assert from "node:assert/strict";
import type { PlacedAttachment } from "../../../src/contract/attachment.ts";
import { zeroCounters } from "../../../src/contract/packet_counters.ts";
import { accountByHook, accountTotal } from "../../../src/recorder/accounting.ts";

const COUNTERS = [
  { ...zeroCounters(), seen: 100, captured: 90, ringFull: 10, capturedBytes: 9000 },
  {
    ...zeroCounters(),
    seen: 55,
    captured: 40,
    queueFull: 5,
    sampledOut: 7,
    filtered: 3,
    capturedBytes: 4000,
  },
];

Deno.test("accountTotal() adds up so that every packet seen is accounted for", () => {
  const total = accountTotal(COUNTERS);
  assert.deepEqual(total, {
    packets_seen: 155,
    packets_captured: 130,
    packets_dropped: 15,
    drops: { ring_full: 10, queue_full: 5 },
    packets_sampled_out: 7,
    packets_filtered: 3,
    bytes_captured: 13_000,
  });
  assert.equal(
    total.packets_seen,
    total.packets_captured + total.packets_dropped + total.packets_sampled_out +
      total.packets_filtered,
  );
});

Deno.test("accountByHook() gives each hook the counters of its slot", () => {
  const hook = (slot: number, direction: "ingress" | "egress"): PlacedAttachment => ({
    slot,
    interface: "eth0",
    direction,
    hook: direction === "ingress" ? "xdp" : "tcx",
    mode: direction === "ingress" ? "native" : "tcx",
  });
  const [egress, ingress] = accountByHook([hook(1, "egress"), hook(0, "ingress")], COUNTERS);
  assert.equal(egress!.packets_captured, 40);
  assert.equal(egress!.direction, "egress");
  assert.equal(ingress!.packets_dropped, 10);
  assert.equal(ingress!.hook, "xdp");
});
