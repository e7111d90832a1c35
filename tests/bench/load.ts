/**
 * Load and receivers in the namespaces of a rig: the generator on side a, programs on side b.
 *
 * @module
 */
import { join } from "node:path";
import type { BackgroundProcess } from "../support/child_process.ts";
import { PROJECT } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import type { LoadPlan, LoadResult } from "./generator.ts";
import type { ReceiverPlan, ReceiverResult } from "./receiver.ts";

/** Sources of a load, unless a suite is about their number. */
const USUAL_SOURCES = 10_000;

/** Limit for the slowest load that a suite asks for. */
const LOAD_LIMIT_MS = 300_000;
const READY_LIMIT_MS = 20_000;

/** Parts of a load that are usually left as they are. */
export type LoadOptions = Partial<Omit<LoadPlan, "object" | "interface">> & {
  readonly packets: number;
};

/** A rig whose b receives nothing but the load. */
export function quietRig(): Promise<NetnsPair> {
  return NetnsPair.create({ ipv6: false });
}

/** Sends a load from a to b and waits until all of it is sent. */
export async function sendLoad(
  rig: NetnsPair,
  object: string,
  options: LoadOptions,
): Promise<LoadResult> {
  const plan: LoadPlan = {
    object,
    interface: rig.a.interface,
    traffic: "udp",
    sources: USUAL_SOURCES,
    flows: USUAL_SOURCES,
    rate: 0,
    ...options,
  };
  const argv = script("generator.ts", plan);
  return JSON.parse(await rig.a.check(argv, { limitMs: LOAD_LIMIT_MS }));
}

/** A program on b's interface, in a process of its own. */
export class Receiver {
  readonly #process: BackgroundProcess;

  private constructor(process: BackgroundProcess) {
    this.#process = process;
  }

  /** Attaches it and waits until it is attached. The rig ends it if `stop` is not called. */
  static async start(
    rig: NetnsPair,
    object: string,
    program: ReceiverPlan["program"],
  ): Promise<Receiver> {
    const plan: ReceiverPlan = { object, interface: rig.b.interface, program };
    const process = rig.b.start(script("receiver.ts", plan));
    await process.until("the receiver", READY_LIMIT_MS, (it) => it.stdout.startsWith("ready"));
    return new Receiver(process);
  }

  /** Detaches it. */
  async stop(): Promise<ReceiverResult> {
    this.#process.signal("SIGINT");
    const { code, stdout, stderr } = await this.#process.end();
    if (code !== 0) throw new Error(`The receiver ended with ${code}\n${stderr}`);
    return JSON.parse(stdout.split("\n")[1]!);
  }
}

function script(name: string, plan: unknown): string[] {
  const path = join(PROJECT, "tests", "bench", name);
  return [Deno.execPath(), "run", "-A", "--frozen", path, JSON.stringify(plan)];
}
