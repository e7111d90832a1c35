/**
 * The network rig: two network namespaces joined by a veth pair, nothing else in them. No interface
 * of the machine is touched, and nothing of the rig outlives its owner.
 *
 * @module
 */
import {
  BackgroundProcess,
  check,
  type ProcessOptions,
  type ProcessResult,
  run,
} from "./child_process.ts";
import { waitFor } from "./deadline.ts";

/** Namespaces of this rig: side, owner's process id, random part. */
const NAME_PATTERN = /^xi-[ab]-(\d+)-[0-9a-f]+$/;

/** Limit for the links to come up, milliseconds. */
const LINK_LIMIT_MS = 60_000;

export interface NetnsPairOptions {
  /** IPv6 on both ends. Off: not a single packet that nobody asked for. Default: true. */
  readonly ipv6?: boolean;
  /** Static neighbour entries, so that no ARP and no neighbour discovery is seen. Default: true. */
  readonly neighbours?: boolean;
  /**
   * Segmentation, receive and checksum offloads of the veth pair. Off, a packet is one frame with a
   * finished checksum at every hook and tap, so that two tools can be compared. Default: false.
   */
  readonly offloads?: boolean;
}

/** One end of the pair. */
export interface NetnsEnd {
  /** Name of the namespace. */
  readonly namespace: string;
  /** Name of the interface in that namespace. */
  readonly interface: string;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** `argv` as a command line that runs inside the namespace, in the same process. */
  argv(argv: readonly string[]): string[];
  /** Runs a command inside the namespace to its end. */
  run(argv: readonly string[], options?: ProcessOptions): Promise<ProcessResult>;
  /** Runs a command inside the namespace, expects exit code 0, returns its standard output. */
  check(argv: readonly string[], options?: ProcessOptions): Promise<string>;
  /** Starts a background process inside the namespace; the rig ends it if the test does not. */
  start(argv: readonly string[], options?: ProcessOptions): BackgroundProcess;
}

/** Two joined namespaces: `await using rig = await NetnsPair.create()`. Needs root. */
export class NetnsPair implements AsyncDisposable {
  readonly a: NetnsEnd;
  readonly b: NetnsEnd;
  readonly #processes: BackgroundProcess[] = [];
  readonly #onSignal: (() => void)[] = [];
  #open = true;

  private constructor(id: string) {
    this.a = this.#end(id, "a", 1);
    this.b = this.#end(id, "b", 2);
  }

  /**
   * Makes the pair and waits until both links are up.
   *
   * @throws {Error} naming the command that failed; what was made until then is removed
   */
  static async create(options: NetnsPairOptions = {}): Promise<NetnsPair> {
    await removeLeftovers();
    const rig = new NetnsPair(`${Deno.pid}-${crypto.randomUUID().slice(0, 8)}`);
    try {
      rig.#cleanUpOnSignals();
      await rig.#setUp(options);
      return rig;
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    for (const stop of this.#onSignal) stop();
    await Promise.all(this.#processes.map((process) => process[Symbol.asyncDispose]()));
    for (const end of [this.a, this.b]) removeNamespace(end.namespace);
  }

  #end(id: string, side: "a" | "b", host: number): NetnsEnd {
    const namespace = `xi-${side}-${id}`;
    const inside = (argv: readonly string[]) => ["ip", "netns", "exec", namespace, ...argv];
    return {
      namespace,
      interface: `veth-${side}`,
      mac: `02:00:00:00:00:0${side}`,
      ipv4: `10.91.0.${host}`,
      ipv6: `fd00:91::${host}`,
      argv: inside,
      run: (argv, options) => run(inside(argv), options),
      check: (argv, options) => check(inside(argv), options),
      start: (argv, options) => {
        const process = BackgroundProcess.start(inside(argv), options);
        this.#processes.push(process);
        return process;
      },
    };
  }

  /**
   * The two interfaces get different indexes: net/core/link_watch.c (linkwatch_urgent_event) delays
   * "link up" of a device whose index equals its peer's by up to a second, and with one interface in
   * each namespace they would be equal.
   */
  async #setUp(options: NetnsPairOptions): Promise<void> {
    const { a, b } = this;
    for (const end of [a, b]) {
      await check(["ip", "netns", "add", end.namespace]);
      await end.check(["sh", "-c", sysctls(options.ipv6 ?? true)]);
    }
    await check([
      ...["ip", "link", "add", a.interface, "index", "11", "netns", a.namespace],
      ...["address", a.mac, "type", "veth", "peer", "name", b.interface, "index", "12"],
      ...["netns", b.namespace, "address", b.mac],
    ]);
    for (const [end, peer] of [[a, b], [b, a]] as const) {
      const commands = (options.offloads ?? false) ? [] : offloadsOff(end.interface);
      commands.push(...addresses(end, peer, options));
      await end.check(["sh", "-ec", commands.join("\n")]);
    }
    for (const end of [a, b]) {
      await untilLinkIs(end, end.interface);
    }
  }

  /** A signal that ends this process must not leave the namespaces behind. */
  #cleanUpOnSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      const handler = () => {
        for (const stop of this.#onSignal) stop();
        for (const process of this.#processes) process.signal("SIGKILL");
        for (const end of [this.a, this.b]) removeNamespace(end.namespace);
        // The handler is gone: the same signal now has its usual effect, so that the parent sees it.
        Deno.kill(Deno.pid, signal);
      };
      Deno.addSignalListener(signal, handler);
      this.#onSignal.push(() => Deno.removeSignalListener(signal, handler));
    }
  }
}

