/**
 * Rows of attempts to open TCP connections.
 *
 * @module
 */
import { type FixturePacket, START_NS } from "./fixture_packets.ts";

/** What came of an attempt: `one-sided` is one that was answered where answers were not recorded. */
export type Outcome = "open" | "one-sided" | "refused" | "silent";

/** A SYN, and what comes of it. `at` is a number of its own for each attempt. */
export function attempt(
  at: number,
  [source, target, port]: readonly [string, string, number],
  came: Outcome,
): FixturePacket[] {
  const tcp = (offset: number, from: string, to: string, ports: number[], tcp_flags: number) => ({
    timestamp: START_NS + BigInt(at * 10 + offset),
    direction: "ingress",
    interface: "eth0",
    packet_length: 60,
    segments: 1,
    ip_version: 4,
    protocol: "TCP",
    ip_protocol: 6,
    source_ip: from,
    destination_ip: to,
    source_port: ports[0]!,
    destination_port: ports[1]!,
    tcp_flags,
  });
  const syn = tcp(0, source, target, [40_000 + at % 1000, port], 2);
  const back = [port, 40_000 + at % 1000];
  switch (came) {
    case "open":
      return [syn, tcp(1, target, source, back, 18), tcp(2, source, target, back.toReversed(), 4)];
    case "one-sided":
      return [syn, tcp(1, source, target, back.toReversed(), 16)];
    case "refused":
      return [syn, tcp(1, target, source, back, 20)];
    default:
      return [syn];
  }
}
