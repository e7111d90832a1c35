/**
 * What tshark says about a pcap file, as rows of the Parquet schema: the oracle of the end-to-end
 * tests. Nothing of the program is used here on purpose.
 *
 * @module
 */
import { check } from "./child_process.ts";

/** One packet, by the names of the Parquet schema (without timestamp and interface). */
export interface ExpectedRow {
  /** Nanoseconds since 1970, UTC. */
  readonly timestamp: bigint;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

const FIELDS = [
  "frame.time_epoch",
  "frame.len",
  "eth.dst",
  "eth.src",
  "eth.type",
  "eth.len",
  "vlan.id",
  "ieee8021ad.id",
  "vlan.etype",
  "vlan.len",
  "ip.version",
  "ip.src",
  "ip.dst",
  "ip.proto",
  "ip.ttl",
  "ip.hdr_len",
  "ip.len",
  "ip.dsfield.dscp",
  "ip.dsfield.ecn",
  "ip.flags.mf",
  "ip.frag_offset",
  "ipv6.version",
  "ipv6.src",
  "ipv6.dst",
  "ipv6.nxt",
  "ipv6.hlim",
  "ipv6.plen",
  "ipv6.tclass.dscp",
  "ipv6.tclass.ecn",
  "ipv6.hopopts.nxt",
  "ipv6.hopopts.len",
  "ipv6.fraghdr.nxt",
  "ipv6.fraghdr.offset",
  "ipv6.fraghdr.more",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.flags",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.window_size_value",
  "tcp.hdr_len",
  "udp.srcport",
  "udp.dstport",
  "icmp.type",
  "icmp.code",
  "icmpv6.type",
  "icmpv6.code",
] as const;

type Field = (typeof FIELDS)[number];

/** Every packet stands for itself: no reassembly, and no value that tshark works out from others. */
const PREFERENCES = [
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tcp.relative_sequence_numbers:FALSE",
  "ip.tso_support:FALSE",
];

/** Reads the packets of the pcap file `path` in file order. */
export async function readWithTshark(path: string): Promise<ExpectedRow[]> {
  const text = await check([
    ...["tshark", "-r", path, "-n", "-T", "fields"],
    // First occurrence only: an ICMP error carries the header of the packet it is about.
    ...["-E", "occurrence=a", "-E", "aggregator=,", "-E", "separator=/t"],
    ...PREFERENCES.flatMap((preference) => ["-o", preference]),
    ...FIELDS.flatMap((field) => ["-e", field]),
  ], { env: { TZ: "UTC" } });
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const words = line.split("\t");
    return expectedRow((field) => words[FIELDS.indexOf(field)] ?? "");
  });
}

function expectedRow(raw: (field: Field) => string): ExpectedRow {
  const all = (field: Field) => raw(field).split(",").filter((word) => word !== "");
  const text = (field: Field): string | null => all(field)[0] ?? null;
  const number = (field: Field): number | null => {
    const word = all(field)[0];
    if (word === undefined) return null;
    if (word === "True" || word === "False") return word === "True" ? 1 : 0;
    return Number(word);
  };
  const [seconds, fraction] = raw("frame.time_epoch").split(".");
  const timestamp = BigInt(seconds!) * 1_000_000_000n + BigInt(fraction!.padEnd(9, "0"));

  // The EtherType behind the last tag, or none where that place holds an IEEE 802.3 length.
  const ethertypes = [...all("eth.type"), ...all("vlan.etype")].map(Number);
  const llc = text("eth.len") !== null || text("vlan.len") !== null;
  const ethertype = llc ? null : ethertypes.at(-1) ?? null;
  const ip = ethertype === 0x0800 ? 4 : ethertype === 0x86dd ? 6 : null;
  const network = ip === 4 ? ipv4(number, text) : ip === 6 ? ipv6(number, text) : null;
  return {
    timestamp,
    values: {
      packet_length: number("frame.len"),
      ethertype,
      // The outer tag: tshark has names of its own for that of IEEE 802.1ad.
      vlan_id: number("ieee8021ad.id") ?? number("vlan.id"),
      source_mac: text("eth.src"),
      destination_mac: text("eth.dst"),
      ip_version: ip,
      source_ip: network?.source ?? null,
      destination_ip: network?.destination ?? null,
      protocol: protocolName(llc, ethertype, network?.protocol ?? null),
      ip_protocol: network?.protocol ?? null,
      ttl: network?.ttl ?? null,
      dscp: network?.dscp ?? null,
      ecn: network?.ecn ?? null,
      is_fragment: network?.fragment ?? null,
      ...transport(network, number),
    },
  };
}

