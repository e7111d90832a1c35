/**
 * The cost of the XDP programs per packet, without any interface: BPF_PROG_TEST_RUN.
 *
 * A program that finds the ring full does less than one that does not. So every call writes at most
 * half a ring of records, and they are given back before the next call; that none was lost is
 * checked. The ring has the default size of `record`: its records leave the CPU's caches as they do
 * in a recording.
 *
 * @module
 */
import { type BpfObject, possibleProcessors, RingMemory, testRunXdp } from "../../ffi/mod.ts";
import { ringShape } from "../../src/drain/ring_shape.ts";
import { BpfInspector, type InspectorOptions } from "../support/bpf_inspector.ts";
import { filler } from "../support/frames/octets.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ipv6 } from "../support/frames/ipv6.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { PROTOCOL, tcp, udp } from "../support/frames/transport.ts";
import { type BenchProgram, loadBenchProgram } from "./bench_object.ts";
import { DEFAULT_RING_BYTES, startDiscarding, WAKEUP_INTERVAL } from "./discarding_reader.ts";
import { interleave } from "./statistics.ts";
import { type BenchContext, figure, type Suite, type SuiteResult } from "./suite.ts";

/** A ring whose records stay in the CPU's caches, to see what it costs when they do not. */
const SMALL_RING_BYTES = 512 << 10;

/** Runs of one measurement. The kernel rounds the mean of a call down: it takes several calls. */
const RUNS = { quick: 1_400_000, full: 5_600_000 };
const ROUNDS = { quick: 5, full: 15 };

/** Each call takes 20 ms beside the runs: the kernel waits for all CPUs (bpf_dispatcher_change_prog). */
const MOST_CALLS = 16;

const IPV4_UDP = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(22))));
const IPV6_TCP = ethernet(ETHERTYPE.IPV6, ipv6({ next: PROTOCOL.TCP }, tcp()));

/** A loaded program, ready to be measured. */
interface Subject extends AsyncDisposable {
  readonly name: string;
  /** Runs of one call. */
  readonly repeat: number;
  /** Runs the program `repeat` times; nanoseconds per run. */
  call(): number;
  /** @throws {Error} if the program did not do on each run what is measured */
  verify(): void;
}

class Foreign implements Subject {
  readonly name: string;
  readonly repeat = ringShape(DEFAULT_RING_BYTES, possibleProcessors()).slots / 2;
  readonly #object: BpfObject;

  constructor(name: string, path: string, program: BenchProgram) {
    this.name = name;
    this.#object = loadBenchProgram(path, program);
  }

  call(): number {
    return testRunXdp(this.#object.programFd, IPV4_UDP, this.repeat).durationNs;
  }

  verify(): void {}

  [Symbol.asyncDispose](): Promise<void> {
    this.#object[Symbol.dispose]();
    return Promise.resolve();
  }
}

class Ours implements Subject {
  readonly name: string;
  readonly repeat: number;
  readonly #frame: Uint8Array;
  readonly #inspector: BpfInspector;
  readonly #ring: RingMemory;
  readonly #hasReader: boolean;
  readonly #resources = new DisposableStack();
  #runs = 0;

  constructor(name: string, frame: Uint8Array, options: InspectorOptions, hasReader = false) {
    this.name = name;
    this.#frame = frame;
    this.#hasReader = hasReader;
    const ringBytes = options.ringBytes ?? DEFAULT_RING_BYTES;
    this.#inspector = this.#resources.use(
      new BpfInspector("inspect_xdp", { ...options, ringBytes }),
    );
    this.repeat = this.#inspector.ringShape.slots / 2;
    this.#ring = this.#resources.use(RingMemory.map(this.#inspector.ring));
  }

  static async withReader(name: string, frame: Uint8Array): Promise<Ours> {
    const ours = new Ours(name, frame, { wakeupInterval: WAKEUP_INTERVAL }, true);
    ours.#resources.use(await startDiscarding(ours.#inspector.ring));
    return ours;
  }

