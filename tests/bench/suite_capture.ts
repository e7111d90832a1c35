/**
 * Capturing at full offered load: one CPU sends as fast as it can while the tool under test writes
 * what arrives to a file.
 *
 * @module
 */
import {
  Capture,
  type CaptureTool,
  DUMPCAP,
  isInstalled,
  RECORD,
  RECORD_AUTO,
  RECORD_VERBOSE,
  TCPDUMP,
  TCPDUMP_BUFFER,
  TCPDUMP_GRO,
  XDPDUMP,
} from "./capture_tools.ts";
import type { NetnsPair } from "../support/netns.ts";
import { endedChildrenCpuMs, machineCpuMs, processCpuMs } from "../support/process_usage.ts";
import { quietRig, Receiver, sendLoad } from "./load.ts";
import { interleave, spread } from "./statistics.ts";
import {
  type BenchContext,
  figures,
  notInstalled,
  ratio,
  type Row,
  type Suite,
  type SuiteResult,
} from "./suite.ts";

const PACKETS = { quick: 3_000_000, full: 20_000_000 };
const ROUNDS = { quick: 3, full: 5 };

/** The generator alone, its packets passed by an empty program. */
const NOBODY = "generator alone";

/** Not compared with themselves. */
const OWN_TOOLS: readonly CaptureTool[] = [RECORD, RECORD_AUTO, RECORD_VERBOSE];

/** What is measured: a tool, or nobody. */
type Subject = CaptureTool | typeof NOBODY;

interface Run {
  readonly offered: number;
  /** Until the last packet was sent, milliseconds. */
  readonly loadMs: number;
  /** Until the file was complete, milliseconds. */
  readonly completeMs: number;
  readonly kept: number;
  readonly bytes: number;
  /** From when it was ready until it has ended. */
  readonly toolCpuMs: number;
  readonly generatorCpuMs: number;
  readonly machineCpuMs: number;
}

async function measure(
  rig: NetnsPair,
  context: BenchContext,
  subject: Subject,
  packets: number,
): Promise<Run> {
  if (subject === NOBODY) {
    const receiver = await Receiver.start(rig, context.object, "pass");
    const machineStart = machineCpuMs();
    const load = await sendLoad(rig, context.object, { packets });
    const machineEnd = machineCpuMs();
    await receiver.stop();
    const loadMs = load.endedMs - load.startedMs;
    return {
      offered: packets,
      loadMs,
      completeMs: loadMs,
      kept: 0,
      bytes: 0,
      toolCpuMs: 0,
      generatorCpuMs: load.cpuMs,
      machineCpuMs: machineEnd - machineStart,
    };
  }
  const capture = await Capture.start(rig, subject, context.object, context.directory);
  const toolStart = processCpuMs(capture.process.pid);
  const machineStart = machineCpuMs();
  const load = await sendLoad(rig, context.object, { packets });
  // The generator has been waited for: from here on, the tool is the only child that ends.
  const childrenStart = endedChildrenCpuMs();
  const captured = await capture.stopTool();
  const machineEnd = machineCpuMs();
  const childrenEnd = endedChildrenCpuMs();
  await capture.release();
  Deno.removeSync(captured.output);
  return {
    offered: packets,
    loadMs: load.endedMs - load.startedMs,
    completeMs: captured.completeMs - load.startedMs,
    kept: captured.kept,
    bytes: captured.bytes,
    toolCpuMs: childrenEnd - childrenStart - toolStart,
    generatorCpuMs: load.cpuMs,
    machineCpuMs: machineEnd - machineStart,
  };
}

async function measureCapture(context: BenchContext): Promise<SuiteResult> {
  const packets = context.full ? PACKETS.full : PACKETS.quick;
  const tools = [RECORD, RECORD_AUTO, TCPDUMP, TCPDUMP_GRO, DUMPCAP];
  if (context.full) tools.push(TCPDUMP_BUFFER, XDPDUMP, RECORD_VERBOSE);
  const subjects: Subject[] = [NOBODY, ...tools.filter(isInstalled)];
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  await using rig = await quietRig();
  const runs = await interleave(subjects, rounds, (subject, round) => {
    context.progress(`capture, round ${round + 1} of ${rounds}: ${nameOf(subject)}`);
    return measure(rig, context, subject, packets);
  });
  const alone = {
    generatorNs: spread(runs[0]!.map((run) => nsPerPacket(run.generatorCpuMs, packets))).median,
    machineMs: spread(runs[0]!.map((run) => run.machineCpuMs)).median,
  };
  const rows = subjects.map((subject, index): Row => ({
    variant: nameOf(subject),
    figures: {
      ...figures(runs[index]!, {
        "offered/s": ["", (run) => run.offered / run.loadMs * 1000],
        "generator CPU/sent": ["ns", (run) => nsPerPacket(run.generatorCpuMs, run.offered)],
      }),
      ...(subject === NOBODY ? {} : toolFigures(runs[index]!, alone.machineMs)),
    },
  }));
  for (const tool of tools.filter((one) => !isInstalled(one))) {
    rows.push(notInstalled(tool.name));
  }
  return { rows, conclusions: conclude(subjects, runs, alone) };
}

function toolFigures(runs: readonly Run[], aloneMs: number): Row["figures"] {
  return figures(runs, {
    "kept/s": ["", keptPerSecond],
    "lost": ["%", (run) => 100 * (1 - run.kept / run.offered)],
    "tool CPU/kept": ["ns", (run) => nsPerPacket(run.toolCpuMs, run.kept)],
    "machine CPU/kept": ["ns", (run) => nsPerPacket(run.machineCpuMs - aloneMs, run.kept)],
    "bytes/kept": ["B", (run) => run.bytes / run.kept],
  });
}

/** Packets in the complete file per second, from the first packet until it was complete. */
function keptPerSecond(run: Run): number {
  return run.kept / run.completeMs * 1000;
}

function nsPerPacket(cpuMs: number, packets: number): number {
  return cpuMs * 1e6 / packets;
}

function conclude(
  subjects: readonly Subject[],
  runs: readonly (readonly Run[])[],
  alone: { readonly generatorNs: number; readonly machineMs: number },
): string[] {
  const median = (of: readonly Run[], value: (run: Run) => number) => spread(of.map(value)).median;
  // Of all processes, each exactly; the figure of the whole machine has everybody else's work in it.
  const own = (run: Run) =>
    nsPerPacket(
      run.toolCpuMs + run.generatorCpuMs - alone.generatorNs * run.offered / 1e6,
      run.kept,
    );
  const machine = (run: Run) => nsPerPacket(run.machineCpuMs - alone.machineMs, run.kept);
  return [RECORD, RECORD_AUTO].flatMap((tool) => {
    const ours = runs[subjects.indexOf(tool)]!;
    return subjects.flatMap((subject, index) => {
      if (subject === NOBODY || OWN_TOOLS.includes(subject)) return [];
      const theirs = runs[index]!;
      return [
        `${tool.name} against ${subject.name}: ` +
        `${
          ratio(median(ours, keptPerSecond), median(theirs, keptPerSecond))
        } the rows per second; ` +
        `CPU per kept packet above the generator: ` +
        `${ratio(median(ours, machine), median(theirs, machine))} (whole machine), ` +
        `${ratio(median(ours, own), median(theirs, own))} (tool and generator only)`,
      ];
    });
  });
}

function nameOf(subject: Subject): string {
  return subject === NOBODY ? NOBODY : subject.name;
}

export const CAPTURE: Suite = {
  name: "capture",
  what: "full offered load of 64-byte UDP frames from 10,000 sources, file on disk",
  run: measureCapture,
};
