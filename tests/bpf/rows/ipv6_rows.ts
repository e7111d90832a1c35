/**
 * IPv6: extension headers, fragments, lengths that lie.
 *
 * @module
 */
import { ethernet, ETHERTYPE } from "../../support/frames/link.ts";
import { ipv4 } from "../../support/frames/ipv4.ts";
import {
  authenticationHeader,
  chain,
  extension,
  fragmentHeader,
  ipv6,
  type Ipv6Options,
} from "../../support/frames/ipv6.ts";
import { concat, filler, octets, padTo } from "../../support/frames/octets.ts";
import { icmp, PROTOCOL, tcp, udp } from "../../support/frames/transport.ts";
import {
  cuts,
  type FrameRow,
  ICMP_PRESENT,
  IP_PRESENT,
  ipv6Fields,
  link,
  PORTS,
  PORTS_PRESENT,
  present,
  TCP,
  TCP_PRESENT,
  UDP_PRESENT,
} from "./row.ts";

const { IPV4, IPV6 } = ETHERTYPE;
const { HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, MOBILITY } = PROTOCOL;

function frame(options: Ipv6Options, ...payload: readonly Uint8Array[]): Uint8Array {
  return ethernet(IPV6, ipv6(options, ...payload));
}

/** A frame whose payload starts with header number `next`. */
function startingWith(next: number, ...payload: readonly Uint8Array[]): Uint8Array {
  return frame({ next }, ...payload);
}

function onlyIp(protocol: number): FrameRow["record"] {
  return { ...ipv6Fields(protocol), ...present(...IP_PRESENT) };
}

function udpOf(payload_length: number): FrameRow["record"] {
  return {
    ...ipv6Fields(PROTOCOL.UDP),
    ...PORTS,
    payload_length,
    ...present(...UDP_PRESENT),
  };
}

function tcpOf(payload_length: number): FrameRow["record"] {
  return {
    ...ipv6Fields(PROTOCOL.TCP),
    ...TCP,
    payload_length,
    ...present(...TCP_PRESENT),
  };
}

const FRAGMENT_FLAGS = { flags: ["IPV6", "FRAGMENT"] } as const;

/** Ethernet 14, IPv6 40, hop-by-hop 8, routing 24, TCP 20, payload 3: 54, 62, 86, 90, 106, 109. */
const twoExtensions = startingWith(
  HOP_BY_HOP,
  extension(ROUTING),
  extension(PROTOCOL.TCP, 24),
  tcp({}, filler(3)),
);

function twoExtensionsCutTo(length: number): FrameRow["record"] {
  if (length < 54) return link(IPV6);
  if (length < 62) return onlyIp(HOP_BY_HOP);
  if (length < 86) return onlyIp(ROUTING);
  if (length < 90) return onlyIp(PROTOCOL.TCP);
  const ports = { ...ipv6Fields(PROTOCOL.TCP), ...PORTS };
  if (length < 106) return { ...ports, ...present(...PORTS_PRESENT) };
  return { ...ports, ...TCP, ...present(...PORTS_PRESENT, "TCP") };
}

