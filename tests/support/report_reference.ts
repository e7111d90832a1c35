/**
 * The reports once more, out of rows in plain TypeScript: what the SQL must come to. Nothing of the
 * product is used here on purpose. Names, columns and definitions are those of the manual page.
 *
 * @module
 */
import type { FixturePacket } from "./fixture_packets.ts";

/** A row of a file, and how many packets it stands for. */
export interface Sample {
  readonly packet: FixturePacket;
  readonly rate: number;
}

type Value = string | number | boolean | null;
export type ReferenceRow = Record<string, Value>;

const SYN = 2;
const RST = 4;
const ACK = 16;

interface Sums {
  packets: number;
  bytes: number;
}

/** Rows of sums by what `keysOf` makes of a packet: none, one or several keys. */
function summed(
  samples: readonly Sample[],
  keysOf: (packet: FixturePacket) => readonly ReferenceRow[],
): (ReferenceRow & { packet_count: number; total_bytes: number })[] {
  const sums = new Map<string, Sums>();
  for (const { packet, rate } of samples) {
    for (const key of new Set(keysOf(packet).map((key) => JSON.stringify(key)))) {
      const sum = sums.get(key) ?? { packets: 0, bytes: 0 };
      sums.set(key, sum);
      sum.packets += rate;
      sum.bytes += rate * Number(packet.packet_length);
    }
  }
  return [...sums].map(([key, { packets, bytes }]) => ({
    ...JSON.parse(key),
    packet_count: packets,
    total_bytes: bytes,
  }));
}

function value(packet: FixturePacket, name: keyof FixturePacket): Value {
  const given = packet[name] ?? null;
  return typeof given === "bigint" ? Number(given) : given;
}

function ends(packet: FixturePacket): [source: string, destination: string] | null {
  const [source, destination] = [value(packet, "source_ip"), value(packet, "destination_ip")];
  return source === null ? null : [String(source), String(destination)];
}

/** Keys of `top --by`, as columns. */
const TOP_KEYS: Readonly<Record<string, (packet: FixturePacket) => ReferenceRow[]>> = {
  source: (packet) =>
    ends(packet) === null
      ? []
      : [{ direction: value(packet, "direction"), source_ip: value(packet, "source_ip") }],
  destination: (packet) =>
    ends(packet) === null ? [] : [{
      direction: value(packet, "direction"),
      destination_ip: value(packet, "destination_ip"),
    }],
  host: (packet) => (ends(packet) ?? []).map((host) => ({ host })),
  pair: (packet) =>
    ends(packet) === null ? [] : [{
      source_ip: value(packet, "source_ip"),
      destination_ip: value(packet, "destination_ip"),
    }],
  port: (packet) =>
    (["source_port", "destination_port"] as const).map((name) => ({
      port: value(packet, name),
      protocol: value(packet, "protocol"),
    })),
  subnet: (packet) => (ends(packet) ?? []).map((address) => ({ subnet: network(address, 24, 64) })),
  "subnet/9/35": (packet) =>
    (ends(packet) ?? []).map((address) => ({ subnet: network(address, 9, 35) })),
  protocol: (packet) => [{ protocol: value(packet, "protocol") }],
  interface: (packet) => [{ interface: value(packet, "interface") }],
  direction: (packet) => [{ direction: value(packet, "direction") }],
  vlan: (packet) => [{ vlan_id: value(packet, "vlan_id") }],
  dscp: (packet) => {
    const dscp = value(packet, "dscp");
    const names: Record<number, string> = { 0: "CS0", 10: "AF11", 46: "EF", 48: "CS6", 38: "AF43" };
    return [{ dscp, dscp_name: dscp === null ? null : names[dscp as number] ?? null }];
  },
  mac: (packet) => [
    { mac: value(packet, "source_mac") },
    { mac: value(packet, "destination_mac") },
  ],
};

/** What `--by` of `top` takes. */
export const TOP_GROUPINGS = Object.keys(TOP_KEYS);

export function topRows(samples: readonly Sample[], by: string): ReferenceRow[] {
  return summed(samples, TOP_KEYS[by]!).map((row) => ({
    ...row,
    avg_packet_size: row.total_bytes / row.packet_count,
  }));
}

/** The network of an address; its text is that of the runtime's own URL parser. */
function network(address: string, ipv4: number, ipv6: number): string {
  if (!address.includes(":")) {
    const bits = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    const base = bits - bits % 2 ** (32 - ipv4);
    return `${
      [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")
    }/${ipv4}`;
  }
  const [head = "", tail] = address.split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").map((one) => parseInt(one, 16));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const all = [...left, ...Array(8 - left.length - right.length).fill(0), ...right];
  const bits = all.reduce((sum, group) => sum << 16n | BigInt(group), 0n);
  const base = bits >> BigInt(128 - ipv6) << BigInt(128 - ipv6);
  const hex = base.toString(16).padStart(32, "0").match(/.{4}/g)!.join(":");
  return `${new URL(`http://[${hex}]`).hostname.slice(1, -1)}/${ipv6}`;
}