/**
 * Waits until the kernel says of a link that it is up, or that it is not (RFC 2863, 3.1.14). It finds that out
 * later than the carrier, of links that have the index of their peer by up to a second: net/core/link_watch.c.
 */
export async function untilLinkIs(
  end: Pick<NetnsEnd, "check">,
  name: string,
  state: "up" | "not up" = "up",
): Promise<void> {
  const path = `/sys/class/net/${name}/operstate`;
  await waitFor(`"${name}" to be ${state}`, LINK_LIMIT_MS, async () => {
    const isUp = (await end.check(["cat", path])).trim() === "up";
    return isUp === (state === "up");
  });
}

/**
 * Removes namespaces of this rig whose owner no longer runs (it was killed). Those of a running
 * process are left alone.
 */
export async function removeLeftovers(): Promise<void> {
  const list = await check(["ip", "netns", "list"]);
  for (const line of list.split("\n")) {
    const name = line.split(" ")[0] ?? "";
    const owner = NAME_PATTERN.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) removeNamespace(name);
  }
}

/** Ends what still runs in the namespace `name` and deletes it; nothing to do when it is not there. */
function removeNamespace(name: string): void {
  const pids = new Deno.Command("ip", { args: ["netns", "pids", name], stderr: "null" })
    .outputSync();
  for (const pid of new TextDecoder().decode(pids.stdout).split("\n").filter(Boolean)) {
    try {
      Deno.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended by itself since it was listed.
    }
  }
  new Deno.Command("ip", { args: ["netns", "del", name], stderr: "null" }).outputSync();
}

function isRunning(pid: number): boolean {
  try {
    Deno.statSync(`/proc/${pid}`);
    return true;
  } catch {
    return false;
  }
}

/** Settings that stop packets nobody asked for; before the interfaces exist, so that they inherit. */
function sysctls(ipv6: boolean): string {
  const set = (key: string, value: number) => `echo ${value} > /proc/sys/net/${key}`;
  return [
    set("ipv6/conf/default/disable_ipv6", ipv6 ? 0 : 1),
    set("ipv6/conf/default/accept_dad", 0),
    set("ipv6/conf/default/accept_ra", 0),
    set("ipv6/conf/default/router_solicitations", 0),
    set("ipv6/conf/default/addr_gen_mode", 1), // no link-local address, hence no MLD reports for it
    // The reports for the other addresses, and their repetitions, go out at once (milliseconds).
    set("ipv6/conf/default/mldv2_unsolicited_report_interval", 1),
    "ip link set lo up",
  ].join(" && ");
}

function offloadsOff(name: string): string[] {
  const features = ["tso", "gso", "gro", "tx", "rx"].map((feature) => `${feature} off`);
  return [
    `ethtool -K ${name} ${features.join(" ")}`,
    // TCP makes GSO packets whatever the device says (sk_setup_caps() in net/core/sock.c), and they
    // are cut only behind TC: allow it one segment in each.
    `ip link set dev ${name} gso_max_segs 1`,
  ];
}

function addresses(end: NetnsEnd, peer: NetnsEnd, options: NetnsPairOptions): string[] {
  const ipv6 = options.ipv6 ?? true;
  const lines = [
    `ip address add ${end.ipv4}/24 dev ${end.interface}`,
    `ip link set ${end.interface} up`,
  ];
  // After "up": taking a link up is what makes the kernel forget IPv6 addresses set before.
  if (ipv6) lines.push(`ip address add ${end.ipv6}/64 dev ${end.interface} nodad`);
  if (options.neighbours ?? true) {
    for (const address of ipv6 ? [peer.ipv4, peer.ipv6] : [peer.ipv4]) {
      lines.push(`ip neighbour add ${address} lladdr ${peer.mac} dev ${end.interface}`);
    }
  }
  return lines;
}