const extensions: readonly FrameRow[] = [
  ...[
    ["hop-by-hop options", HOP_BY_HOP, extension(PROTOCOL.UDP)],
    ["routing", ROUTING, extension(PROTOCOL.UDP, 40)],
    ["destination options", DESTINATION, extension(PROTOCOL.UDP, 16)],
    ["mobility", MOBILITY, extension(PROTOCOL.UDP, 16)],
    ["authentication", AUTHENTICATION, authenticationHeader(PROTOCOL.UDP)],
    ["the shortest authentication", AUTHENTICATION, authenticationHeader(PROTOCOL.UDP, 12)],
    ["the longest authentication", AUTHENTICATION, authenticationHeader(PROTOCOL.UDP, 1028)],
    ["the longest destination options", DESTINATION, extension(PROTOCOL.UDP, 2048)],
  ].map(([what, number, header]) => ({
    name: `an IPv6 header of ${what as string}`,
    frame: startingWith(number as number, header as Uint8Array, udp(filler(6))),
    record: udpOf(6),
  })),
  {
    name: "the IPv6 headers in the recommended order",
    frame: startingWith(
      HOP_BY_HOP,
      extension(DESTINATION),
      extension(ROUTING),
      extension(FRAGMENT, 24),
      fragmentHeader(AUTHENTICATION, 0, true),
      authenticationHeader(DESTINATION),
      extension(PROTOCOL.TCP),
      tcp({}, filler(8)),
    ),
    record: { ...tcpOf(8), ...FRAGMENT_FLAGS },
  },
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((count) => ({
    name: `a chain of ${count} IPv6 extension headers`,
    frame: startingWith(DESTINATION, chain(DESTINATION, count, PROTOCOL.TCP), tcp({}, filler(2))),
    record: tcpOf(2),
  })),
  ...[9, 10, 64].map((count): FrameRow => ({
    name: `a chain of ${count} IPv6 extension headers`,
    frame: startingWith(DESTINATION, chain(DESTINATION, count, PROTOCOL.TCP), tcp({}, filler(2))),
    record: onlyIp(DESTINATION),
    parseLimit: true,
  })),
  {
    name: "eight IPv6 extension headers and no next header",
    frame: startingWith(DESTINATION, chain(DESTINATION, 8, PROTOCOL.NO_NEXT)),
    record: onlyIp(PROTOCOL.NO_NEXT),
  },
  {
    name: "a ninth IPv6 extension header that is a fragment header",
    frame: startingWith(
      ROUTING,
      chain(ROUTING, 8, FRAGMENT),
      fragmentHeader(PROTOCOL.UDP, 0, true),
      udp(),
    ),
    record: onlyIp(FRAGMENT),
    parseLimit: true,
  },
  {
    name: "a chain of IPv6 extension headers of 2 KiB",
    frame: startingWith(
      DESTINATION,
      extension(DESTINATION, 2048),
      extension(DESTINATION, 2048),
      extension(PROTOCOL.TCP, 2048),
      tcp({}, filler(100)),
    ),
    record: tcpOf(100),
  },
  {
    name: "the longest chain that is followed, 16 KiB",
    frame: startingWith(
      DESTINATION,
      ...Array.from({ length: 8 }, (_, i) => extension(i < 7 ? DESTINATION : PROTOCOL.TCP, 2048)),
      tcp({}, filler(1)),
    ),
    record: tcpOf(1),
  },
  { name: "two IPv6 extension headers", frame: twoExtensions, record: tcpOf(3) },
  ...cuts(twoExtensions, 15, twoExtensionsCutTo, "IPv6 with two extension headers and TCP"),
  ...[PROTOCOL.ESP, PROTOCOL.NO_NEXT, PROTOCOL.GRE, 139, 140, 253, 255].map((number) => ({
    name: `IPv6 next header ${number}, which is not followed`,
    frame: startingWith(number, filler(40)),
    record: onlyIp(number),
  })),
];

const fragments: readonly FrameRow[] = [
  {
    name: "the first IPv6 fragment",
    frame: startingWith(FRAGMENT, fragmentHeader(PROTOCOL.UDP, 0, true), udp(filler(8))),
    record: { ...udpOf(8), ...FRAGMENT_FLAGS },
  },
  {
    name: "a middle IPv6 fragment",
    frame: startingWith(FRAGMENT, fragmentHeader(PROTOCOL.UDP, 181, true), udp(filler(8))),
    record: { ...onlyIp(PROTOCOL.UDP), ...FRAGMENT_FLAGS },
  },
  {
    name: "the last IPv6 fragment",
    frame: startingWith(FRAGMENT, fragmentHeader(PROTOCOL.TCP, 1, false), tcp()),
    record: { ...onlyIp(PROTOCOL.TCP), ...FRAGMENT_FLAGS },
  },
  {
    name: "a later IPv6 fragment whose next header is an extension header",
    frame: startingWith(FRAGMENT, fragmentHeader(DESTINATION, 7, false), extension(PROTOCOL.TCP)),
    record: { ...onlyIp(DESTINATION), ...FRAGMENT_FLAGS },
  },
  {
    name: "an atomic IPv6 fragment",
    frame: startingWith(FRAGMENT, fragmentHeader(PROTOCOL.UDP, 0, false), udp(filler(8))),
    record: udpOf(8),
  },
  {
    name: "a fragment header whose reserved bits are set",
    frame: startingWith(FRAGMENT, octets(PROTOCOL.UDP, 0xff, 0x00, 0x06, 1, 2, 3, 4), udp()),
    record: udpOf(0),
  },
  {
    name: "a fragment header that is cut off",
    frame: startingWith(FRAGMENT, fragmentHeader(PROTOCOL.UDP, 0, true).slice(0, 7)),
    record: onlyIp(FRAGMENT),
  },
];

