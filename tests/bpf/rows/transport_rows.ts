/**
 * TCP, UDP, UDP-Lite, SCTP, DCCP, ICMP, ICMPv6, and protocols that are only named.
 *
 * @module
 */
import { ethernet, ETHERTYPE } from "../../support/frames/link.ts";
import { ipv4 } from "../../support/frames/ipv4.ts";
import { ipv6 } from "../../support/frames/ipv6.ts";
import { concat, filler, octets } from "../../support/frames/octets.ts";
import {
  dccp,
  icmp,
  PROTOCOL,
  sctp,
  tcp,
  type TcpOptions,
  udp,
} from "../../support/frames/transport.ts";
import {
  type FrameRow,
  ICMP_PRESENT,
  IP_PRESENT,
  ipv4Fields,
  ipv6Fields,
  PORTS,
  PORTS_PRESENT,
  present,
  TCP,
  TCP_PRESENT,
  UDP_PRESENT,
} from "./row.ts";

type Record = FrameRow["record"];

/** The same layer 4 over IPv4 and IPv6. */
function both(name: string, protocol: number, layer4: Uint8Array, record: Record): FrameRow[] {
  return [
    {
      name: `${name} over IPv4`,
      frame: ethernet(ETHERTYPE.IPV4, ipv4({ protocol }, layer4)),
      record: { ...ipv4Fields(protocol), ...record },
    },
    {
      name: `${name} over IPv6`,
      frame: ethernet(ETHERTYPE.IPV6, ipv6({ next: protocol }, layer4)),
      record: { ...ipv6Fields(protocol), ...record },
    },
  ];
}

const nothing = present(...IP_PRESENT);
const onlyPorts = { ...PORTS, ...present(...PORTS_PRESENT) };
const noTcpPayload = { ...TCP, ...present(...PORTS_PRESENT, "TCP") };

function portsAndPayload(payload_length: number): Record {
  return { ...PORTS, payload_length, ...present(...UDP_PRESENT) };
}

function tcpRows(name: string, options: TcpOptions, payload: number, record: Record): FrameRow[] {
  return both(name, PROTOCOL.TCP, tcp(options, filler(payload)), record);
}

function tcpPayload(payload_length: number): Record {
  return { ...TCP, payload_length, ...present(...TCP_PRESENT) };
}

const tcpTable: readonly FrameRow[] = [
  ...tcpRows("TCP without data", {}, 0, tcpPayload(0)),
  ...tcpRows("TCP with data", {}, 11, tcpPayload(11)),
  ...[0, 1, 2, 4, 8, 16, 32, 64, 128, 255].flatMap((flags) =>
    tcpRows(`TCP flags ${flags}`, { flags }, 1, { ...tcpPayload(1), tcp_flags: flags })
  ),
  ...tcpRows("TCP with 12 bytes of options", { optionBytes: 12 }, 5, tcpPayload(5)),
  ...tcpRows("TCP with 40 bytes of options", { optionBytes: 40 }, 5, tcpPayload(5)),
  ...tcpRows("a TCP data offset of 0", { headerWords: 0 }, 20, noTcpPayload),
  ...tcpRows("a TCP data offset of 4", { headerWords: 4 }, 20, noTcpPayload),
  ...tcpRows("a TCP data offset that ends with the datagram", { headerWords: 6 }, 4, tcpPayload(0)),
  ...tcpRows("a TCP data offset beyond the datagram", { headerWords: 6 }, 3, noTcpPayload),
  ...tcpRows("the largest TCP data offset in a bare header", { headerWords: 15 }, 0, noTcpPayload),
  ...both("19 bytes of TCP", PROTOCOL.TCP, tcp().slice(0, 19), onlyPorts),
  ...both("4 bytes of TCP", PROTOCOL.TCP, tcp().slice(0, 4), onlyPorts),
  ...both("3 bytes of TCP", PROTOCOL.TCP, tcp().slice(0, 3), nothing),
  ...both("0 bytes of TCP", PROTOCOL.TCP, tcp().slice(0, 0), nothing),
];

