/**
 * What stands before the network layer of an interface's packets.
 *
 * @module
 */
import type { NetworkLink } from "../../ffi/mod.ts";

/** `ethernet`, or `none`: packets start with an IP header. */
export type LinkHeader = "ethernet" | "none";

/** The link types of Ethernet and of loopback: `linux/if_arp.h`, as all of these. */
export const ARPHRD_ETHER = 1;
export const ARPHRD_LOOPBACK = 772;

const ETHERNET_TYPES: readonly number[] = [
  ARPHRD_ETHER,
  ARPHRD_LOOPBACK,
];

/** Link types whose packets the kernel hands to TC as IP, with the protocol beside them. */
const BARE_TYPES: readonly number[] = [
  512, // ARPHRD_PPP
  519, // ARPHRD_RAWIP: mobile broadband
  768, // ARPHRD_TUNNEL: IP in IP, VTI
  769, // ARPHRD_TUNNEL6
  776, // ARPHRD_SIT
  778, // ARPHRD_IPGRE
  823, // ARPHRD_IP6GRE
  65534, // ARPHRD_NONE: tun, WireGuard, xfrm
];

/** Null for packets that the programs cannot read. */
export function linkHeader({ type }: Pick<NetworkLink, "type">): LinkHeader | null {
  if (ETHERNET_TYPES.includes(type)) return "ethernet";
  return BARE_TYPES.includes(type) ? "none" : null;
}