const lyingLengths: readonly FrameRow[] = [
  {
    name: "an IPv6 extension header longer than the frame",
    frame: startingWith(HOP_BY_HOP, octets(PROTOCOL.TCP, 255), filler(60)),
    record: onlyIp(HOP_BY_HOP),
  },
  {
    name: "an IPv6 extension header longer than the packet, within the frame",
    frame: concat(
      frame({ next: HOP_BY_HOP, payloadLength: 23 }, extension(PROTOCOL.TCP, 24)),
      tcp({}, filler(60)),
    ),
    record: onlyIp(HOP_BY_HOP),
  },
  {
    name: "an authentication header longer than the frame",
    frame: startingWith(AUTHENTICATION, octets(PROTOCOL.TCP, 200), filler(60)),
    record: onlyIp(AUTHENTICATION),
  },
  {
    name: "an authentication header of length 0, 8 bytes",
    frame: startingWith(AUTHENTICATION, octets(PROTOCOL.UDP, 0, 0, 0, 1, 2, 3, 4), udp()),
    record: udpOf(0),
  },
  {
    name: "an IPv6 payload length of 0",
    frame: frame({ next: PROTOCOL.UDP, payloadLength: 0 }, udp(filler(20))),
    record: onlyIp(PROTOCOL.UDP),
  },
  {
    name: "an IPv6 payload length of 0 before an extension header",
    frame: frame({ next: HOP_BY_HOP, payloadLength: 0 }, extension(PROTOCOL.UDP), udp()),
    record: onlyIp(HOP_BY_HOP),
  },
  {
    name: "an IPv6 payload length of 3: no room for ports",
    frame: frame({ next: PROTOCOL.UDP, payloadLength: 3 }, udp(filler(20))),
    record: onlyIp(PROTOCOL.UDP),
  },
  {
    name: "an IPv6 payload length of 7: ports but no whole UDP header",
    frame: frame({ next: PROTOCOL.UDP, payloadLength: 7 }, udp(filler(20))),
    record: { ...ipv6Fields(PROTOCOL.UDP), ...PORTS, ...present(...PORTS_PRESENT) },
  },
  {
    name: "an IPv6 payload length one beyond the frame",
    frame: frame({ next: PROTOCOL.UDP, payloadLength: 17 }, udp(filler(8))),
    record: { ...ipv6Fields(PROTOCOL.UDP), ...PORTS, ...present(...PORTS_PRESENT) },
  },
  {
    name: "the largest IPv6 payload length in a small frame",
    frame: frame({ next: PROTOCOL.TCP, payloadLength: 0xffff }, tcp({}, filler(8))),
    record: { ...ipv6Fields(PROTOCOL.TCP), ...TCP, ...present(...PORTS_PRESENT, "TCP") },
  },
  ...[0, 4, 15].map((version) => ({
    name: `version ${version} behind the type of IPv6`,
    frame: frame({ next: PROTOCOL.UDP, version }, udp(filler(20))),
    record: link(IPV6),
  })),
  {
    name: "IPv6 behind the type of IPv4",
    frame: ethernet(IPV4, ipv6({ next: PROTOCOL.UDP }, udp(filler(20)))),
    record: link(IPV4),
  },
];

const values: readonly FrameRow[] = [
  {
    name: "IPv6 with TCP",
    frame: startingWith(PROTOCOL.TCP, tcp({}, filler(4))),
    record: tcpOf(4),
  },
  {
    name: "IPv6 with UDP and padding",
    frame: padTo(90, startingWith(PROTOCOL.UDP, udp(filler(4)))),
    record: udpOf(4),
  },
  {
    name: "IPv6 traffic class, flow label and hop limit",
    frame: frame(
      { next: PROTOCOL.UDP, trafficClass: 0xb9, flowLabel: 0xfffff, hopLimit: 255 },
      udp(),
    ),
    record: { ...udpOf(0), traffic_class: 0xb9, ttl: 255 },
  },
  {
    name: "an IPv6 flow label beside a traffic class of 0",
    frame: frame({ next: PROTOCOL.UDP, flowLabel: 0xfffff, hopLimit: 0 }, udp()),
    record: { ...udpOf(0), ttl: 0 },
  },
  {
    name: "the lowest and the highest IPv6 address",
    frame: frame(
      { next: PROTOCOL.UDP, source: "00".repeat(16), destination: "ff".repeat(16) },
      udp(),
    ),
    record: {
      ...udpOf(0),
      source_address: "00".repeat(16),
      destination_address: "ff".repeat(16),
    },
  },
  {
    name: "ICMPv6 behind hop-by-hop options, as in multicast listener reports",
    frame: startingWith(HOP_BY_HOP, extension(PROTOCOL.ICMPV6), icmp(143, 0, filler(20))),
    record: {
      ...ipv6Fields(PROTOCOL.ICMPV6),
      tcp_window: 143,
      payload_length: 20,
      ...present(...ICMP_PRESENT),
    },
  },
  {
    name: "IPv4 in IPv6",
    frame: startingWith(PROTOCOL.IPIP, ipv4({ protocol: PROTOCOL.UDP }, udp())),
    record: onlyIp(PROTOCOL.IPIP),
  },
];

export const IPV6_ROWS: readonly FrameRow[] = [
  ...extensions,
  ...fragments,
  ...lyingLengths,
  ...values,
];
