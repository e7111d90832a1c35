/**
 * The packets of the committed fixtures: few enough to check a report by hand, with every kind of
 * row that a report treats differently.
 *
 * @module
 */
import { type ColumnName, COLUMNS } from "../../src/contract/columns.ts";

/** One row; `timestamp` is nanoseconds since 1970. Columns left out are NULL. */
export type FixturePacket =
  & Partial<Record<ColumnName, string | number | bigint | boolean>>
  & { timestamp: bigint };

/** 2026-11-23T13:54:00Z. */
export const START_NS = 1_795_442_040_000_000_000n;

const NS_PER_MS = 1_000_000n;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;

type Direction = "ingress" | "egress";

interface Endpoint {
  readonly ip: string;
  readonly port?: number;
}

const SERVER = { ip: "10.0.0.1", port: 80 };
const CLIENT = { ip: "10.0.0.2", port: 51000 };
const SERVER6 = { ip: "2001:db8:1234:5678:9abc:def0:1234:1", port: 443 };
const CLIENT6 = { ip: "2001:db8::2", port: 40000 };

/** All columns that every frame has. */
function frame(milliseconds: number, direction: Direction, packetLength: number): FixturePacket {
  return {
    timestamp: START_NS + BigInt(milliseconds) * NS_PER_MS + 123_456_789n,
    direction,
    interface: "eth0",
    packet_length: packetLength,
    segments: 1,
    source_mac: direction === "ingress" ? "02:00:00:00:00:02" : "02:00:00:00:00:01",
    destination_mac: direction === "ingress" ? "02:00:00:00:00:01" : "02:00:00:00:00:02",
  };
}

function ip(
  base: FixturePacket,
  source: Endpoint,
  destination: Endpoint,
  protocol: string,
  number: number,
): FixturePacket {
  const isV6 = source.ip.includes(":");
  return {
    ...base,
    ethertype: isV6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4,
    ip_version: isV6 ? 6 : 4,
    source_ip: source.ip,
    destination_ip: destination.ip,
    protocol,
    ip_protocol: number,
    ...(source.port === undefined ? {} : { source_port: source.port }),
    ...(destination.port === undefined ? {} : { destination_port: destination.port }),
    ttl: 64,
    dscp: 0,
    ecn: 0,
    is_fragment: false,
  };
}

function tcp(base: FixturePacket, source: Endpoint, destination: Endpoint): FixturePacket {
  return {
    ...ip(base, source, destination, "TCP", 6),
    tcp_flags: 0x18,
    tcp_sequence: 4_294_967_295,
    tcp_acknowledgment: 1,
    tcp_window: 512,
    payload_length: Number(base.packet_length) - 54,
  };
}

function udp(base: FixturePacket, source: Endpoint, destination: Endpoint): FixturePacket {
  return {
    ...ip(base, source, destination, "UDP", 17),
    payload_length: Number(base.packet_length) - 42,
  };
}

function icmp(base: FixturePacket, source: string, destination: string): FixturePacket {
  const isV6 = source.includes(":");
  return {
    ...ip(base, { ip: source }, { ip: destination }, isV6 ? "ICMPv6" : "ICMP", isV6 ? 58 : 1),
    icmp_type: isV6 ? 128 : 8,
    icmp_code: 0,
    payload_length: 56,
  };
}

/** A mixed capture of 30 seconds: 36 packets, three of them without an IP header. */
export function mixedPackets(): FixturePacket[] {
  const packets: FixturePacket[] = [];
  for (let index = 0; index < 10; index++) {
    packets.push(tcp(frame(index * 100, "ingress", 66 + index), CLIENT, SERVER));
    packets.push(tcp(frame(index * 100 + 1, "egress", 1514), SERVER, CLIENT));
  }
  for (let index = 0; index < 4; index++) {
    packets.push(tcp(frame(2000 + index, "ingress", 86), CLIENT6, SERVER6));
  }
  packets.push({ ...tcp(frame(2500, "egress", 65_160), SERVER6, CLIENT6), segments: 45 });
  // One packet each: a flow must not need more to be listed.
  packets.push(
    udp(frame(3000, "ingress", 71), { ip: "10.0.0.2", port: 5353 }, { ip: "10.0.0.1", port: 53 }),
  );
  packets.push({
    ...udp(frame(3001, "ingress", 75), { ip: "192.168.100.200", port: 65535 }, {
      ip: "192.168.100.100",
      port: 65535,
    }),
    vlan_id: 100,
  });
  packets.push({
    ...ip(frame(3002, "ingress", 1514), { ip: "10.0.0.3" }, { ip: SERVER.ip }, "UDP", 17),
    is_fragment: true,
  });
  packets.push(icmp(frame(4000, "ingress", 98), "10.0.0.2", "10.0.0.1"));
  packets.push(icmp(frame(4001, "egress", 98), "10.0.0.1", "10.0.0.2"));
  packets.push(icmp(frame(5000, "ingress", 118), "2001:db8::2", SERVER6.ip));
  packets.push(icmp(frame(5001, "egress", 118), SERVER6.ip, "2001:db8::2"));
  packets.push(
    ip(frame(6000, "ingress", 60), { ip: "10.0.0.4" }, { ip: "10.0.0.1" }, "IP-253", 253),
  );
  packets.push({ ...frame(7000, "ingress", 60), ethertype: ETHERTYPE_ARP, protocol: "ARP" });
  packets.push({ ...frame(7001, "egress", 42), ethertype: ETHERTYPE_ARP, protocol: "ARP" });
  packets.push(runt(30_000));
  return packets;
}

/** A frame shorter than an Ethernet header: nothing is known of it but its length. */
function runt(milliseconds: number): FixturePacket {
  const { timestamp } = frame(milliseconds, "ingress", 13);
  return { timestamp, direction: "ingress", interface: "eth0", packet_length: 13, segments: 1 };
}

/** Text that tries to take over a terminal, a CSV reader or a line-oriented one. */
export function hostilePackets(): FixturePacket[] {
  const evil = '\x1b]52;c;ZXZpbA==\x07\x1b[2J\u202egnp.exe\u202c\r\nend,"quoted"\x9b31m';
  const base = { ...frame(0, "ingress", 100), interface: evil };
  const wide = { ...frame(1, "egress", 4_294_967_295), interface: "\x1b[31mred" };
  return [
    { ...udp(base, { ip: "10.0.0.1", port: 1 }, { ip: "10.0.0.2", port: 2 }), protocol: evil },
    { ...udp(base, { ip: "10.0.0.9", port: 1 }, { ip: "10.0.0.2", port: 2 }), source_ip: evil },
    { ...udp(wide, { ip: "10.0.0.1", port: 1 }, { ip: "10.0.0.2", port: 2 }), protocol: "漢字" },
    { ...udp(wide, { ip: "10.0.0.1", port: 1 }, { ip: "10.0.0.2", port: 2 }), protocol: "" },
    {
      ...udp(wide, { ip: "10.0.0.1", port: 1 }, { ip: "10.0.0.2", port: 2 }),
      protocol: "x".repeat(300),
    },
  ];
}

/** The values of a packet in the order of the schema. */
export function columnValues(packet: FixturePacket): (string | number | bigint | boolean | null)[] {
  return COLUMNS.map(({ name }) => packet[name] ?? null);
}
