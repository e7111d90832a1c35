/**
 * The kernel's own tunnels over a rig. Not every kernel has them.
 *
 * @module
 */
import type { NetnsEnd, NetnsPair } from "./netns.ts";
import type { Ends } from "./traffic.ts";

/** A kind of tunnel, and what it carries. */
export interface Tunnel {
  /** As `ip link add type` knows it. */
  readonly kind: string;
  /** What its outer packets are. */
  readonly outer: "ipv4" | "ipv6";
  readonly families: readonly ("ipv4" | "ipv6")[];
  readonly flags?: readonly string[];
}

/** Those without an Ethernet header. */
export const TUNNELS: readonly Tunnel[] = [
  { kind: "gre", outer: "ipv4", families: ["ipv4", "ipv6"] },
  { kind: "ip6gre", outer: "ipv6", families: ["ipv4", "ipv6"] },
  { kind: "ipip", outer: "ipv4", families: ["ipv4"] },
  { kind: "sit", outer: "ipv4", families: ["ipv6"] },
  { kind: "ip6tnl", outer: "ipv6", families: ["ipv4", "ipv6"], flags: ["mode", "any"] },
];

/** What iproute2 says of a kind that the kernel does not have. */
const UNKNOWN_KIND = /Unknown device type|Operation not supported/;

/** @returns null if the kernel has no such tunnel */
export async function addTunnel(rig: NetnsPair, tunnel: Tunnel): Promise<Ends | null> {
  const { kind, outer, flags = [] } = tunnel;
  const end = (side: "a" | "b", host: number): NetnsEnd => ({
    ...rig[side],
    interface: `tunnel-${side}`,
    mac: "",
    ipv4: `10.92.0.${host}`,
    ipv6: `fd00:92::${host}`,
  });
  const ends = { a: end("a", 1), b: end("b", 2) };
  for (const [one, other] of [["a", "b"], ["b", "a"]] as const) {
    const { interface: name, ipv4, ipv6 } = ends[one];
    const between = ["local", rig[one][outer], "remote", rig[other][outer]];
    const argv = ["ip", "link", "add", name, "type", kind, ...flags, ...between];
    const { code, stderr } = await rig[one].run(argv);
    if (code !== 0 && UNKNOWN_KIND.test(stderr)) return null;
    if (code !== 0) throw new Error(`Cannot add "${name}" of type "${kind}": ${stderr}`);
    await rig[one].check(["ip", "link", "set", name, "up"]);
    for (const family of tunnel.families) {
      const address = family === "ipv4" ? [`${ipv4}/24`] : [`${ipv6}/64`, "nodad"];
      await rig[one].check(["ip", "address", "add", ...address, "dev", name]);
    }
  }
  return ends;
}
