/** A recording of many files under changing traffic; `deno task soak` is the long form. */
import { ok } from "node:assert/strict";
import { NetnsPair } from "../support/netns.ts";
import { soak } from "../support/soak_run.ts";

Deno.test("record loses no packet without counting it, and holds no more after many files", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const { sent, report } = await soak(rig, {
    durationMs: 30_000,
    stepMs: 1500,
    rotateInterval: "1s",
    keepFiles: 5,
    lookMs: 250,
  });
  ok(sent > 20_000, `${sent} packets are too few for this test`);
  ok(report.rows_written > 0);
});
