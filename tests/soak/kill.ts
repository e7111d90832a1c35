/**
 * `deno task kill [rounds]`: kills recorders at random moments under load, recovers what they leave, and
 * tells what was lost. As root.
 *
 * @module
 */
import { join } from "node:path";
import { parseWholeNumber } from "../../src/cli/flag_values.ts";
import { denoRun, PROJECT } from "../support/inspector_cli.ts";
import { killRound } from "../support/kill_round.ts";
import { NetnsPair } from "../support/netns.ts";
import { complain, say } from "../support/print.ts";

const ROUNDS = "200";
const LONGEST_MS = 15_000;
const FLUSH_MS = 5000;
/** Packets per second: some fill segments within the interval, most do not. */
const RATE = "5000";

/** Rounds between two lines about them. */
const ROUNDS_PER_LINE = 10;

const rounds = parseWholeNumber(Deno.args[0] ?? ROUNDS, 1);
await using rig = await NetnsPair.create({ ipv6: false });
rig.a.start(denoRun(join(PROJECT, "tests", "support", "numbered_traffic.ts"), rig.b.ipv4, RATE));
let [rows, empty, worstMs] = [0, 0, 0];
for (let round = 0; round < rounds; round++) {
  const afterMs = Math.random() * LONGEST_MS;
  const found = await killRound(
    rig.b,
    ["--flush-interval", `${FLUSH_MS}ms`],
    "x.parquet",
    afterMs,
  );
  rows += found.rows;
  if (found.rows === 0) empty++;
  worstMs = Math.max(worstMs, found.lossMs ?? 0);
  if ((round + 1) % ROUNDS_PER_LINE === 0) {
    complain(`  ... ${round + 1} kills, ${rows} rows recovered, at most ${worstMs} ms lost`);
  }
}
say(
  `${rounds} kills: ${rows} rows recovered, each once and without a gap; ${empty} recorders had none; ` +
    `at most ${(worstMs / 1000).toFixed(1)} s were lost, ${FLUSH_MS / 1000} s may be`,
);