const datagrams: readonly FrameRow[] = [
  ...both("UDP without data", PROTOCOL.UDP, udp(), portsAndPayload(0)),
  ...both("UDP with data", PROTOCOL.UDP, udp(filler(33)), portsAndPayload(33)),
  ...both("a UDP length of 0", PROTOCOL.UDP, udp(filler(9), 0), portsAndPayload(9)),
  ...both("a UDP length beyond the datagram", PROTOCOL.UDP, udp(filler(9), 99), portsAndPayload(9)),
  ...both("7 bytes of UDP", PROTOCOL.UDP, udp().slice(0, 7), onlyPorts),
  ...both("3 bytes of UDP", PROTOCOL.UDP, udp().slice(0, 3), nothing),
  ...both("UDP-Lite", PROTOCOL.UDPLITE, udp(filler(12), 8), portsAndPayload(12)),
  ...both("SCTP", PROTOCOL.SCTP, sctp(filler(16)), portsAndPayload(16)),
  ...both("SCTP without chunks", PROTOCOL.SCTP, sctp(), portsAndPayload(0)),
  ...both("11 bytes of SCTP", PROTOCOL.SCTP, sctp().slice(0, 11), onlyPorts),
  ...both("DCCP", PROTOCOL.DCCP, dccp(), onlyPorts),
];

/** Type and code share the place of the TCP window: type in the low byte. */
function icmpFields(type: number, code: number, payload_length: number): Record {
  return { tcp_window: code << 8 | type, payload_length, ...present(...ICMP_PRESENT) };
}

function overIpv4(name: string, protocol: number, layer4: Uint8Array, record: Record): FrameRow {
  return both(name, protocol, layer4, record)[0]!;
}

function overIpv6(name: string, protocol: number, layer4: Uint8Array, record: Record): FrameRow {
  return both(name, protocol, layer4, record)[1]!;
}

const { ICMP, ICMPV6 } = PROTOCOL;
const withoutPayload = present(...IP_PRESENT, "ICMP");

const icmpTable: readonly FrameRow[] = [
  overIpv4("an ICMP echo request", ICMP, icmp(8, 0, filler(56)), icmpFields(8, 0, 56)),
  overIpv4("ICMP port unreachable", ICMP, icmp(3, 3, filler(28)), icmpFields(3, 3, 28)),
  overIpv4("an ICMP message of 8 bytes", ICMP, icmp(11, 255), icmpFields(11, 255, 0)),
  overIpv4("7 bytes of ICMP", ICMP, icmp(5, 1).slice(0, 7), {
    tcp_window: 0x0105,
    ...withoutPayload,
  }),
  overIpv4("2 bytes of ICMP", ICMP, octets(5, 1), { tcp_window: 0x0105, ...withoutPayload }),
  overIpv4("1 byte of ICMP", ICMP, octets(5), nothing),
  ...[[0, nothing], [1, nothing], [2, { tcp_window: 0x0105, ...withoutPayload }]].map((
    [bytes, record],
  ): FrameRow => ({
    name: `${bytes} bytes of ICMP before padding that looks like more`,
    frame: concat(
      ethernet(ETHERTYPE.IPV4, ipv4({ protocol: ICMP }, octets(5, 1).slice(0, bytes as number))),
      filler(20),
    ),
    record: { ...ipv4Fields(ICMP), ...record as Record },
  })),
  overIpv6("an ICMPv6 echo reply", ICMPV6, icmp(129, 0, filler(56)), icmpFields(129, 0, 56)),
  overIpv6(
    "ICMPv6 neighbour solicitation",
    ICMPV6,
    icmp(135, 0, filler(24)),
    icmpFields(135, 0, 24),
  ),
  overIpv6("2 bytes of ICMPv6", ICMPV6, octets(1, 4), { tcp_window: 0x0401, ...withoutPayload }),
  overIpv6("1 byte of ICMPv6", ICMPV6, octets(1), nothing),
  overIpv4("ICMPv6, which is not ICMP,", ICMPV6, icmp(128, 0, filler(8)), nothing),
  overIpv6("ICMP, which is not ICMPv6,", ICMP, icmp(8, 0, filler(8)), nothing),
];

export const TRANSPORT_ROWS: readonly FrameRow[] = [
  ...tcpTable,
  ...datagrams,
  ...icmpTable,
  ...[2, PROTOCOL.IPIP, 41, PROTOCOL.GRE, PROTOCOL.ESP, 89, 112, 255].map((protocol) =>
    overIpv4(`protocol ${protocol}, which is only named,`, protocol, filler(30), nothing)
  ),
];
