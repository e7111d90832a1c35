/**
 * A long recording at a rate that the machine sustains: nothing may be lost, and memory may not grow.
 *
 * @module
 */
import { residentMemory } from "../support/process_usage.ts";
import { Capture, RECORD } from "./capture_tools.ts";
import { quietRig, sendLoad } from "./load.ts";
import { elapse } from "./machine.ts";
import { type BenchContext, figure, type Suite, type SuiteResult } from "./suite.ts";

const RATE = 1_000_000;
const MINUTES = { quick: 1, full: 5 };
const SECONDS_PER_LOAD = 60;
const INTERVAL_MS = 500;

async function measureSoak(context: BenchContext): Promise<SuiteResult> {
  const minutes = context.full ? MINUTES.full : MINUTES.quick;
  await using rig = await quietRig();
  const capture = await Capture.start(rig, RECORD, context.object, context.directory);
  const byMinute: number[][] = [];
  let sent = 0;
  for (let minute = 0; minute < minutes; minute++) {
    context.progress(`soak: minute ${minute + 1} of ${minutes} at ${RATE} packets/s`);
    const samples: number[] = [];
    let sending = true;
    const sampling = (async () => {
      while (sending) {
        await elapse(INTERVAL_MS);
        samples.push(residentMemory(capture.process.pid).own);
      }
    })();
    try {
      const packets = RATE * SECONDS_PER_LOAD;
      await sendLoad(rig, context.object, { packets, rate: RATE, traffic: "mix" });
      sent += packets;
    } finally {
      sending = false;
      await sampling;
    }
    byMinute.push(samples);
  }
  const { kept, output } = await capture.stop();
  const fileBytes = Deno.statSync(output).size;
  Deno.removeSync(output);
  return {
    rows: byMinute.map((samples, minute) => ({
      variant: `minute ${minute + 1}`,
      figures: { "own memory": figure(samples, "B") },
    })),
    conclusions: [
      `${sent} packets sent, ${kept} rows in the file, ${sent - kept} lost`,
      `the file has ${fileBytes} bytes, ${(fileBytes / kept).toFixed(1)} a packet`,
    ],
  };
}

export const SOAK: Suite = {
  name: "soak",
  what: "a mix of 10,000 flows at 1 M packets/s for minutes: loss, and memory without the ring",
  fullOnly: true,
  run: measureSoak,
};
