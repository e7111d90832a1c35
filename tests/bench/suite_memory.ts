/**
 * Resident memory of a recording at full offered load, over time.
 *
 * @module
 */
import { type Memory, residentMemory } from "../support/process_usage.ts";
import { Capture, RECORD } from "./capture_tools.ts";
import { quietRig, sendLoad } from "./load.ts";
import { elapse } from "./machine.ts";
import { type BenchContext, figure, type Suite, type SuiteResult } from "./suite.ts";

const PACKETS_PER_LOAD = { quick: 2_000_000, full: 10_000_000 };
const SECONDS = { quick: 8, full: 60 };
const INTERVAL_MS = 200;

async function measureMemory(context: BenchContext): Promise<SuiteResult> {
  const seconds = context.full ? SECONDS.full : SECONDS.quick;
  const packets = context.full ? PACKETS_PER_LOAD.full : PACKETS_PER_LOAD.quick;
  await using rig = await quietRig();
  const capture = await Capture.start(rig, RECORD, context.object, context.directory);
  const idle = residentMemory(capture.process.pid);
  const samples: Memory[] = [];
  let sending = true;
  const sampling = (async () => {
    while (sending) {
      await elapse(INTERVAL_MS);
      samples.push(residentMemory(capture.process.pid));
    }
  })();
  const end = performance.now() + seconds * 1000;
  context.progress(`memory: full load for ${seconds} s`);
  let sent = 0;
  try {
    while (performance.now() < end) {
      await sendLoad(rig, context.object, { packets, traffic: "mix" });
      sent += packets;
    }
  } finally {
    sending = false;
    await sampling;
  }
  const { kept, output } = await capture.stop();
  Deno.removeSync(output);
  const own = samples.map((sample) => sample.own);
  const firstHalf = own.slice(0, own.length / 2);
  const secondHalf = own.slice(own.length / 2);
  const peak = figure(own, "B").max;
  const growth = figure(secondHalf, "B").median - figure(firstHalf, "B").median;
  return {
    rows: [
      {
        variant: "before the first packet",
        figures: { "own memory": figure([idle.own], "B"), "ring": figure([idle.maps], "B") },
      },
      ...[["first half", 0], ["second half", 1]].map(([name, half]) => ({
        variant: `full load, ${name}`,
        figures: {
          "own memory": figure(half === 0 ? firstHalf : secondHalf, "B"),
          "ring": figure(samples.map((sample) => sample.maps), "B"),
        },
      })),
    ],
    conclusions: [
      `at most ${(peak / 1e6).toFixed(0)} MB without the ring (goal 400 MB), ` +
      `${(growth / 1e6).toFixed(0)} MB more in the second half, ` +
      `${sent} packets sent, ${kept} kept`,
    ],
  };
}

export const MEMORY: Suite = {
  name: "memory",
  what: "resident memory of record at full offered load",
  run: measureMemory,
};
