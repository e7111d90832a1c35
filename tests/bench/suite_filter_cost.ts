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

const CALLS = { quick: 8, full: 24 };
const ROUNDS = { quick: 5, full: 15 };

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
  readonly #inspector: BpfInspector;
  readonly #ring: RingMemory;
  #runs = 0;

  constructor(name: string, text: string | null) {
    const place = { interface: "eth0", direction: "ingress" } as const;
    const filter = text === null ? undefined : filterCode(parseFilter(text), place);
    this.name = name;
    this.instructions = (filter?.length ?? 0) / INSTRUCTION_BYTES;
    this.#inspector = new BpfInspector("inspect_xdp", {
      ringBytes: DEFAULT_RING_BYTES,
      ...(filter && { filter }),
    });
    this.#ring = RingMemory.map(this.#inspector.ring);
  }

  /** Nanoseconds of one run. At most half a ring of records is written, and given back. */
  call(): number {
    const repeat = this.#inspector.ringShape.slots / 2;
    const { durationNs } = testRunXdp(this.#inspector.programFd, FRAME, repeat);
    this.#runs += repeat;
    for (let ring = 0; ring < this.#ring.rings; ring++) {
      this.#ring.commitConsumer(ring, this.#ring.producerPosition(ring));
    }
    return durationNs;
  }

  /** Share of the runs of which a record was made: all or none. */
  share(): "matches" | "does not match" {
    const { captured, filtered } = this.#inspector.counters();
    if (captured === this.#runs) return "matches";
    if (filtered === this.#runs) return "does not match";
    throw new Error(`Cannot use the measurement of "${this.name}": ${captured} of ${this.#runs}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ring[Symbol.dispose]();
    this.#inspector[Symbol.dispose]();
    return Promise.resolve();
  }
}

async function measureFilterCost(context: BenchContext): Promise<SuiteResult> {
  await using resources = new AsyncDisposableStack();
  const subjects = FILTERS.map(([name, text]) => resources.use(new Filtered(name, text)));
  for (const subject of subjects) subject.call();
  const calls = context.full ? CALLS.full : CALLS.quick;
  const results = await interleave(
    subjects,
    context.full ? ROUNDS.full : ROUNDS.quick,
    (subject) => {
      let sum = 0;
      for (let call = 0; call < calls; call++) sum += subject.call();
      return sum / calls;
    },
  );
  const medians = results.map((values) => figure(values, "ns").median);
  const [without = 0, all = 0] = medians;
  const rows = subjects.map((subject, index) => ({
    variant: subject.name,
    figures: {
      "per packet": figure(results[index]!, "ns"),
      "over no filter": figure(results[index]!.map((value) => value - without), "ns"),
    },
    note: `${subject.share()}, ${subject.instructions} instructions`,
  }));
  const over = (index: number) => (medians[index]! - without).toFixed(1);
  return {
    rows,
    conclusions: [
      `a packet that matches "${FILTERS[2]![0]}" costs ${over(2)} ns more than without a filter, ` +
      `${(all - without).toFixed(1)} of them for any filter; goal 8`,
      `one that does not match "${FILTERS[3]![0]}" costs ${over(3)} ns more`,
      `64 hosts: ${over(5)} ns more for one of them, ${over(4)} for another; goal 60`,
    ],
  };
}

export const FILTER_COST: Suite = {
  name: "filter-cost",
  what: "XDP program with filters by BPF_PROG_TEST_RUN, ring of 64 MiB, never full",
  run: measureFilterCost,
};
