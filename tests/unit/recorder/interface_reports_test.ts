import assert from "node:assert/strict";
import type { PlacedAttachment } from "../../../src/contract/attachment.ts";
import { interfaceReports } from "../../../src/recorder/interface_reports.ts";
import { countsOf } from "../../support/fake_counts.ts";

const COUNTS = [
  countsOf({ seen: 100, captured: 90, ringFull: 10, capturedBytes: 9000 }),
  countsOf({ seen: 55, captured: 40, queueFull: 5, sampledOut: 7, filtered: 3 }),
];

Deno.test("interfaceReports() gives each attachment the counts of its number", () => {
  const placed = (attachment: number, direction: "ingress" | "egress"): PlacedAttachment => ({
    attachment,
    interface: "eth0",
    direction,
    hook: direction === "ingress" ? "xdp" : "tcx",
    mode: direction === "ingress" ? "native" : "tcx",
  });
  const end = {
    attachments: [placed(1, "egress"), placed(0, "ingress")],
    endedNs: 3_000_000_000n,
    earlyEnds: [{ attachment: 1, endedNs: 1_500_000_000n, reason: "detached" as const }],
  };
  const [egress, ingress] = interfaceReports(end, COUNTS);
  assert.deepEqual(egress, {
    name: "eth0",
    direction: "egress",
    hook: "tcx",
    mode: "tcx",
    ended: "1970-01-01T00:00:01.500000000Z",
    end_reason: "detached",
    ...COUNTS[1],
  });
  assert.equal(ingress!.packets_dropped, 10);
  assert.equal(ingress!.hook, "xdp");
  assert.equal(ingress!.ended, "1970-01-01T00:00:03.000000000Z");
  assert.equal(ingress!.end_reason, "stopped");
});
