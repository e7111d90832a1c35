/**
 * Rows of recordings by chance, of few values each, so that they meet.
 *
 * @module
 */
import fc from "fast-check";
import { type FixturePacket, START_NS } from "./fixture_packets.ts";

const IPV4 = ["10.0.0.1", "10.0.0.2", "10.0.1.9", "10.128.0.3", "192.168.7.7"];
const IPV6 = ["2001:db8::1", "2001:db8:0:1::2", "2001:db8:4000::3", "fe80::1", "::1"];
const PORTS = [22, 53, 80, 443, 5353, 50_000, 50_001, 50_002];
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "ff:ff:ff:ff:ff:ff"];

/** SYN, SYN-ACK, ACK, ACK-PSH, RST, RST-ACK, FIN-ACK, none. */
const FLAGS = [2, 18, 16, 24, 4, 20, 17, 0];

const KINDS = [
  "tcp",
  "tcp",
  "tcp",
  "udp",
  "udp",
  "icmp",
  "fragment",
  "icmp fragment",
  "arp",
] as const;

/** One row. No two are of one time, where a report depends on which came first. */
export function packets(maximum: number): fc.Arbitrary<FixturePacket[]> {
  return fc.uniqueArray(packet(), { maxLength: maximum, selector: ({ timestamp }) => timestamp });
}

function packet(): fc.Arbitrary<FixturePacket> {
  const one = <T>(...values: T[]) => fc.constantFrom(...values);
  return fc.record({
    at: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 90_000_000 })),
    direction: one("ingress", "egress"),
    interface: one("eth0", "eth1"),
    length: fc.oneof(
      one(42, 60, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 1514, 1515, 9014, 9015, 65_226),
      fc.integer({ min: 14, max: 1600 }),
    ),
    vlan: fc.option(one(100, 4094), { nil: undefined }),
    macs: fc.tuple(one(...MACS), one(...MACS)),
    kind: one(...KINDS),
    isV6: fc.boolean(),
    ends: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
    ports: fc.tuple(one(...PORTS), one(...PORTS)),
    flags: one(...FLAGS),
    dscp: one(0, 10, 46, 48, 38, 3),
    icmp: fc.tuple(one(0, 3, 8, 128, 1, 200), one(0, 1, 3)),
  }).map((parts): FixturePacket => {
    const { kind, isV6, ends, ports, flags, icmp } = parts;
    const frame = {
      timestamp: START_NS + BigInt(parts.at) * 1_000_000n,
      direction: parts.direction,
      interface: parts.interface,
      packet_length: parts.length,
      segments: 1,
      source_mac: parts.macs[0],
      destination_mac: parts.macs[1],
      ...(parts.vlan !== undefined && { vlan_id: parts.vlan }),
    };
    if (kind === "arp") return { ...frame, ethertype: 0x806, protocol: "ARP" };
    const addresses = isV6 ? IPV6 : IPV4;
    const names = {
      "tcp": ["TCP", 6],
      "udp": ["UDP", 17],
      "fragment": ["UDP", 17],
      "icmp": isV6 ? ["ICMPv6", 58] : ["ICMP", 1],
      "icmp fragment": isV6 ? ["ICMPv6", 58] : ["ICMP", 1],
    } as const;
    const [protocol, number] = names[kind];
    const ip = {
      ...frame,
      ethertype: isV6 ? 0x86dd : 0x800,
      ip_version: isV6 ? 6 : 4,
      source_ip: addresses[ends[0]]!,
      destination_ip: addresses[ends[1]]!,
      protocol,
      ip_protocol: number,
      ttl: 64,
      dscp: parts.dscp,
      ecn: 0,
      is_fragment: kind.endsWith("fragment"),
    };
    if (kind.endsWith("fragment")) return ip;
    if (kind === "icmp") return { ...ip, icmp_type: icmp[0], icmp_code: icmp[1] };
    const withPorts = { ...ip, source_port: ports[0], destination_port: ports[1] };
    return kind === "udp" ? withPorts : { ...withPorts, tcp_flags: flags };
  });
}
