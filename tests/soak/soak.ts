/**
 * `deno task soak [minutes]`: records many files under traffic whose rate changes, and sees to it that
 * every packet is accounted for and nothing grows. As root.
 *
 * @module
 */
import { parseWholeNumber } from "../../src/cli/flag_values.ts";
import { NetnsPair } from "../support/netns.ts";
import { complain, say } from "../support/print.ts";
import { soak } from "../support/soak_run.ts";

const MINUTES = "30";
const MINUTE_MS = 60_000;
/** Looks between two lines about it. */
const LOOKS_PER_LINE = 60;

const minutes = parseWholeNumber(Deno.args[0] ?? MINUTES, 3);
await using rig = await NetnsPair.create({ ipv6: false });
let looks = 0;
const { sent, report, keptRows } = await soak(rig, {
  durationMs: minutes * MINUTE_MS,
  stepMs: 7000,
  // Enough files for a leak to show, also in a short run.
  rotateInterval: minutes < 10 ? "2s" : "20s",
  keepFiles: 5,
  lookMs: 500,
  progress: (line) => {
    if (looks++ % LOOKS_PER_LINE === 0) complain(`  ... ${line}`);
  },
});
say(
  `${minutes} minutes: ${sent} packets sent, ${report.rows_written} rows in ${report.files} files, ` +
    `${report.packets_dropped} lost and counted; ${keptRows} rows looked at one by one; nothing has ` +
    `grown, nothing is left`,
);
