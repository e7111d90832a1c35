import assert from "node:assert/strict";
import type { RecordingReport } from "../../../src/contract/recording_report.ts";
import { renderNothingCame } from "../../../src/render/nothing_came.ts";

const COUNTS = {
  packets_seen: 0,
  packets_captured: 0,
  packets_dropped: 0,
  drops: { ring_full: 0, queue_full: 0, not_written: 0 },
  packets_sampled_out: 0,
  packets_filtered: 0,
  bytes_captured: 0,
};

function report(
  hooks: readonly (readonly [name: string, direction: "ingress" | "egress"])[],
  packetsSeen = 0,
): RecordingReport {
  return {
    ...COUNTS,
    packets_seen: packetsSeen,
    output: "traffic.parquet",
    interfaces: hooks.map(([name, direction]) => ({
      ...COUNTS,
      name,
      direction,
      hook: "xdp",
      mode: "native",
      ended: "2026-11-23T13:54:30.500000000Z",
      end_reason: "stopped",
    })),
    duration_seconds: 30,
    rows_written: 0,
    file_bytes: 1000,
    sample_rate: 1,
    clock_changes: [],
    filter: "",
    interface_events: [],
    interface_events_left_out: 0,
  };
}

Deno.test("renderNothingCame() says what to check, each interface once", () => {
  const hooks = [["eth0", "ingress"], ["eth0", "egress"], ["eth1", "ingress"]] as const;
  assert.deepEqual(renderNothingCame(report(hooks)), [
    'no packet passed "eth0", "eth1"; to check:',
    '  whether the traffic takes another interface: "xdp-inspector record -D" lists all',
    '  whether the interface itself counts packets: "ip -s link show dev eth0"',
  ]);
});

Deno.test("renderNothingCame() names the direction that was left out", () => {
  const last = (direction: "ingress" | "egress") =>
    renderNothingCame(report([["eth0", direction]])).at(-1);
  assert.match(last("ingress") ?? "", /"--direction inout": what goes out was not recorded$/);
  assert.match(last("egress") ?? "", /"--direction inout": what comes in was not recorded$/);
});

Deno.test("renderNothingCame() says nothing if a packet was seen, recorded or not", () => {
  assert.deepEqual(renderNothingCame(report([["eth0", "ingress"]], 1)), []);
});

Deno.test("renderNothingCame() lets no control character out of a name", () => {
  assert(!renderNothingCame(report([["\x1b[2J", "ingress"]])).join("").includes("\x1b"));
});
