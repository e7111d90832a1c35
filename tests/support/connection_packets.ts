/**
 * The packets of the fixture `connections`: a connection in each state, with losses, and a scan.
 *
 * @module
 */
import { type FixturePacket, START_NS } from "./fixture_packets.ts";

const NS_PER_MS = 1_000_000;
const FIN = 1, SYN = 2, RST = 4, ACK = 16;

interface Ends {
  readonly client: string;
  readonly port: number;
  readonly server: string;
  readonly service: number;
}

/** One segment: milliseconds, who sends, flags, sequence number, acknowledgment, payload, fields. */
type Step = readonly [
  at: number,
  from: "client" | "server",
  flags: number,
  seq: number,
  ack: number,
  length?: number,
  fields?: Partial<FixturePacket>,
];

const WEB: Ends = { client: "10.0.0.2", port: 51_000, server: "10.0.0.1", service: 80 };
const WEB6: Ends = {
  client: "2001:db8::2",
  port: 40_000,
  server: "2001:db8:1234:5678:9abc:def0:1234:1",
  service: 443,
};
/** The address of the scanner, and how many ports it asks for. */
const SCANNER = "192.0.2.66";
const SCANNED_PORTS = 12;

export function connectionPackets(): FixturePacket[] {
  return [
    // Opened, a segment lost and sent again, closed; then the port is used once more and reset.
    ...connection(WEB, [
      [0, "client", SYN, 4_294_967_000, 0],
      [20, "server", SYN | ACK, 7000, 4_294_967_001],
      [40, "client", ACK, 4_294_967_001, 7001],
      [50, "client", ACK, 4_294_967_001, 7001, 1448],
      [72, "server", ACK, 7001, 1153, 1448],
      [73, "server", ACK, 8449, 1153, 1448],
      [76, "server", ACK, 11_345, 1153, 1448],
      [95, "client", ACK, 1153, 9897],
      [96, "client", ACK, 1153, 9897],
      [97, "client", ACK, 1153, 9897],
      [116, "server", ACK, 9897, 1153, 1448],
      [140, "client", ACK, 1153, 12_793],
      [400, "client", ACK, 1153, 12_793, 0, { tcp_window: 0 }],
      [900, "server", ACK, 12_792, 1153],
      [901, "client", ACK, 1153, 12_793, 0, { tcp_window: 0 }],
      [1500, "client", FIN | ACK, 1153, 12_793],
      [1520, "server", FIN | ACK, 12_793, 1154],
      [1521, "client", ACK, 1154, 12_794],
      [3000, "client", SYN, 90_000, 0],
      [3020, "server", SYN | ACK, 500, 90_001],
      [3041, "client", ACK, 90_001, 501],
      [3050, "client", RST | ACK, 90_001, 501],
    ]),
    // Its SYN was lost once.
    ...connection(WEB6, [
      [100, "client", SYN, 10, 0],
      [1100, "client", SYN, 10, 0],
      [1120, "server", SYN | ACK, 20, 11],
      [1140, "client", ACK, 11, 21],
      [1150, "client", ACK, 11, 21, 500],
      [1161, "server", ACK, 21, 511, 65_000, { segments: 45 }],
    ]),
    // Its beginning was not recorded.
    ...connection({ ...WEB, port: 50_000, service: 22 }, [
      [200, "server", ACK, 1000, 2000, 36],
      [201, "client", ACK, 2000, 1036],
    ]),
    // Nobody answers, and the service of a VLAN does not exist.
    ...connection({ ...WEB, port: 51_001, server: "10.0.0.9" }, [
      [300, "client", SYN, 5, 0],
      [1300, "client", SYN, 5, 0],
      [3300, "client", SYN, 5, 0],
    ]),
    ...connection({ ...WEB, port: 51_002, service: 8080 }, [
      [350, "client", SYN, 5, 0, 0, { vlan_id: 100 }],
      [351, "server", RST | ACK, 0, 6, 0, { vlan_id: 100 }],
    ]),
    ...Array.from(
      { length: SCANNED_PORTS },
      (_, index) =>
        connection({ ...WEB, client: SCANNER, port: 61_234, service: 8000 + index }, [
          [2000 + index, "client", SYN, 77, 0],
          [2000 + index, "server", RST | ACK, 0, 78],
        ]),
    ).flat(),
  ];
}

function connection(ends: Ends, steps: readonly Step[]): FixturePacket[] {
  return steps.map(([at, from, flags, seq, ack, length = 0, fields = {}], index) => {
    const isV6 = ends.client.includes(":");
    const [source, destination] = from === "client" ? ["client", "server"] : ["server", "client"];
    const address = { client: ends.client, server: ends.server } as Record<string, string>;
    const port = { client: ends.port, server: ends.service } as Record<string, number>;
    return {
      timestamp: START_NS + BigInt(at * NS_PER_MS + index * 1000),
      direction: from === "client" ? "ingress" : "egress",
      interface: "eth0",
      packet_length: (isV6 ? 74 : 54) + length,
      segments: 1,
      ethertype: isV6 ? 0x86dd : 0x0800,
      source_mac: from === "client" ? "02:00:00:00:00:02" : "02:00:00:00:00:01",
      destination_mac: from === "client" ? "02:00:00:00:00:01" : "02:00:00:00:00:02",
      ip_version: isV6 ? 6 : 4,
      source_ip: address[source!]!,
      destination_ip: address[destination!]!,
      protocol: "TCP",
      ip_protocol: 6,
      source_port: port[source!]!,
      destination_port: port[destination!]!,
      ttl: 64,
      dscp: 0,
      ecn: 0,
      is_fragment: false,
      tcp_flags: flags,
      tcp_sequence: seq,
      tcp_acknowledgment: ack,
      tcp_window: 501,
      payload_length: length,
      ...fields,
    };
  });
}
