/**
 * What `live` costs on a terminal while packets come at a rate.
 *
 * @module
 */
import { join } from "node:path";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector } from "../support/inspector_cli.ts";
import { threadUsage } from "../support/process_usage.ts";
import { onTerminal, TERMINAL_ENV } from "../support/pseudo_terminal.ts";
import { quietRig, sendLoad } from "./load.ts";
import { interleave, spread } from "./statistics.ts";
import { type BenchContext, figures, type Suite, type SuiteResult } from "./suite.ts";

/** Packets per second. */
const RATES = [300_000, 1_000_000];
const SECONDS = { quick: 4, full: 30 };
const ROUNDS = { quick: 1, full: 3 };
const LIMIT_MS = 60_000;

interface Run {
  /** All threads, of one CPU. */
  readonly cpuPercent: number;
  readonly terminalBytesPerSecond: number;
  readonly lost: number;
}

async function measureLive(context: BenchContext): Promise<SuiteResult> {
  const seconds = context.full ? SECONDS.full : SECONDS.quick;
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const runs = await interleave(RATES, rounds, (rate) => {
    context.progress(`live: at ${rate} packets/s for ${seconds} s`);
    return measure(context, rate, seconds);
  });
  const cpu = spread(runs[0]!.map((run) => run.cpuPercent)).median;
  const lost = Math.max(...runs[1]!.map((run) => run.lost));
  return {
    rows: RATES.map((rate, index) => ({
      variant: `live at ${(rate / 1e6).toFixed(1)} M/s`,
      figures: figures(runs[index]!, {
        "of a CPU": ["%", (run) => run.cpuPercent],
        "to the terminal, a second": ["B", (run) => run.terminalBytesPerSecond],
        "packets lost": ["", (run) => run.lost],
      }),
    })),
    conclusions: [
      `${cpu.toFixed(1)} % of a CPU at 300,000 packets/s (goal: at most 15 %), ` +
      `${lost} packets lost at 1,000,000 packets/s (goal: none)`,
    ],
  };
}

async function measure(context: BenchContext, rate: number, seconds: number): Promise<Run> {
  await using rig = await quietRig();
  const ready = join(context.directory, `live-${crypto.randomUUID().slice(0, 8)}.ready`);
  const flags = ["-i", rig.b.interface, "--mode", "native", "--ready-file", ready];
  const process = rig.b.start(onTerminal(inspector("live", ...flags)), { env: TERMINAL_ENV });
  const pid = await waitFor("the ready file", LIMIT_MS, () =>
    // It is there before there is something in it.
    exists(ready) && Number(Deno.readTextFileSync(ready)) || undefined);
  await process.until("the screen", LIMIT_MS, ({ stdout }) => stdout.includes("conv"));
  const before = { cpuMs: threadUsage(pid).cpuMs, written: process.stdout.length };
  const packets = rate * seconds;
  const { startedMs, endedMs } = await sendLoad(rig, context.object, { packets, rate });
  const cpuMs = threadUsage(pid).cpuMs - before.cpuMs;
  const written = process.stdout.length - before.written;
  Deno.kill(pid, "SIGINT");
  const { stdout } = await process.end(LIMIT_MS);
  Deno.removeSync(ready);
  const captured = Number(/(\d+) packets? captured/.exec(stdout)?.[1] ?? NaN);
  const elapsedMs = endedMs - startedMs;
  return {
    cpuPercent: 100 * cpuMs / elapsedMs,
    terminalBytesPerSecond: written / elapsedMs * 1000,
    lost: packets - captured,
  };
}

export const LIVE: Suite = {
  name: "live",
  what: "live on a terminal of 70 columns; 64-byte UDP frames of 10,000 flows, at a rate",
  run: measureLive,
};
