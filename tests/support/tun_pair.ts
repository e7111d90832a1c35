/**
 * A tunnel between the two namespaces of a rig: tun devices, whose packets have no Ethernet header.
 *
 * @module
 */
import { join } from "node:path";
import { type BackgroundProcess, check } from "./child_process.ts";
import { PROJECT } from "./inspector_cli.ts";
import type { NetnsEnd, NetnsPair } from "./netns.ts";
import { TempDirectory } from "./temp_directory.ts";

const SCRIPT = join(PROJECT, "tests", "support", "tun_pair.pl");
/** Name of the pipe for packets. */
const PACKETS = "packets";
const LIMIT_MS = 60_000;

/** `await using tunnel = await TunPair.create(rig)`; what it is made of goes with it. */
export class TunPair implements AsyncDisposable {
  readonly a: NetnsEnd;
  readonly b: NetnsEnd;
  readonly #carrier: BackgroundProcess;
  readonly #directory: TempDirectory;

  private constructor(rig: NetnsPair, carrier: BackgroundProcess, directory: TempDirectory) {
    this.#carrier = carrier;
    this.#directory = directory;
    const end = (side: "a" | "b", host: number): NetnsEnd => ({
      ...rig[side],
      interface: `tun-${side}`,
      mac: "",
      ipv4: `10.92.0.${host}`,
      ipv6: `fd00:92::${host}`,
    });
    this.a = end("a", 1);
    this.b = end("b", 2);
  }

  /** Joins the namespaces of `rig` and waits until both devices are up. */
  static async create(rig: NetnsPair): Promise<TunPair> {
    const directory = TempDirectory.create();
    await check(["mkfifo", directory.file(PACKETS)]);
    const carrier = rig.a.start(["perl", SCRIPT, "tun-a", "tun-b", directory.file(PACKETS)]);
    const pair = new TunPair(rig, carrier, directory);
    try {
      await carrier.until("the tun devices", LIMIT_MS, () => carrier.stdout.includes("ready"));
      await rig.a.check(["ip", "link", "set", "tun-b", "netns", rig.b.namespace]);
      for (const end of [pair.a, pair.b]) await end.check(["sh", "-ec", setUp(end)]);
      return pair;
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Lets a packet come in at side b.
   *
   * @param ethertype that the kernel is told
   * @param linear bytes in the linear part of its buffer, if it is longer than a page
   */
  async inject(packet: Uint8Array, ethertype: number, linear = 0): Promise<void> {
    const header = new Uint8Array(14); // struct tun_pi, struct virtio_net_hdr
    const view = new DataView(header.buffer);
    view.setUint16(2, ethertype);
    view.setUint16(6, linear, true); // hdr_len: drivers/net/tun.c, tun_get_user()
    const line = `1 ${header.toHex()}${packet.toHex()}\n`;
    await Deno.writeTextFile(this.#directory.file(PACKETS), line, { append: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#carrier[Symbol.asyncDispose]();
    this.#directory[Symbol.dispose]();
  }
}

/** As the ends of a rig: no packet that nobody asked for, one frame each, IPv6 if the rig has it. */
function setUp({ interface: name, ipv4, ipv6 }: NetnsEnd): string {
  return [
    `ip link set ${name} gso_max_segs 1`,
    `ip address add ${ipv4}/24 dev ${name}`,
    `[ $(cat /proc/sys/net/ipv6/conf/${name}/disable_ipv6) = 1 ] ||`,
    `ip address add ${ipv6}/64 dev ${name} nodad`,
    `ip link set ${name} up`,
  ].join("\n");
}
