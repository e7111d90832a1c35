/**
 * The highest rate that is recorded without a single loss.
 *
 * @module
 */
import { Capture, type CaptureTool, RECORD, TCPDUMP } from "./capture_tools.ts";
import { quietRig, sendLoad } from "./load.ts";
import { interleave, spread } from "./statistics.ts";
import { type BenchContext, figures, type Row, type Suite, type SuiteResult } from "./suite.ts";

/** Packets per second. */
const RATES = {
  quick: [500_000, 1_000_000, 1_500_000],
  full: [500_000, 1_000_000, 1_500_000, 2_000_000, 3_000_000],
};
const SECONDS = { quick: 3, full: 60 };
const ROUNDS = { quick: 1, full: 3 };

interface Run {
  readonly lostPercent: number;
  readonly lost: number;
  readonly sentPerSecond: number;
}

/** A rate counts as offered if the generator came so close to it. */
const RATE_TOLERANCE = 0.97;

async function measurePaced(context: BenchContext): Promise<SuiteResult> {
  const rates = context.full ? RATES.full : RATES.quick;
  const seconds = context.full ? SECONDS.full : SECONDS.quick;
  const tools = [RECORD, TCPDUMP];
  const variants = rates.flatMap((rate) => tools.map((tool) => ({ tool, rate })));
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const runs = await interleave(variants, rounds, ({ tool, rate }) => {
    context.progress(`paced: ${tool.name} at ${rate} packets/s for ${seconds} s`);
    return measure(context, tool, rate, seconds);
  });
  const kept = (index: number) => spread(runs[index]!.map((run) => run.sentPerSecond)).min;
  const offered = (index: number) => kept(index) >= RATE_TOLERANCE * variants[index]!.rate;
  const rows = variants.map(({ tool, rate }, index): Row => ({
    variant: `${tool.name} at ${(rate / 1e6).toFixed(1)} M/s`,
    figures: figures(runs[index]!, {
      "sent/s": ["", (run) => run.sentPerSecond],
      "lost": ["%", (run) => run.lostPercent],
      "packets lost": ["", (run) => run.lost],
    }),
    ...(offered(index) ? {} : { note: "the generator could not keep this rate" }),
  }));
  const conclusions = tools.map((tool) => {
    const lossless = variants.flatMap((variant, index) => {
      const none = runs[index]!.every((run) => run.lost === 0);
      return variant.tool === tool && none ? [kept(index)] : [];
    });
    const best = lossless.length === 0 ? "none" : `${(Math.max(...lossless) / 1e6).toFixed(2)} M/s`;
    return `${tool.name}: highest rate sent that was kept without loss: ${best}`;
  });
  return { rows, conclusions };
}

async function measure(
  context: BenchContext,
  tool: CaptureTool,
  rate: number,
  seconds: number,
): Promise<Run> {
  await using rig = await quietRig();
  const capture = await Capture.start(rig, tool, context.object, context.directory);
  const packets = rate * seconds;
  const load = await sendLoad(rig, context.object, { packets, rate });
  const { kept, output } = await capture.stop();
  Deno.removeSync(output);
  const lost = packets - kept;
  const sentPerSecond = packets / (load.endedMs - load.startedMs) * 1000;
  return { lost, lostPercent: 100 * lost / packets, sentPerSecond };
}

export const PACED: Suite = {
  name: "paced",
  what: "64-byte UDP frames from 10,000 sources at a rate, in bursts every 100 ms",
  run: measurePaced,
};