  call(): number {
    const { durationNs } = testRunXdp(this.#inspector.programFd, this.#frame, this.repeat);
    this.#runs += this.repeat;
    if (this.#hasReader) this.#waitForReader();
    else {
      for (let ring = 0; ring < this.#ring.rings; ring++) {
        this.#ring.commitConsumer(ring, this.#ring.producerPosition(ring));
      }
    }
    return durationNs;
  }

  verify(): void {
    const { captured, ring_full } = this.#inspector.counters();
    if (ring_full !== 0 || captured !== this.#runs) {
      throw new Error(
        `Cannot use the measurement of "${this.name}": ${captured} records of ${this.#runs} runs, ` +
          `${ring_full} found no room`,
      );
    }
  }

  /** Without it a reader that is slower than the program would find the ring fuller at each call. */
  #waitForReader(): void {
    const end = performance.now() + 2_000;
    // The reader may sleep on records fewer than the wake-up interval: they stay, and do not add up.
    const waiting = (ring: number) =>
      this.#ring.producerPosition(ring) - this.#ring.consumerPosition(ring) > WAKEUP_INTERVAL;
    while (Array.from({ length: this.#ring.rings }, (_, ring) => ring).some(waiting)) {
      if (performance.now() > end) throw new Error("Waited 2 s for the reader of the ring");
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#resources.dispose();
    return Promise.resolve();
  }
}

async function measureProgramCost(context: BenchContext): Promise<SuiteResult> {
  const runs = context.full ? RUNS.full : RUNS.quick;
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  await using resources = new AsyncDisposableStack();
  const subjects: Subject[] = [
    new Foreign("empty, XDP_PASS", context.object, "pass"),
    new Foreign("count and pass", context.object, "count_and_pass"),
    new Ours("ours, IPv4/UDP", IPV4_UDP, {}),
    new Ours("ours, IPv6/TCP", IPV6_TCP, {}),
    new Ours("ours, IPv4/UDP, capture limit", IPV4_UDP, { captureLimit: 2 ** 52 }),
    new Ours("ours, IPv4/UDP, sender statistics, 1 source", IPV4_UDP, { senderStatistics: true }),
    new Ours("ours, IPv6/TCP, sender statistics, 1 source", IPV6_TCP, { senderStatistics: true }),
    new Ours("ours, IPv4/UDP, ring of 512 KiB", IPV4_UDP, { ringBytes: SMALL_RING_BYTES }),
    await Ours.withReader("ours, IPv4/UDP, reader on another CPU", IPV4_UDP),
  ];
  for (const subject of subjects) resources.use(subject);
  // The first calls find cold caches and a CPU that sleeps.
  for (const subject of subjects) subject.call();
  const results = await interleave(subjects, rounds, (subject) => {
    const calls = Math.min(MOST_CALLS, Math.ceil(runs / subject.repeat));
    let sum = 0;
    for (let call = 0; call < calls; call++) sum += subject.call();
    return sum / calls;
  });
  for (const subject of subjects) subject.verify();

  const empty = figure(results[0]!, "ns").median;
  const counting = figure(results[1]!, "ns").median;
  const rows = subjects.map(({ name }, index) => ({
    variant: name,
    figures: {
      "per packet": figure(results[index]!, "ns"),
      "over empty": figure(results[index]!.map((value) => value - empty), "ns"),
      "over count and pass": figure(results[index]!.map((value) => value - counting), "ns"),
    },
  }));
  const over = (index: number) => (figure(results[index]!, "ns").median - counting).toFixed(1);
  const statistics = figure(results[5]!, "ns").median - figure(results[2]!, "ns").median;
  return {
    rows,
    conclusions: [
      `ours costs ${over(2)} ns (IPv4/UDP) and ${
        over(3)
      } ns (IPv6/TCP) over count and pass; goal 60`,
      `sender statistics, when they are shown, cost ${statistics.toFixed(1)} ns more`,
    ],
  };
}

export const PROGRAM_COST: Suite = {
  name: "program-cost",
  what: "XDP programs by BPF_PROG_TEST_RUN, ring of 64 MiB, never full",
  run: measureProgramCost,
};
