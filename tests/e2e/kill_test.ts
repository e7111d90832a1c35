/** Recorders killed at random moments; `deno task kill` is the long form. */
import { ok } from "node:assert/strict";
import { denoRun, PROJECT } from "../support/inspector_cli.ts";
import { killRound } from "../support/kill_round.ts";
import { NetnsPair } from "../support/netns.ts";
import { MachinePressure } from "../support/pressure.ts";
import { join } from "node:path";

const ROUNDS = 3;
const LONGEST_MS = 7000;
/** The flush interval, and as much again for a machine that is slow. */
const LOSS_LIMIT_MS = 4000;

Deno.test("record that is killed loses no more than the flush interval, and recover finds the rest", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const sender = join(PROJECT, "tests", "support", "numbered_traffic.ts");
  rig.a.start(denoRun(sender, rig.b.ipv4, "2000"));
  let rows = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // The last is long enough for every machine.
    const afterMs = round === ROUNDS - 1 ? 3 * LONGEST_MS : Math.random() * LONGEST_MS;
    const pressure = new MachinePressure();
    const found = await killRound(rig.b, ["--flush-interval", "2s"], "x.parquet", afterMs);
    rows += found.rows;
    const { waitedMs } = pressure;
    const told = `killed after ${afterMs} ms: lost ${found.lossMs} ms, ${waitedMs} ms of waiting`;
    ok((found.lossMs ?? 0) - waitedMs < LOSS_LIMIT_MS, told);
  }
  ok(rows > 0);
});
