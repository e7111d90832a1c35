/**
 * Producers on several CPUs at once: with one ring for all of them, and with a ring for each CPU, as
 * `record` has it.
 *
 * @module
 */
import { possibleProcessors } from "../../ffi/mod.ts";
import { BpfInspector } from "../support/bpf_inspector.ts";
import { waitFor, within } from "../support/deadline.ts";
import { filler } from "../support/frames/octets.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { PROTOCOL, udp } from "../support/frames/transport.ts";
import type { ContentionOrder } from "./contention_worker.ts";
import { interleave, spread } from "./statistics.ts";
import { type BenchContext, figures, ratio, type Suite, type SuiteResult } from "./suite.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(22))));

/** Room in each ring for what all producers write, so that no reader is needed. */
const RING_SLOTS = 1 << 20;
const RUNS_PER_PRODUCER = 500_000;
const ROUNDS = { quick: 5, full: 15 };
const LIMIT_MS = 30_000;

interface Variant {
  readonly name: string;
  readonly producers: number;
  readonly oneRing: boolean;
  readonly withStack: boolean;
}

const VARIANTS: readonly Variant[] = [false, true].flatMap((withStack) => {
  const suffix = withStack ? ", then the network stack" : "";
  return [
    { name: `1 producer${suffix}`, producers: 1, oneRing: true, withStack },
    { name: `2 producers, one ring${suffix}`, producers: 2, oneRing: true, withStack },
    { name: `2 producers, a ring for each CPU${suffix}`, producers: 2, oneRing: false, withStack },
  ];
});

async function measureContention(context: BenchContext): Promise<SuiteResult> {
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const runs = await interleave(VARIANTS, rounds, measure);
  const medians = runs.map((values) => spread(values).median);
  const [alone, one, each, aloneStack, oneStack, eachStack] = medians as [
    ...[number, number, number, number, number, number],
  ];
  return {
    rows: VARIANTS.map(({ name }, index) => ({
      variant: name,
      figures: figures(runs[index]!, { "per packet and producer": ["ns", (value) => value] }),
    })),
    conclusions: [
      `a second producer: ${ratio(one, alone)} with one ring, ${ratio(each, alone)} with two; ` +
      `with the stack ${ratio(oneStack, aloneStack)} and ${ratio(eachStack, aloneStack)}`,
      `one ring costs ${ratio(one, each)} of a ring for each CPU; with the stack ` +
      ratio(oneStack, eachStack),
    ],
  };
}

/** The mean of all producers, nanoseconds per packet. */
async function measure(variant: Variant): Promise<number> {
  using inspectors = new DisposableStack();
  const rings = variant.oneRing ? 1 : 2 ** Math.floor(Math.log2(possibleProcessors()));
  const ringShape = { rings, slots: RING_SLOTS, limit: RING_SLOTS - 4 * possibleProcessors() };
  const first = inspectors.use(new BpfInspector("inspect_xdp", { ringShape }));
  const all = [first];
  while (all.length < variant.producers) {
    all.push(inspectors.use(new BpfInspector("inspect_xdp", { shareWith: first })));
  }
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const threads = all.map(({ programFd }) =>
    start({
      programFd,
      frame: FRAME,
      repeat: RUNS_PER_PRODUCER,
      withStack: variant.withStack,
      gate,
    })
  );
  try {
    const done = within("the producers", LIMIT_MS, Promise.all(threads.map(result)));
    await waitFor("all threads", LIMIT_MS, () => Atomics.load(gate, 0) === threads.length);
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
    const times = await done;
    for (const inspector of all) {
      const { ring_full } = inspector.counters();
      if (ring_full !== 0) throw new Error(`Cannot use the measurement: ${ring_full} lost`);
    }
    return times.reduce((sum, time) => sum + time, 0) / times.length;
  } finally {
    for (const thread of threads) thread.terminate();
  }
}

function start(order: ContentionOrder): Worker {
  const url = new URL("./contention_worker.ts", import.meta.url);
  const worker = new Worker(url.href, { type: "module" });
  worker.postMessage(order);
  return worker;
}

function result(thread: Worker): Promise<number> {
  return new Promise((resolve, reject) => {
    thread.onmessage = (event) => resolve(event.data);
    thread.onerror = (event) => reject(new Error(event.message));
  });
}

export const CONTENTION: Suite = {
  name: "contention",
  what: "the XDP program on two CPUs at once, writing as fast as it can (BPF_PROG_TEST_RUN)",
  run: measureContention,
};
