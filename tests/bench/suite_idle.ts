/**
 * What a recorder costs while nothing arrives.
 *
 * @module
 */
import { threadUsage } from "../support/process_usage.ts";
import { Capture, type CaptureTool, RECORD, RECORD_VERBOSE, TCPDUMP } from "./capture_tools.ts";
import { quietRig } from "./load.ts";
import { elapse } from "./machine.ts";
import { interleave, spread } from "./statistics.ts";
import { type BenchContext, figures, type Suite, type SuiteResult } from "./suite.ts";

const MEASURED_MS = { quick: 4_000, full: 20_000 };
const ROUNDS = { quick: 1, full: 5 };

/** The just started process has its compiler and its garbage collector at work for a moment. */
const WARM_UP_MS = 1_500;

interface Run {
  readonly wakeupsPerSecond: number;
  readonly cpuPercent: number;
}

async function measureIdle(context: BenchContext): Promise<SuiteResult> {
  const measuredMs = context.full ? MEASURED_MS.full : MEASURED_MS.quick;
  const tools = [RECORD, RECORD_VERBOSE, TCPDUMP];
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const runs = await interleave(tools, rounds, (tool) => measure(context, tool, measuredMs));
  const ours = runs[0]!;
  const wakeups = spread(ours.map((run) => run.wakeupsPerSecond)).median;
  const cpu = spread(ours.map((run) => run.cpuPercent)).median;
  return {
    rows: tools.map(({ name }, index) => ({
      variant: name,
      figures: figures(runs[index]!, {
        "wake-ups/s, all threads": ["", (run) => run.wakeupsPerSecond],
        "of a CPU": ["%", (run) => run.cpuPercent],
      }),
    })),
    conclusions: [
      `${wakeups.toFixed(1)} wake-ups a second (goal: at most 20), ` +
      `${cpu.toFixed(2)} % of a CPU (goal: at most 0.5 %)`,
    ],
  };
}

async function measure(
  context: BenchContext,
  tool: CaptureTool,
  measuredMs: number,
): Promise<Run> {
  await using rig = await quietRig();
  const capture = await Capture.start(rig, tool, context.object, context.directory);
  await elapse(WARM_UP_MS);
  const before = threadUsage(capture.process.pid);
  const start = performance.now();
  await elapse(measuredMs);
  const after = threadUsage(capture.process.pid);
  const elapsedMs = performance.now() - start;
  Deno.removeSync((await capture.stop()).output);
  return {
    wakeupsPerSecond: (after.wakeups - before.wakeups) / elapsedMs * 1000,
    cpuPercent: 100 * (after.cpuMs - before.cpuMs) / elapsedMs,
  };
}

export const IDLE: Suite = {
  name: "idle",
  what: "recording with no traffic at all",
  run: measureIdle,
};
