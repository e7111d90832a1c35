/**
 * The frames that the replay test puts on a wire: those of the frame table that a wire takes, and
 * well-formed ones of protocols that the table only names.
 *
 * @module
 */
import { ALL_ROWS } from "../bpf/rows/all_rows.ts";
import { ipv4, type Ipv4Options } from "./frames/ipv4.ts";
import { ipv6 } from "./frames/ipv6.ts";
import { ethernet, ETHERTYPE, vlan } from "./frames/link.ts";
import { concat, filler, hex, padTo, u16, u32 } from "./frames/octets.ts";
import { icmp, PROTOCOL, tcp, udp } from "./frames/transport.ts";

export interface NamedFrame {
  readonly name: string;
  readonly frame: Uint8Array;
}

/**
 * MTU of the rig in this test. A frame above a page does not lie in one piece in the kernel, so that
 * the headers of the long ones are read by helper.
 */
export const REPLAY_MTU = 9_000;
const LONGEST_FRAME = 14 + REPLAY_MTU;

const { IPV4, IPV6, VLAN, LLDP } = ETHERTYPE;
const IGMP = 2;
const MPLS_IN_IP = 137;

function over4(options: Ipv4Options, ...payload: readonly Uint8Array[]): Uint8Array {
  return ethernet(IPV4, ipv4(options, ...payload));
}

function over6(next: number, ...payload: readonly Uint8Array[]): Uint8Array {
  return ethernet(IPV6, ipv6({ next }, ...payload));
}

const datagram = ipv4({ protocol: PROTOCOL.UDP }, udp(filler(11)));
const packet = ipv6({ next: PROTOCOL.TCP }, tcp({}, filler(11)));

/** Chassis, port, time to live, end: IEEE 802.1AB, 8.5. */
const lldp = hex("0207 04 061122334455 0404 05 657468 0602 0078 0000");

/** Flags and protocol type: RFC 2784, 2.1. */
function gre(type: number, payload: Uint8Array): Uint8Array {
  return concat(u16(0), u16(type), payload);
}

/** One label with TTL 64; `last`: bottom of the stack: RFC 3032, 2.1. */
function mplsLabel(label: number, last: boolean): Uint8Array {
  return u32(label << 12 | (last ? 0x100 : 0) | 64);
}

const tunnels: readonly NamedFrame[] = [
  { name: "GRE around IPv4", frame: over4({ protocol: PROTOCOL.GRE }, gre(IPV4, datagram)) },
  { name: "GRE around IPv6", frame: over4({ protocol: PROTOCOL.GRE }, gre(IPV6, packet)) },
  { name: "GRE around Ethernet", frame: over6(PROTOCOL.GRE, gre(0x6558, ethernet(IPV6, packet))) },
  { name: "IPv4 in IPv4", frame: over4({ protocol: PROTOCOL.IPIP }, datagram) },
  { name: "IPv6 in IPv4", frame: over4({ protocol: 41 }, packet) },
  { name: "IPv4 in IPv6", frame: over6(PROTOCOL.IPIP, datagram) },
  { name: "IPv6 in IPv6", frame: over6(41, packet) },
  { name: "MPLS in IPv4", frame: over4({ protocol: MPLS_IN_IP }, mplsLabel(16, true), datagram) },
  {
    name: "VXLAN, which is UDP",
    frame: over4(
      { protocol: PROTOCOL.UDP },
      u16(0xc0de),
      u16(4789),
      u16(16 + 14 + datagram.length),
      u16(0),
      hex("08000000 00002a00"), // flags and network identifier: RFC 7348, 5
      ethernet(IPV4, datagram),
    ),
  },
  {
    name: "ESP over IPv4",
    frame: over4({ protocol: PROTOCOL.ESP }, u32(0x1001), u32(1), filler(40)),
  },
  { name: "ESP over IPv6", frame: over6(PROTOCOL.ESP, u32(0x1001), u32(1), filler(40)) },
];

