/**
 * What recording costs the traffic: the throughput of one TCP stream over a veth pair, whose receiving
 * end is recorded, against that of the pair alone.
 *
 * @module
 */
import { NetnsPair } from "../support/netns.ts";
import {
  Capture,
  type CaptureTool,
  isInstalled,
  RECORD,
  RECORD_AUTO,
  RECORD_GENERIC,
  RECORD_TC,
  TCPDUMP,
  XDPDUMP,
} from "./capture_tools.ts";
import { elapse } from "./machine.ts";
import { interleave, spread } from "./statistics.ts";
import {
  type BenchContext,
  figures,
  notInstalled,
  type Row,
  type Suite,
  type SuiteResult,
} from "./suite.ts";

const SECONDS = { quick: 3, full: 6 };
const ROUNDS = { quick: 3, full: 9 };

/** The start of a stream, in which its window grows, is not counted. Seconds. */
const OMITTED = 1;

/** The just started process has its compiler and its garbage collector at work for a moment. */
const WARM_UP_MS = 1_500;

const READY_LIMIT_MS = 20_000;
/** Above the seconds that a stream runs. */
const STREAM_LIMIT_MS = 60_000;

/** The pair alone. */
const NOBODY = "without";

type Subject = CaptureTool | typeof NOBODY;

/** Goal for `record` with default settings, of the throughput without it. */
const GOAL = 0.97;

async function measureTrafficCost(context: BenchContext): Promise<SuiteResult> {
  const seconds = context.full ? SECONDS.full : SECONDS.quick;
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const tools = [RECORD_AUTO, RECORD, RECORD_GENERIC, RECORD_TC, TCPDUMP, XDPDUMP];
  const subjects: Subject[] = [NOBODY, ...tools.filter(isInstalled)];
  await using rig = await NetnsPair.create({ ipv6: false, offloads: true });
  await startServer(rig);
  // The first stream finds cold caches.
  await stream(rig, seconds);
  const runs = await interleave(subjects, rounds, (subject, round) => {
    context.progress(`traffic-cost, round ${round + 1} of ${rounds}: ${nameOf(subject)}`);
    return measure(rig, context, subject, seconds);
  });
  const ratiosOf = (index: number) => runs[index]!.map((rate, round) => rate / runs[0]![round]!);
  const rows = subjects.map((subject, index): Row => ({
    variant: nameOf(subject),
    figures: {
      ...figures(runs[index]!, { "throughput": ["bit/s", (rate) => rate] }),
      ...figures(ratiosOf(index), { "of without": ["x", (value) => value] }),
    },
  }));
  for (const tool of tools.filter((one) => !isInstalled(one))) {
    rows.push(notInstalled(tool.name));
  }
  const median = (subject: Subject) => spread(ratiosOf(subjects.indexOf(subject))).median;
  const [ours, theirs] = [median(RECORD_AUTO), median(TCPDUMP)];
  return {
    rows,
    conclusions: [
      `${RECORD_AUTO.name} leaves ${ours.toFixed(2)} of the throughput (goal: at least ${GOAL}), ` +
      `${TCPDUMP.name} ${theirs.toFixed(2)}`,
    ],
  };
}

async function startServer({ b }: NetnsPair): Promise<void> {
  const server = b.start(["iperf3", "--server", "--forceflush"]);
  await server.until("iperf3", READY_LIMIT_MS, (it) => it.stdout.includes("Server listening"));
}

/** @returns bits a second of one stream from a to b */
async function measure(
  rig: NetnsPair,
  context: BenchContext,
  subject: Subject,
  seconds: number,
): Promise<number> {
  if (subject === NOBODY) return await stream(rig, seconds);
  // The stack receives: no other program and no GRO is needed.
  const capture = await Capture.beside(rig, subject, context.directory);
  await elapse(WARM_UP_MS);
  const rate = await stream(rig, seconds);
  Deno.removeSync((await capture.stop()).output);
  return rate;
}

/** @returns bits a second that arrived */
async function stream({ a, b }: NetnsPair, seconds: number): Promise<number> {
  const argv = [
    ...["iperf3", "--client", b.ipv4, "--time", String(seconds), "--omit", String(OMITTED)],
    "--json",
  ];
  // A server that has not closed the last run yet is "busy", which ends the client.
  const limit = performance.now() + STREAM_LIMIT_MS;
  for (;;) {
    const { code, stdout } = await a.run(argv, { limitMs: STREAM_LIMIT_MS });
    const result = JSON.parse(stdout);
    if (code === 0) return result.end.sum_received.bits_per_second;
    if (performance.now() > limit || !/busy/.test(result.error)) throw new Error(result.error);
  }
}

function nameOf(subject: Subject): string {
  return subject === NOBODY ? NOBODY : subject.name;
}

export const TRAFFIC_COST: Suite = {
  name: "traffic-cost",
  what: "one TCP stream of iperf3 over a veth pair with offloads, its receiving end recorded",
  run: measureTrafficCost,
};
