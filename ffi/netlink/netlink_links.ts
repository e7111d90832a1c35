/**
 * The network interfaces of this network namespace: rtnetlink(7). Needs no privilege.
 *
 * Unlike sysfs, which shows the namespace in which it was mounted, netlink answers for the caller's.
 *
 * @module
 */

import { textFromCString } from "../linux/cstring.ts";
import { SystemError } from "../linux/errno.ts";
import {
  attribute,
  attributeList,
  type Attributes,
  attributesOf,
  NETLINK_ROUTE,
  NetlinkSocket,
  uint32,
} from "./netlink.ts";
import type { XdpMode } from "../bpf/xdp_query.ts";
import { XDP_MODES } from "../bpf/xdp_query.ts";

/** `include/uapi/linux/rtnetlink.h`. */
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const RTEXT_FILTER_SKIP_STATS = 1 << 3;

/** `struct ifinfomsg`: `include/uapi/linux/rtnetlink.h`. */
const INFO = { BYTES: 16, family: 0, type: 2, index: 4, flags: 8 } as const;

/** Attributes: `include/uapi/linux/if_link.h`. */
const IFLA = {
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  OPERSTATE: 16,
  LINKINFO: 18,
  EXT_MASK: 29,
  LINK_NETNSID: 37,
  XDP: 43,
  NEW_NETNSID: 45,
  PROP_LIST: 52,
  ALT_IFNAME: 53,
} as const;
const IFLA_INFO_KIND = 1;
const IFLA_XDP = {
  ATTACHED: 2,
  PROG_ID: 4,
  DRV_PROG_ID: 5,
  SKB_PROG_ID: 6,
  HW_PROG_ID: 7,
} as const;

/** Kinds whose IFLA_LINK is the other end of a pair: drivers/net/veth.c, drivers/net/netkit.c. */
const PAIRS: readonly string[] = ["veth", "netkit"];

/** `sys/socket.h`. */
const AF_UNSPEC = 0;

/** `include/uapi/linux/if.h`. */
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x10000;
/** RFC 2863 operational states in the kernel's order: IF_OPER_UNKNOWN ..., `include/uapi/linux/if.h`. */
const OPERATIONAL_STATES = [
  "unknown",
  "not present",
  "down",
  "lower layer down",
  "testing",
  "dormant",
  "up",
] as const;

/** One network interface. */
export interface NetworkLink {
  /** Index in this network namespace. */
  readonly index: number;
  readonly name: string;
  /** Further names (`ip link property add ... altname`). */
  readonly alternativeNames: readonly string[];
  /** Whether it is administratively up. */
  readonly up: boolean;
  /** Whether it is up and has a carrier, as far as its driver tells. */
  readonly running: boolean;
  /** Operational state, RFC 2863: `up`, `down`, `unknown` (where the driver does not tell), ... */
  readonly state: string;
  /** Largest packet in bytes, without the link-layer header. */
  readonly mtu: number;
  /** Link-layer type, ARPHRD_ETHER and others of `include/uapi/linux/if_arp.h`. */
  readonly type: number;
  /** Kind of a virtual interface, such as `veth`; "" for others. */
  readonly kind: string;
  /** Index of the interface that this one is a port of: a bridge, a bond; null if of none. */
  readonly master: number | null;
  /** Index of the interface that this one stands on, as a VLAN does; null if on none that is here. */
  readonly lower: number | null;
  /** The attached XDP program, null if there is none. */
  readonly xdp: { readonly programId: number; readonly mode: XdpMode } | null;
}

/**
 * All interfaces of this network namespace, in the order of their indexes.
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function listLinks(): NetworkLink[] {
  using socket = NetlinkSocket.open(NETLINK_ROUTE);
  return socket.list("list the network interfaces", RTM_GETLINK, linkRequest(0))
    .filter((payload) => payload.length >= INFO.BYTES)
    .map(parseLink)
    .sort((one, other) => one.index - other.index);
}

/**
 * The interface with index `ifindex` of this network namespace; null if there is none.
 *
 * @throws {SystemError} if the kernel cannot be asked
 */
export function linkOf(socket: NetlinkSocket, ifindex: number): NetworkLink | null {
  try {
    const [payload] = socket.ask(`ask for interface ${ifindex}`, RTM_GETLINK, linkRequest(ifindex));
    return payload === undefined || payload.length < INFO.BYTES ? null : parseLink(payload);
  } catch (error) {
    if (error instanceof SystemError && error.code === "ENODEV") return null;
    throw error;
  }
}

