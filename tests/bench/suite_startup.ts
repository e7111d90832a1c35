/**
 * Time until a program is of use: from its start to the end, or to the moment when it captures.
 *
 * @module
 */
import { run } from "../support/child_process.ts";
import { inspector } from "../support/inspector_cli.ts";
import type { NetnsPair } from "../support/netns.ts";
import { Capture, type CaptureTool, RECORD_AUTO, TCPDUMP } from "./capture_tools.ts";
import { quietRig, sendLoad } from "./load.ts";
import { interleave } from "./statistics.ts";
import { type BenchContext, figure, type Suite, type SuiteResult } from "./suite.ts";

const ROUNDS = { quick: 3, full: 15 };

/** Packets in the file that `stats` is started on. */
const FEW_PACKETS = 1_000;

interface Subject {
  readonly name: string;
  /** Milliseconds of one start. */
  measure(): Promise<number>;
}

async function measureStartup(context: BenchContext): Promise<SuiteResult> {
  await using rig = await quietRig();
  const file = await smallRecording(rig, context);
  const subjects: Subject[] = [
    { name: "xdp-inspector --version", measure: () => untilEnd(inspector("--version")) },
    {
      name: "xdp-inspector stats, small file",
      measure: () => untilEnd(inspector("stats", "-f", file)),
    },
    { name: "xdp-inspector record, until it captures", measure: () => capturing(RECORD_AUTO) },
    { name: "tcpdump, until it captures", measure: () => capturing(TCPDUMP) },
  ];
  async function capturing(tool: CaptureTool): Promise<number> {
    const start = performance.now();
    const capture = await Capture.beside(rig, tool, context.directory);
    const elapsed = performance.now() - start;
    Deno.removeSync((await capture.stop()).output);
    return elapsed;
  }
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const times = await interleave(subjects, rounds, (subject) => subject.measure());
  Deno.removeSync(file);
  return {
    rows: subjects.map(({ name }, index) => ({
      variant: name,
      figures: { time: figure(times[index]!, "ms") },
    })),
    conclusions: [],
  };
}

async function smallRecording(rig: NetnsPair, context: BenchContext): Promise<string> {
  const capture = await Capture.beside(rig, RECORD_AUTO, context.directory);
  await sendLoad(rig, context.object, { packets: FEW_PACKETS });
  return (await capture.stop()).output;
}

async function untilEnd(argv: readonly string[]): Promise<number> {
  const start = performance.now();
  const { code, stderr } = await run(argv);
  if (code !== 0) throw new Error(`Exit code ${code}: ${stderr}`);
  return performance.now() - start;
}

export const STARTUP: Suite = {
  name: "startup",
  what: "time from the start of the process",
  run: measureStartup,
};
