/**
 * What rotation and the flush interval cost: rows per second, CPU, and bytes that go to the disk for each
 * byte of the files in the end.
 *
 * @module
 */
import { diskBytesWritten, endedChildrenCpuMs, processCpuMs } from "../support/process_usage.ts";
import type { NetnsPair } from "../support/netns.ts";
import { Capture, type CaptureTool, RECORD, recordWith } from "./capture_tools.ts";
import { quietRig, sendLoad } from "./load.ts";
import { interleave, spread } from "./statistics.ts";
import {
  type BenchContext,
  figures,
  ratio,
  type Row,
  type Suite,
  type SuiteResult,
} from "./suite.ts";

const ROUNDS = { quick: 2, full: 5 };

/** Long enough for several files. */
const LOADS = [
  { name: "full load", rate: 0, packets: { quick: 4_000_000, full: 30_000_000 } },
  { name: "100,000/s", rate: 100_000, packets: { quick: 600_000, full: 3_000_000 } },
] as const;

const NEITHER: CaptureTool = recordWith("one file, flushed by segments", [
  ...["--flush-interval", "0"],
]);
const FLUSHED: CaptureTool = recordWith("one file, --flush-interval 2s", [
  ...["--flush-interval", "2s"],
]);
const ROTATED: CaptureTool = {
  ...recordWith("-G 2s --flush-interval 2s", ["--flush-interval", "2s", "-G", "2s"]),
  makesDirectory: true,
};
const TOOLS = [NEITHER, FLUSHED, ROTATED] as const;

interface Run {
  readonly kept: number;
  readonly offered: number;
  readonly completeMs: number;
  readonly bytes: number;
  readonly cpuMs: number;
  readonly diskBytes: number;
}

/** A tool under a load. */
interface Variant {
  readonly tool: CaptureTool;
  readonly load: (typeof LOADS)[number];
}

async function measure(
  rig: NetnsPair,
  context: BenchContext,
  { tool, load }: Variant,
): Promise<Run> {
  const packets = context.full ? load.packets.full : load.packets.quick;
  const capture = await Capture.start(rig, tool, context.object, context.directory);
  const cpuStart = processCpuMs(capture.process.pid);
  const sent = await sendLoad(rig, context.object, { packets, rate: load.rate, traffic: "mix" });
  // The generator has been waited for: from here on, the tool is the only child that ends.
  const [childrenCpu, childrenDisk] = [endedChildrenCpuMs(), diskBytesWritten()];
  const { kept, bytes, completeMs, output } = await capture.stop();
  const run = {
    kept,
    offered: packets,
    completeMs: completeMs - sent.startedMs,
    bytes,
    cpuMs: endedChildrenCpuMs() - childrenCpu - cpuStart,
    diskBytes: diskBytesWritten() - childrenDisk,
  };
  Deno.removeSync(output, { recursive: true });
  return run;
}

async function measureRotation(context: BenchContext): Promise<SuiteResult> {
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const variants = LOADS.flatMap((load) => TOOLS.map((tool): Variant => ({ tool, load })));
  await using rig = await quietRig();
  const runs = await interleave(variants, rounds, (variant, round) => {
    const { tool, load } = variant;
    context.progress(`rotation, round ${round + 1} of ${rounds}: ${load.name}, ${tool.name}`);
    return measure(rig, context, variant);
  });
  const rows = variants.map(({ tool, load }, index): Row => ({
    variant: `${load.name}: ${tool.name}`,
    figures: figures(runs[index]!, {
      "kept/s": ["", keptPerSecond],
      "lost": ["%", (run) => 100 * (1 - run.kept / run.offered)],
      "CPU/kept": ["ns", cpuPerPacket],
      "bytes/kept": ["B", (run) => run.bytes / run.kept],
      "disk/file": ["", diskPerByte],
    }),
  }));
  return { rows, conclusions: LOADS.flatMap((load) => conclude(load, variants, runs)) };
}

function conclude(
  load: Variant["load"],
  variants: readonly Variant[],
  runs: readonly (readonly Run[])[],
): string[] {
  const of = (tool: CaptureTool) =>
    runs[variants.findIndex((variant) => variant.load === load && variant.tool === tool)]!;
  const median = (tool: CaptureTool, value: (run: Run) => number) =>
    spread(of(tool).map(value)).median;
  return [FLUSHED, ROTATED].map((tool) => {
    const against = (value: (run: Run) => number) =>
      ratio(median(tool, value), median(NEITHER, value));
    return `${load.name}, ${tool.name} against ${NEITHER.name}: ${
      against(keptPerSecond)
    } the rows per second (goal 0.95x), ${against(cpuPerPacket)} the CPU per row; ${
      median(tool, diskPerByte).toFixed(2)
    } bytes to the disk for each of the files (goal 1.1)`;
  });
}

function keptPerSecond({ kept, completeMs }: Run): number {
  return kept / completeMs * 1000;
}

function cpuPerPacket({ kept, cpuMs }: Run): number {
  return cpuMs * 1e6 / kept;
}

function diskPerByte({ diskBytes, bytes }: Run): number {
  return diskBytes / bytes;
}

export const ROTATION: Suite = {
  name: "rotation",
  what: `${RECORD.name} with several files and a flush interval, at full load and at 100,000/s`,
  fullOnly: true,
  run: measureRotation,
};