/** @param ifindex 0 = all */
function linkRequest(ifindex: number): Uint8Array {
  const info = new Uint8Array(INFO.BYTES);
  new DataView(info.buffer).setInt32(INFO.index, ifindex, true);
  const mask = new Uint8Array(new Uint32Array([RTEXT_FILTER_SKIP_STATS]).buffer);
  return new Uint8Array([...info, ...attribute(IFLA.EXT_MASK, mask)]);
}

/** What the kernel tells of an interface without being asked. */
export interface LinkMessage {
  readonly link: NetworkLink;
  /** What has become of it; null = it is still here. */
  readonly gone: "deleted" | "moved" | null;
}

/**
 * Reads a message of RTNLGRP_LINK; null if it is about something else: a port of a bridge, whose messages
 * have the family AF_BRIDGE, or a part of an interface's state, as wireless drivers send it.
 */
export function parseLinkMessage(type: number, payload: Uint8Array): LinkMessage | null {
  if (type !== RTM_NEWLINK && type !== RTM_DELLINK || payload.length < INFO.BYTES) return null;
  const attributes = attributesOf(payload.subarray(INFO.BYTES));
  if (payload[INFO.family] !== AF_UNSPEC || !attributes.has(IFLA.MTU)) return null;
  // Moved, it goes with this attribute (net/core/dev.c, __dev_change_net_namespace).
  const gone = attributes.has(IFLA.NEW_NETNSID) ? "moved" : "deleted";
  return { link: parseLink(payload), gone: type === RTM_DELLINK ? gone : null };
}

/** Reads the payload of an RTM_NEWLINK message. */
export function parseLink(payload: Uint8Array): NetworkLink {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const attributes = attributesOf(payload.subarray(INFO.BYTES));
  const names = attributeList(attributes.get(IFLA.PROP_LIST) ?? new Uint8Array());
  const info = attributesOf(attributes.get(IFLA.LINKINFO) ?? new Uint8Array());
  const index = view.getInt32(INFO.index, true);
  const flags = view.getUint32(INFO.flags, true);
  const kind = text(info.get(IFLA_INFO_KIND));
  return {
    index,
    name: text(attributes.get(IFLA.IFNAME)),
    alternativeNames: names.flatMap(([type, name]) => type === IFLA.ALT_IFNAME ? [text(name)] : []),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_UP) !== 0 && (flags & IFF_LOWER_UP) !== 0,
    state: OPERATIONAL_STATES[attributes.get(IFLA.OPERSTATE)?.[0] ?? 0] ?? "unknown",
    mtu: uint32(attributes.get(IFLA.MTU)) ?? 0,
    type: view.getUint16(INFO.type, true),
    kind,
    master: uint32(attributes.get(IFLA.MASTER)) || null,
    lower: PAIRS.includes(kind) ? null : lowerOf(index, attributes),
    xdp: parseXdp(attributesOf(attributes.get(IFLA.XDP) ?? new Uint8Array())),
  };
}

/** The attribute names the interface itself where there is none below (net/core/dev.c, dev_get_iflink). */
function lowerOf(index: number, attributes: Attributes): number | null {
  const lower = uint32(attributes.get(IFLA.LINK)) || null;
  // With this attribute the index is one of another network namespace.
  return lower === index || attributes.has(IFLA.LINK_NETNSID) ? null : lower;
}

function parseXdp(attributes: Attributes): NetworkLink["xdp"] {
  const mode = XDP_MODES[attributes.get(IFLA_XDP.ATTACHED)?.[0] ?? 0] ?? "none";
  if (mode === "none") return null;
  // With several programs the kernel leaves the common id out (rtnl_xdp_report_one()).
  const ids = [IFLA_XDP.PROG_ID, IFLA_XDP.DRV_PROG_ID, IFLA_XDP.SKB_PROG_ID, IFLA_XDP.HW_PROG_ID]
    .map((type) => uint32(attributes.get(type)) ?? 0);
  return { programId: ids.find((id) => id !== 0) ?? 0, mode };
}

function text(value: Uint8Array | undefined): string {
  return value === undefined ? "" : textFromCString(value);
}
