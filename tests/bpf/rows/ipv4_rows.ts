/**
 * IPv4: options, fragments, lengths that lie, padding.
 *
 * @module
 */
import { ethernet, ETHERTYPE } from "../../support/frames/link.ts";
import { ipv4, type Ipv4Options } from "../../support/frames/ipv4.ts";
import { filler, octets, padTo } from "../../support/frames/octets.ts";
import { PROTOCOL, tcp, udp } from "../../support/frames/transport.ts";
import {
  cuts,
  type FrameRow,
  IP_PRESENT,
  ipv4Fields,
  link,
  PORTS,
  PORTS_PRESENT,
  present,
  TCP,
  TCP_PRESENT,
  UDP_PRESENT,
} from "./row.ts";

const { IPV4, IPV6 } = ETHERTYPE;

function frame(options: Partial<Ipv4Options>, ...payload: readonly Uint8Array[]): Uint8Array {
  return ethernet(IPV4, ipv4({ protocol: PROTOCOL.UDP, ...options }, ...payload));
}

const onlyIp = { ...ipv4Fields(PROTOCOL.UDP), ...present(...IP_PRESENT) };
const onlyTcpIp = { ...ipv4Fields(PROTOCOL.TCP), ...present(...IP_PRESENT) };
const noPayload = { ...ipv4Fields(PROTOCOL.UDP), ...PORTS, ...present(...PORTS_PRESENT) };
const tcpWithPayload = { ...ipv4Fields(PROTOCOL.TCP), ...TCP, ...present(...TCP_PRESENT) };

function udpOf(payload_length: number): FrameRow["record"] {
  return { ...noPayload, payload_length, ...present(...UDP_PRESENT) };
}

/** Ethernet 14, IPv4 20, options 12, UDP 8, payload 4: the boundaries are 34, 50, 58. */
const withOptions = frame({ optionBytes: 12 }, udp(filler(4)));

function withOptionsCutTo(length: number): FrameRow["record"] {
  if (length < 34) return link(IPV4);
  return length < 50 ? onlyIp : noPayload;
}

const options: readonly FrameRow[] = [
  ...[4, 8, 24, 36, 40].map((optionBytes) => ({
    name: `IPv4 with ${optionBytes} bytes of options`,
    frame: frame({ optionBytes }, udp(filler(9))),
    record: udpOf(9),
  })),
  { name: "IPv4 with 12 bytes of options", frame: withOptions, record: udpOf(4) },
  ...cuts(withOptions, 15, withOptionsCutTo, "IPv4 with options and UDP"),
  {
    name: "IPv4 options that look like ports, and no layer 4",
    frame: frame({ optionBytes: 40, protocol: PROTOCOL.TCP }),
    record: onlyTcpIp,
  },
];

const fragments: readonly FrameRow[] = [
  {
    name: "the first IPv4 fragment",
    frame: frame({ moreFragments: true }, udp(filler(16), 4000)),
    record: { ...udpOf(16), flags: ["FRAGMENT"] },
  },
  {
    name: "the first IPv4 fragment, smaller than the UDP header",
    frame: frame({ moreFragments: true }, udp().slice(0, 4)),
    record: { ...noPayload, flags: ["FRAGMENT"] },
  },
  {
    name: "a middle IPv4 fragment",
    frame: frame({ moreFragments: true, fragmentOffset: 185 }, filler(32)),
    record: { ...onlyIp, flags: ["FRAGMENT"] },
  },
  {
    name: "the last IPv4 fragment",
    frame: frame({ fragmentOffset: 370 }, filler(32)),
    record: { ...onlyIp, flags: ["FRAGMENT"] },
  },
  {
    name: "an IPv4 fragment at offset 1",
    frame: frame({ fragmentOffset: 1 }, filler(32)),
    record: { ...onlyIp, flags: ["FRAGMENT"] },
  },
  {
    name: "an IPv4 fragment at the largest offset",
    frame: frame({ fragmentOffset: 0x1fff }, filler(7)),
    record: { ...onlyIp, flags: ["FRAGMENT"] },
  },
  {
    name: "a TCP fragment behind the first",
    frame: frame({ protocol: PROTOCOL.TCP, fragmentOffset: 2 }, tcp()),
    record: { ...onlyTcpIp, flags: ["FRAGMENT"] },
  },
  {
    name: "an IPv4 datagram that must not be fragmented",
    frame: frame({ doNotFragment: true }, udp(filler(3))),
    record: udpOf(3),
  },
];

