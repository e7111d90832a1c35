/**
 * What a filter in the XDP program costs per packet, without any interface: BPF_PROG_TEST_RUN. Each
 * filter is measured on a packet that it selects and on one that it does not, beside the program without
 * a filter.
 *
 * @module
 */
import { RingMemory, testRunXdp } from "../../ffi/mod.ts";
import { filterCode } from "../../src/filter/ebpf/generate.ts";
import { INSTRUCTION_BYTES } from "../../src/filter/ebpf/instructions.ts";
import { parseFilter } from "../../src/filter/parser.ts";
import { BpfInspector } from "../support/bpf_inspector.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { PROTOCOL, tcp } from "../support/frames/transport.ts";
import { DEFAULT_RING_BYTES } from "./discarding_reader.ts";
import { interleave } from "./statistics.ts";
import { type BenchContext, figure, type Suite, type SuiteResult } from "./suite.ts";

/**
 * Many short calls, of which the fastest count: whatever else the machine does only adds. A call takes
 * some 20 ms beside its runs (see suite_program_cost.ts).
 */
const REPEAT = 1 << 15;
const CALLS = { quick: 12, full: 40 };
const FASTEST = 4;
const ROUNDS = { quick: 7, full: 15 };

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.TCP }, tcp()));

const HOSTS = Array.from({ length: 64 }, (_, index) => `10.${index}.7.3`).join(" or ");
const HOSTS6 = Array.from({ length: 64 }, (_, index) => `2001:db8::${index}:1`).join(" or ");

/** Filters; addresses and ports of the frame are those of the tests' frame builder. */
const FILTERS: readonly (readonly [name: string, text: string | null])[] = [
  ["no filter", null],
  ["all packets match", "len > 0"],
  ["tcp port 443 and net 198.51.100.0/24", "tcp port 443 and net 198.51.100.0/24"],
  ["tcp port 443 and net 10.0.0.0/8", "tcp port 443 and net 10.0.0.0/8"],
  ["64 hosts, not the packet's", `host (${HOSTS})`],
  ["64 hosts and the packet's", `host (${HOSTS} or 198.51.100.7)`],
  ["64 IPv6 hosts", `host (${HOSTS6})`],
];

class Filtered implements AsyncDisposable {
  readonly name: string;
  readonly instructions: number;
  readonly inspector: BpfInspector;
  readonly #ring: RingMemory;
  #runs = 0;

  /** @param shareWith all use one ring: memory lies well or badly for a ring, and would for its filter */
  constructor(name: string, text: string | null, shareWith?: BpfInspector) {
    const place = { interface: "eth0", direction: "ingress" } as const;
    const filter = text === null ? undefined : filterCode(parseFilter(text), place);
    this.name = name;
    this.instructions = (filter?.length ?? 0) / INSTRUCTION_BYTES;
    this.inspector = new BpfInspector("inspect_xdp", {
      ringBytes: DEFAULT_RING_BYTES,
      ...(filter && { filter }),
      ...(shareWith && { shareWith }),
    });
    this.#ring = RingMemory.map(this.inspector.ring);
  }

  /** Nanoseconds of one run. What is written is given back. */
  call(): number {
    const { durationNs } = testRunXdp(this.inspector.programFd, FRAME, REPEAT);
    this.#runs += REPEAT;
    for (let ring = 0; ring < this.#ring.rings; ring++) {
      this.#ring.commitConsumer(ring, this.#ring.producerPosition(ring));
    }
    return durationNs;
  }

  /** Share of the runs of which a record was made: all or none. */
  share(): "matches" | "does not match" {
    const { captured, filtered } = this.inspector.counters();
    if (captured === this.#runs) return "matches";
    if (filtered === this.#runs) return "does not match";
    throw new Error(`Cannot use the measurement of "${this.name}": ${captured} of ${this.#runs}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ring[Symbol.dispose]();
    this.inspector[Symbol.dispose]();
    return Promise.resolve();
  }
}

async function measureFilterCost(context: BenchContext): Promise<SuiteResult> {
  await using resources = new AsyncDisposableStack();
  const subjects: Filtered[] = [];
  for (const [name, text] of FILTERS) {
    subjects.push(resources.use(new Filtered(name, text, subjects[0]?.inspector)));
  }
  for (const subject of subjects) subject.call();
  const calls = context.full ? CALLS.full : CALLS.quick;
  const results = await interleave(
    subjects,
    context.full ? ROUNDS.full : ROUNDS.quick,
    (subject) => fastest(Array.from({ length: calls }, () => subject.call())),
  );
  // Of one round each, so that what changes from round to round is in neither.
  const over = results.map((values) => values.map((value, round) => value - results[0]![round]!));
  const rows = subjects.map((subject, index) => ({
    variant: subject.name,
    figures: {
      "per packet": figure(results[index]!, "ns"),
      "over no filter": figure(over[index]!, "ns"),
    },
    note: `${subject.share()}, ${subject.instructions} instructions`,
  }));
  const cost = (index: number) => figure(over[index]!, "ns").median.toFixed(1);
  return {
    rows,
    conclusions: [
      `a packet that matches "${FILTERS[2]![0]}" costs ${cost(2)} ns more than without a filter, ` +
      `${cost(1)} of them for any filter; goal 8`,
      `one that does not match "${FILTERS[3]![0]}" costs ${cost(3)} ns more`,
      `64 hosts: ${cost(5)} ns more for one of them, ${cost(4)} for another; goal 60`,
    ],
  };
}

/** Mean of the fastest: the kernel rounds the time of each call down to whole nanoseconds. */
function fastest(times: readonly number[]): number {
  const best = times.toSorted((one, other) => one - other).slice(0, FASTEST);
  return best.reduce((sum, time) => sum + time, 0) / best.length;
}

export const FILTER_COST: Suite = {
  name: "filter-cost",
  what: "XDP program with filters by BPF_PROG_TEST_RUN, ring of 64 MiB, never full",
  run: measureFilterCost,
};
