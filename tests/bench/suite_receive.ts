/**
 * What our program costs where packets really arrive: on a veth interface, with a reader on another
 * CPU that decodes records and throws them away.
 *
 * All that the receiving kernel does happens in the generator's thread, so the difference of its CPU
 * time to an empty program is the cost of ours. Unlike BPF_PROG_TEST_RUN, this has as many sources as
 * the load has.
 *
 * @module
 */
import { quietRig, Receiver, sendLoad } from "./load.ts";
import type { ReceiverPlan, ReceiverResult } from "./receiver.ts";
import { interleave, spread } from "./statistics.ts";
import { type BenchContext, figures, type Suite, type SuiteResult } from "./suite.ts";

const PACKETS = { quick: 2_000_000, full: 10_000_000 };
const ROUNDS = { quick: 3, full: 7 };

interface Subject {
  readonly name: string;
  readonly program: ReceiverPlan["program"];
  readonly sources: number;
}

const SUBJECTS: readonly Subject[] = [
  { name: "empty, XDP_PASS", program: "pass", sources: 10_000 },
  { name: "ours", program: "inspect", sources: 10_000 },
  { name: "ours, sender statistics, 1 source", program: "inspect with senders", sources: 1 },
  {
    name: "ours, sender statistics, 10,000 sources",
    program: "inspect with senders",
    sources: 1e4,
  },
];

/** More sources than the statistics keep: the map throws out entries all the time. */
const FLOODED: Subject = {
  name: "ours, sender statistics, 1,000,000 sources",
  program: "inspect with senders",
  sources: 1e6,
};

interface Run extends ReceiverResult {
  readonly packets: number;
  readonly loadMs: number;
  readonly cpuNs: number;
}

async function measureReceive(context: BenchContext): Promise<SuiteResult> {
  const packets = context.full ? PACKETS.full : PACKETS.quick;
  const subjects = context.full ? [...SUBJECTS, FLOODED] : SUBJECTS;
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  await using rig = await quietRig();
  const runs = await interleave(subjects, rounds, async (subject): Promise<Run> => {
    const receiver = await Receiver.start(rig, context.object, subject.program);
    const { sources } = subject;
    const load = await sendLoad(rig, context.object, { packets, sources });
    const result = await receiver.stop();
    const loadMs = load.endedMs - load.startedMs;
    return { ...result, packets, loadMs, cpuNs: load.cpuMs * 1e6 / packets };
  });
  const median = (index: number) => spread(runs[index]!.map((run) => run.cpuNs)).median;
  const rows = subjects.map(({ name, program }, index) => ({
    variant: name,
    figures: figures(runs[index]!, {
      "received/s": ["", (run) => run.packets / run.loadMs * 1000],
      "CPU/packet": ["ns", (run) => run.cpuNs],
      "over empty": ["ns", (run) => run.cpuNs - median(0)],
      ...(program !== "pass" && { "no room": ["%", (run: Run) => 100 * run.lost / run.packets] }),
    }),
  }));
  return {
    rows,
    conclusions: [
      `ours costs ${(median(1) - median(0)).toFixed(0)} ns a packet over an empty program`,
      `sender statistics of 10,000 sources cost ${(median(3) - median(1)).toFixed(0)} ns more`,
    ],
  };
}

export const RECEIVE: Suite = {
  name: "receive",
  what: "XDP programs on a veth interface at full load, CPU time of sender and receiving kernel",
  run: measureReceive,
};
