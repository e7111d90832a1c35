/**
 * A receiver as a process of its own, inside a network namespace: holds an XDP program on an
 * interface until it is killed. With our program it also takes the records out of the ring, and
 * throws them away.
 *
 *     deno run -A tests/bench/receiver.ts '{"object":..., "interface":..., "program":...}'
 *
 * Prints `ready` when everything is in place. On SIGINT it ends and prints what it lost.
 *
 * @module
 */
import { BpfLink, interfaceIndex } from "../../ffi/mod.ts";
import { BpfInspector } from "../support/bpf_inspector.ts";
import { say } from "../support/print.ts";
import { loadBenchProgram } from "./bench_object.ts";
import { DEFAULT_RING_BYTES, startDiscarding, WAKEUP_INTERVAL } from "./discarding_reader.ts";

/** What to hold on which interface. */
export interface ReceiverPlan {
  /** Compiled object of the benchmark's programs. */
  readonly object: string;
  readonly interface: string;
  /** `pass` does nothing; the others are ours. */
  readonly program: "pass" | "inspect" | "inspect with senders";
}

/** What it prints at the end, as JSON. */
export interface ReceiverResult {
  readonly seen: number;
  readonly lost: number;
}

async function untilInterrupted(): Promise<void> {
  await new Promise<void>((resolve) => Deno.addSignalListener("SIGINT", () => resolve()));
}

async function hold(plan: ReceiverPlan): Promise<void> {
  using resources = new DisposableStack();
  const ifindex = interfaceIndex(plan.interface);
  if (plan.program === "pass") {
    const object = resources.use(loadBenchProgram(plan.object, "pass"));
    resources.use(BpfLink.attachXdp(object.programFd, ifindex, "native"));
    say("ready");
    await untilInterrupted();
    say(JSON.stringify({ seen: 0, lost: 0 } satisfies ReceiverResult));
    return;
  }
  const inspector = resources.use(
    new BpfInspector("inspect_xdp", {
      ringBytes: DEFAULT_RING_BYTES,
      wakeupInterval: WAKEUP_INTERVAL,
      senderStatistics: plan.program === "inspect with senders",
    }),
  );
  resources.use(await startDiscarding(inspector.ring));
  resources.use(BpfLink.attachXdp(inspector.programFd, ifindex, "native"));
  say("ready");
  await untilInterrupted();
  const { seen, ring_full } = inspector.counters();
  say(JSON.stringify({ seen, lost: ring_full } satisfies ReceiverResult));
}

if (import.meta.main) {
  await hold(JSON.parse(Deno.args[0]!));
  Deno.exit(0);
}
