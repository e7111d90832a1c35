/**
 * A path between the two namespaces of a rig that loses and reorders segments of TCP, by count.
 *
 * @module
 */
import { join } from "node:path";
import type { BackgroundProcess } from "./child_process.ts";
import { PROJECT } from "./inspector_cli.ts";
import type { NetnsEnd, NetnsPair } from "./netns.ts";

const SCRIPT = join(PROJECT, "tests", "support", "late_path.pl");
const LIMIT_MS = 60_000;

/** Segments that side b got late or never. */
export interface Disorder {
  /** Came behind one segment that follows it in the sequence. */
  readonly behindOne: number;
  /** Came behind two. */
  readonly behindTwo: number;
  readonly dropped: number;
}

/** `await using path = await LatePath.create(rig)`; its two tap devices go with it. */
export class LatePath implements AsyncDisposable {
  readonly a: NetnsEnd;
  readonly b: NetnsEnd;
  readonly #carrier: BackgroundProcess;

  private constructor(rig: NetnsPair, carrier: BackgroundProcess) {
    this.#carrier = carrier;
    const end = (side: "a" | "b", host: number): NetnsEnd => ({
      ...rig[side],
      interface: `tap-${side}`,
      mac: `02:00:00:00:01:0${side}`,
      ipv4: `10.93.0.${host}`,
      ipv6: `fd00:93::${host}`,
    });
    this.a = end("a", 1);
    this.b = end("b", 2);
  }

  /** Joins the namespaces of `rig` and waits until both devices are there. */
  static async create(rig: NetnsPair): Promise<LatePath> {
    const carrier = rig.a.start(["perl", SCRIPT, "tap-a", "tap-b"]);
    const path = new LatePath(rig, carrier);
    try {
      await carrier.until("the tap devices", LIMIT_MS, () => carrier.stdout.includes("ready"));
      await rig.a.check(["ip", "link", "set", "tap-b", "netns", rig.b.namespace]);
      for (const end of [path.a, path.b]) await end.check(["sh", "-ec", setUp(end)]);
      return path;
    } catch (error) {
      await path[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Nothing passes any more; the two devices stay. */
  async stop(): Promise<Disorder> {
    this.#carrier.signal("SIGTERM");
    const counts = await this.#carrier.until(
      "what the path did",
      LIMIT_MS,
      ({ stdout }) => /^one (\d+) two (\d+) dropped (\d+)\n/m.exec(stdout) ?? undefined,
    );
    const [behindOne, behindTwo, dropped] = counts.slice(1).map(Number) as [number, number, number];
    return { behindOne, behindTwo, dropped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#carrier[Symbol.asyncDispose]();
  }
}

/** One frame for each packet; a tap device puts none together and has no offload that nobody asked for. */
function setUp({ interface: name, mac, ipv4, ipv6 }: NetnsEnd): string {
  return [
    `ip link set ${name} address ${mac} gso_max_segs 1`,
    `ethtool -K ${name} tso off gso off gro off`,
    `ip address add ${ipv4}/24 dev ${name}`,
    `ip link set ${name} up`,
    `ip address add ${ipv6}/64 dev ${name} nodad`,
  ].join("\n");
}