interface Network {
  readonly source: string | null;
  readonly destination: string | null;
  readonly protocol: number | null;
  readonly ttl: number | null;
  readonly dscp: number | null;
  readonly ecn: number | null;
  readonly fragment: boolean;
  /** A fragment that is not the first one holds no layer 4 header. */
  readonly laterFragment: boolean;
  /** Bytes from the layer 4 header to the end of the datagram. */
  readonly length: number;
}

type Numbers = (field: Field) => number | null;
type Texts = (field: Field) => string | null;

function ipv4(number: Numbers, text: Texts): Network {
  const offset = number("ip.frag_offset") ?? 0;
  return {
    source: text("ip.src"),
    destination: text("ip.dst"),
    protocol: number("ip.proto"),
    ttl: number("ip.ttl"),
    dscp: number("ip.dsfield.dscp"),
    ecn: number("ip.dsfield.ecn"),
    fragment: offset !== 0 || number("ip.flags.mf") === 1,
    laterFragment: offset !== 0,
    length: (number("ip.len") ?? 0) - (number("ip.hdr_len") ?? 0),
  };
}

function ipv6(number: Numbers, text: Texts): Network {
  const offset = number("ipv6.fraghdr.offset") ?? 0;
  const fragmentHeader = number("ipv6.fraghdr.nxt");
  const hopByHop = number("ipv6.hopopts.nxt");
  // RFC 8200, 4.3: the length does not include the first 8 octets; 4.5: a fragment header is 8 long.
  const hopBytes = hopByHop === null ? 0 : 8 * (1 + (number("ipv6.hopopts.len") ?? 0));
  const fragmentBytes = fragmentHeader === null ? 0 : 8;
  return {
    source: text("ipv6.src"),
    destination: text("ipv6.dst"),
    protocol: fragmentHeader ?? hopByHop ?? number("ipv6.nxt"),
    ttl: number("ipv6.hlim"),
    dscp: number("ipv6.tclass.dscp"),
    ecn: number("ipv6.tclass.ecn"),
    fragment: offset !== 0 || number("ipv6.fraghdr.more") === 1,
    laterFragment: offset !== 0,
    length: (number("ipv6.plen") ?? 0) - hopBytes - fragmentBytes,
  };
}

const NO_TRANSPORT = {
  source_port: null,
  destination_port: null,
  tcp_flags: null,
  tcp_sequence: null,
  tcp_acknowledgment: null,
  tcp_window: null,
  icmp_type: null,
  icmp_code: null,
  payload_length: null,
};

function transport(network: Network | null, number: Numbers): typeof NO_TRANSPORT {
  if (network === null || network.laterFragment) return NO_TRANSPORT;
  const values: Record<string, number | null> = {};
  if (network.protocol === 6) {
    values.source_port = number("tcp.srcport");
    values.destination_port = number("tcp.dstport");
    values.tcp_flags = (number("tcp.flags") ?? 0) & 0xff;
    values.tcp_sequence = number("tcp.seq_raw");
    values.tcp_acknowledgment = number("tcp.ack_raw");
    values.tcp_window = number("tcp.window_size_value");
    values.payload_length = network.length - (number("tcp.hdr_len") ?? 0);
  } else if (network.protocol === 17) {
    values.source_port = number("udp.srcport");
    values.destination_port = number("udp.dstport");
    values.payload_length = network.length - 8;
  } else if (network.protocol === 1 || network.protocol === 58) {
    const family = network.protocol === 1 ? "icmp" : "icmpv6";
    values.icmp_type = number(`${family}.type`);
    values.icmp_code = number(`${family}.code`);
    values.payload_length = network.length - 8;
  }
  return { ...NO_TRANSPORT, ...values };
}

/** IANA names of the protocols that the tests send. */
const IP_NAMES: Readonly<Record<number, string>> = { 1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6" };

function protocolName(
  llc: boolean,
  ethertype: number | null,
  protocol: number | null,
): string | null {
  if (protocol !== null) return IP_NAMES[protocol] ?? `IP-${protocol}`;
  if (llc) return "LLC";
  if (ethertype === null) return null;
  return ethertype === 0x0806 ? "ARP" : `ETH-0x${ethertype.toString(16).padStart(4, "0")}`;
}