const lyingLengths: readonly FrameRow[] = [
  ...[0, 1, 19].map((totalLength) => ({
    name: `an IPv4 total length of ${totalLength}`,
    frame: frame({ totalLength }, udp(filler(20))),
    record: onlyIp,
  })),
  {
    name: "an IPv4 total length that ends in the options",
    frame: frame({ optionBytes: 8, totalLength: 24 }, udp(filler(20))),
    record: onlyIp,
  },
  ...[20, 21, 23].map((totalLength) => ({
    name: `an IPv4 total length of ${totalLength}: no room for ports`,
    frame: frame({ totalLength }, udp(filler(20))),
    record: onlyIp,
  })),
  ...[24, 27].map((totalLength) => ({
    name: `an IPv4 total length of ${totalLength}: ports but no whole UDP header`,
    frame: frame({ totalLength }, udp(filler(20))),
    record: noPayload,
  })),
  {
    name: "an IPv4 total length that ends with the UDP header",
    frame: frame({ totalLength: 28 }, udp(filler(20))),
    record: udpOf(0),
  },
  {
    name: "an IPv4 total length one shorter than the TCP header",
    frame: frame({ protocol: PROTOCOL.TCP, totalLength: 39 }, tcp({}, filler(20))),
    record: { ...ipv4Fields(PROTOCOL.TCP), ...PORTS, ...present(...PORTS_PRESENT) },
  },
  {
    name: "an IPv4 total length that ends with the TCP header",
    frame: frame({ protocol: PROTOCOL.TCP, totalLength: 40 }, tcp({}, filler(20))),
    record: tcpWithPayload,
  },
  {
    name: "an IPv4 total length one beyond the frame",
    frame: frame({ totalLength: 37 }, udp(filler(8))),
    record: noPayload,
  },
  {
    name: "the largest IPv4 total length in a small frame",
    frame: frame({ protocol: PROTOCOL.TCP, totalLength: 0xffff }, tcp({}, filler(8))),
    record: {
      ...ipv4Fields(PROTOCOL.TCP),
      ...TCP,
      ...present(...PORTS_PRESENT, "TCP"),
    },
  },
  {
    name: "an IPv4 header of 4 words",
    frame: frame({ headerWords: 4 }, udp(filler(20))),
    record: link(IPV4),
  },
  {
    name: "an IPv4 header of 0 words",
    frame: frame({ headerWords: 0 }, udp(filler(20))),
    record: link(IPV4),
  },
  {
    name: "an IPv4 header longer than its datagram",
    frame: frame({ headerWords: 15 }, udp(filler(20))),
    record: onlyIp,
  },
  ...[0, 5, 6, 15].map((version) => ({
    name: `version ${version} behind the type of IPv4`,
    frame: frame({ version }, udp(filler(20))),
    record: link(IPV4),
  })),
  {
    name: "IPv4 behind the type of IPv6",
    frame: ethernet(IPV6, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(20)))),
    record: link(IPV6),
  },
];

const padding: readonly FrameRow[] = [
  {
    name: "an empty UDP datagram padded to the minimum",
    frame: padTo(60, frame({}, udp())),
    record: udpOf(0),
  },
  {
    name: "a UDP datagram of one byte padded to the minimum",
    frame: padTo(60, frame({}, udp(octets(7)))),
    record: udpOf(1),
  },
  {
    name: "a TCP segment without data padded to the minimum",
    frame: padTo(60, frame({ protocol: PROTOCOL.TCP }, tcp())),
    record: tcpWithPayload,
  },
  {
    name: "a datagram without layer 4 padded to the minimum",
    frame: padTo(60, frame({ protocol: PROTOCOL.TCP })),
    record: onlyTcpIp,
  },
];

const values: readonly FrameRow[] = [
  {
    name: "all bits of the traffic class and the largest TTL",
    frame: frame({ trafficClass: 0xff, ttl: 255 }, udp()),
    record: { ...udpOf(0), traffic_class: 0xff, ttl: 255 },
  },
  {
    name: "DSCP 46 with ECN 1 and TTL 0",
    frame: frame({ trafficClass: 0xb9, ttl: 0 }, udp()),
    record: { ...udpOf(0), traffic_class: 0xb9, ttl: 0 },
  },
  {
    name: "the lowest and the highest IPv4 address",
    frame: frame({ source: "00000000", destination: "ffffffff" }, udp()),
    record: {
      ...udpOf(0),
      source_address: "00".repeat(16),
      destination_address: "ffffffff" + "00".repeat(12),
    },
  },
  {
    name: "an IPv4 datagram of 1500 bytes",
    frame: frame({}, udp(filler(1472))),
    record: udpOf(1472),
  },
];

export const IPV4_ROWS: readonly FrameRow[] = [
  ...options,
  ...fragments,
  ...lyingLengths,
  ...padding,
  ...values,
];