const linkProtocols: readonly NamedFrame[] = [
  { name: "an LLDP frame with its four parts", frame: padTo(60, ethernet(LLDP, lldp)) },
  {
    name: "an LLDP frame behind a tag",
    frame: padTo(60, ethernet(VLAN, vlan(9, LLDP, 7), lldp)),
  },
  { name: "MPLS around IPv4", frame: ethernet(0x8847, mplsLabel(100, true), datagram) },
  {
    name: "two MPLS labels around IPv6",
    frame: ethernet(0x8847, mplsLabel(100, false), mplsLabel(101, true), packet),
  },
  { name: "multicast MPLS", frame: ethernet(0x8848, mplsLabel(102, true), datagram) },
  {
    name: "MPLS behind a tag",
    frame: ethernet(VLAN, vlan(77, 0x8847), mplsLabel(100, true), datagram),
  },
  {
    name: "PPPoE discovery",
    frame: padTo(60, ethernet(0x8863, hex("11 09 0000 0004 0101 0000"))),
  },
  { name: "EAPOL start", frame: padTo(60, ethernet(0x888e, hex("02 01 0000"))) },
  { name: "a PAUSE frame", frame: padTo(60, ethernet(0x8808, hex("0001 ffff"))) },
  { name: "a PTP sync message", frame: padTo(60, ethernet(0x88f7, hex("00 02 002c"))) },
  { name: "IPX by its EtherType", frame: padTo(60, ethernet(0x8137, filler(40))) },
  {
    name: "an 802.3 frame of IS-IS",
    frame: padTo(60, ethernet(20, hex("fe fe 03"), filler(17))),
  },
  {
    name: "an ARP reply",
    frame: padTo(
      60,
      ethernet(
        ETHERTYPE.ARP,
        hex("0001 0800 06 04 0002 061122334455 c6336407 02005e100001 cb007109"),
      ),
    ),
  },
];

const ipProtocols: readonly NamedFrame[] = [
  {
    name: "an IGMPv2 report with a router alert",
    frame: padTo(60, over4({ protocol: IGMP, optionBytes: 4, ttl: 1 }, hex("1600 0000 e00000fb"))),
  },
  {
    name: "an IGMPv3 report",
    frame: padTo(
      60,
      over4({ protocol: IGMP, ttl: 1 }, hex("2200 0000 0000 0001 04000000 e00000fb")),
    ),
  },
  {
    name: "a PIM hello",
    frame: padTo(60, over4({ protocol: 103, ttl: 1 }, hex("2000 0000 0001 0002 0069"))),
  },
  {
    name: "an ICMP error about a TCP segment",
    frame: over4(
      { protocol: PROTOCOL.ICMP },
      icmp(3, 1, ipv4({ protocol: PROTOCOL.TCP }, tcp().slice(0, 8))),
    ),
  },
  {
    name: "an ICMPv6 error about a UDP datagram",
    frame: over6(PROTOCOL.ICMPV6, icmp(1, 4, ipv6({ next: PROTOCOL.UDP }, udp(filler(8))))),
  },
  { name: "9,000 bytes of UDP over IPv4", frame: over4({ protocol: 17 }, udp(filler(8_972))) },
  { name: "9,000 bytes of TCP over IPv6", frame: over6(PROTOCOL.TCP, tcp({}, filler(8_940))) },
];

/** Every DSCP that has a name (RFC 2474, RFC 2597, RFC 3246) with each ECN mark (RFC 3168). */
const trafficClasses: readonly NamedFrame[] = [8, 10, 12, 14, 26, 34, 46, 56].flatMap((dscp) =>
  [0, 1, 2, 3].flatMap((ecn) => {
    const trafficClass = dscp << 2 | ecn;
    const name = `DSCP ${dscp} with ECN ${ecn}`;
    const next = PROTOCOL.UDP;
    return [
      { name: `${name} over IPv4`, frame: over4({ protocol: next, trafficClass }, udp()) },
      {
        name: `${name} over IPv6`,
        frame: ethernet(IPV6, ipv6({ next, trafficClass, flowLabel: 0xfffff }, udp())),
      },
    ];
  })
);

/**
 * Of tags of IEEE 802.1ad in a row, tshark's dissector tells fewer than there are. Of tags before and
 * behind SNAP its fields do not say which is which.
 */
const NOT_TOLD: readonly string[] = ["three service tags", "SNAP around a tag, behind 8 tags"];

/** Nothing is shorter than an Ethernet header or longer than the MTU allows. */
export const REPLAY_FRAMES: readonly NamedFrame[] = [
  ...ALL_ROWS.filter(({ name, frame }) =>
    frame.length >= 14 && frame.length <= LONGEST_FRAME && !NOT_TOLD.includes(name)
  ),
  ...linkProtocols,
  ...tunnels,
  ...ipProtocols,
  ...trafficClasses,
];