export function hostRows(samples: readonly Sample[]): ReferenceRow[] {
  const hosts = new Set(samples.flatMap(({ packet }) => ends(packet) ?? []));
  return [...hosts].map((host) => {
    const of = samples.filter(({ packet }) => ends(packet)?.includes(host));
    const sent = of.filter(({ packet }) => packet.source_ip === host);
    const received = of.filter(({ packet }) => packet.destination_ip === host);
    const peers = new Set(of.flatMap(({ packet }) => ends(packet)!).filter((one) => one !== host));
    return {
      host,
      packet_count: packets(of),
      total_bytes: bytes(of),
      packets_sent: packets(sent),
      bytes_sent: bytes(sent),
      packets_received: packets(received),
      bytes_received: bytes(received),
      peer_count: peers.size,
      ...span(of),
    };
  });
}

function packets(samples: readonly Sample[]): number {
  return samples.reduce((sum, { rate }) => sum + rate, 0);
}

function bytes(samples: readonly Sample[]): number {
  return samples.reduce((sum, { packet, rate }) => sum + rate * Number(packet.packet_length), 0);
}

function span(samples: readonly Sample[]): ReferenceRow {
  const times = samples.map(({ packet }) => packet.timestamp).sort((a, b) => a < b ? -1 : 1);
  return { first_packet: iso(times[0]!), last_packet: iso(times.at(-1)!) };
}

/** Nanoseconds since 1970 as the reports write them. */
export function iso(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, "0")}Z`;
}

/** `names` gives IANA's names by port and protocol. */
export function portRows(
  samples: readonly Sample[],
  names: (port: number, protocol: string) => string | null,
): ReferenceRow[] {
  const flows = new Map<string, Sample[]>();
  const fragments = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { packet } = sample;
    const end = (ip: Value, port: Value) => `${ip} ${port}`;
    if (packet.source_port === undefined) {
      const hasPorts = ["TCP", "UDP"].includes(String(packet.protocol));
      if (packet.is_fragment === true && hasPorts) push(fragments, String(packet.protocol), sample);
      continue;
    }
    const two = [
      end(value(packet, "source_ip"), value(packet, "source_port")),
      end(value(packet, "destination_ip"), value(packet, "destination_port")),
    ].sort();
    push(flows, [packet.protocol, ...two].join("|"), sample);
  }
  const ports = new Map<
    string,
    { samples: Sample[]; clients: Set<string>; servers: Set<string> }
  >();
  for (const of of flows.values()) {
    const { client, server, port } = roles(of.map(({ packet }) => packet));
    const key = `${port} ${of[0]!.packet.protocol}`;
    const entry = ports.get(key) ?? { samples: [], clients: new Set(), servers: new Set() };
    ports.set(key, entry);
    entry.samples.push(...of);
    entry.clients.add(client);
    entry.servers.add(server);
  }
  return [
    ...[...ports].map(([key, { samples, clients, servers }]) => {
      const [port, protocol] = key.split(" ") as [string, string];
      return {
        port: Number(port),
        protocol,
        service: names(Number(port), protocol),
        packet_count: packets(samples),
        total_bytes: bytes(samples),
        client_count: clients.size,
        server_count: servers.size,
      };
    }),
    ...[...fragments].map(([protocol, samples]) => ({
      port: null,
      protocol,
      service: null,
      packet_count: packets(samples),
      total_bytes: bytes(samples),
      client_count: null,
      server_count: null,
    })),
  ];
}

/** Who serves, of the packets between two ends. */
function roles(all: readonly FixturePacket[]): { client: string; server: string; port: number } {
  const clients = new Set<string>();
  for (const packet of all) {
    const flags = Number(packet.tcp_flags ?? 0) & (SYN | ACK);
    if (flags === SYN) clients.add(`${packet.source_ip} ${packet.source_port}`);
    if (flags === (SYN | ACK)) clients.add(`${packet.destination_ip} ${packet.destination_port}`);
  }
  const first = [...all].sort((a, b) => a.timestamp < b.timestamp ? -1 : 1)[0]!;
  const source = { ip: String(first.source_ip), port: Number(first.source_port) };
  const destination = { ip: String(first.destination_ip), port: Number(first.destination_port) };
  const isClient = ({ ip, port }: typeof source) => clients.has(`${ip} ${port}`);
  const isServedBySource = isClient(source) !== isClient(destination)
    ? isClient(destination)
    : source.port < destination.port;
  const [client, server] = isServedBySource ? [destination, source] : [source, destination];
  return { client: client.ip, server: server.ip, port: server.port };
}

const CLASSES = [
  ["0-63", 0],
  ["64-127", 64],
  ["128-255", 128],
  ["256-511", 256],
  ["512-1023", 512],
  ["1024-1514", 1024],
  ["1515-9014", 1515],
  ["9015 and more", 9015],
] as const;

export function sizeRows(samples: readonly Sample[]): ReferenceRow[] {
  const all = packets(samples);
  const row = (size_class: string, min_size: number | null, of: readonly Sample[]) => {
    const count = packets(of);
    const lengths = of.map(({ packet, rate }) => [Number(packet.packet_length), rate] as const)
      .sort(([a], [b]) => a - b);
    const rank = (part: number) => {
      let seen = 0;
      return lengths.find(([, rate]) => (seen += rate) >= count * part / 100)![0];
    };
    return {
      size_class,
      min_size,
      packet_count: count,
      packet_share: count / all,
      total_bytes: bytes(of),
      avg_packet_size: bytes(of) / count,
      p50: rank(50),
      p90: rank(90),
      p99: rank(99),
    };
  };
  const classes = CLASSES.map(([name, from], index) => {
    const to = CLASSES[index + 1]?.[1] ?? Infinity;
    const of = samples.filter(({ packet }) => {
      const length = Number(packet.packet_length);
      return length >= from && length < to;
    });
    return { name, from, of };
  });
  return samples.length === 0 ? [] : [
    ...classes.filter(({ of }) => of.length > 0).map(({ name, from, of }) => row(name, from, of)),
    row("all", null, samples),
  ];
}

/** Without names of types and codes. */
export function icmpRows(samples: readonly Sample[]): ReferenceRow[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { packet } = sample;
    if (!["ICMP", "ICMPv6"].includes(String(packet.protocol))) continue;
    const names = ["protocol", "icmp_type", "icmp_code"] as const;
    push(groups, JSON.stringify(names.map((name) => value(packet, name))), sample);
  }
  return [...groups].map(([key, of]) => {
    const [protocol, icmp_type, icmp_code] = JSON.parse(key);
    const pairs = new Set(of.map(({ packet }) => ends(packet)!.join(" ")));
    return {
      protocol,
      icmp_type,
      icmp_code,
      packet_count: packets(of),
      total_bytes: bytes(of),
      pair_count: pairs.size,
    };
  });
}

/** Buckets of a width in nanoseconds. */
export function timelineRows(samples: readonly Sample[], width: bigint): ReferenceRow[] {
  const times = samples.map(({ packet }) => packet.timestamp).sort((a, b) => a < b ? -1 : 1);
  const rows: ReferenceRow[] = [];
  const [first = 0n, last = -1n] = [times[0], times.at(-1)];
  for (let start = first - first % width; start <= last; start += width) {
    const of = samples.filter(({ packet: { timestamp } }) =>
      timestamp >= start && timestamp < start + width
    );
    const from = start < first ? first : start;
    const to = start + width > last ? last : start + width;
    const seconds = Number(to - from) / 1e9;
    // What a packet comes to in a small part of a bucket is no rate.
    const isOnly = first - first % width === last - last % width;
    const isRated = seconds > 0 && (isOnly || (to - from) * 10n >= width);
    rows.push({
      bucket_start: iso(start),
      covered_seconds: seconds,
      packet_count: packets(of),
      total_bytes: bytes(of),
      packets_per_second: isRated ? packets(of) / seconds : null,
      bits_per_second: isRated ? bytes(of) * 8 / seconds : null,
    });
  }
  return rows;
}

/** Scans by their definition, without times. */
export function scanRows(samples: readonly Sample[]): ReferenceRow[] {
  const all = samples.map(({ packet }) => packet).filter(({ protocol }) => protocol === "TCP");
  const flags = (packet: FixturePacket) => Number(packet.tcp_flags ?? 0);
  const tried = new Map<string, { source: string; target: string; port: number; came: string }>();
  for (const packet of all) {
    if ((flags(packet) & (SYN | ACK)) !== SYN) continue;
    const [source, target] = ends(packet)!;
    const port = Number(packet.destination_port);
    const back = all.filter((other) =>
      other.source_ip === target && other.destination_ip === source && other.source_port === port
    );
    const isOpen = back.some((other) => (flags(other) & (SYN | ACK)) === (SYN | ACK)) ||
      all.some((other) =>
        other.source_ip === source && other.destination_ip === target &&
        other.destination_port === port && (flags(other) & (SYN | RST | ACK)) === ACK
      );
    const isRefused = back.some((other) => (flags(other) & RST) !== 0);
    const came = isOpen ? "answered" : isRefused ? "refused" : "unanswered";
    tried.set(`${source} ${target} ${port}`, { source, target, port, came });
  }
  const attempts = [...tried.values()];
  const failed = (of: typeof attempts) => of.filter(({ came }) => came !== "answered").length;
  const kinds = [
    ["port-scan", ({ source, target }: typeof attempts[0]) => `${source} ${target}`, 15],
    ["host-scan", ({ source, port }: typeof attempts[0]) => `${source} ${port}`, 25],
  ] as const;
  return kinds.flatMap(([kind, keyOf, least]) => {
    const groups = Map.groupBy(attempts, keyOf);
    const found = [...groups.values()].filter((of) => failed(of) >= least).flat();
    return [...Map.groupBy(found, ({ source }) => source)].map(([source_ip, of]) => {
      const count = (came: string) => of.filter((one) => one.came === came).length;
      return {
        source_ip,
        kind,
        target_count: new Set(of.map(({ target }) => target)).size,
        port_count: new Set(of.map(({ port }) => port)).size,
        attempt_count: of.length,
        answered_count: count("answered"),
        refused_count: count("refused"),
        unanswered_count: count("unanswered"),
      };
    });
  });
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
