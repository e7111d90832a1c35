/**
 * What tshark says about a pcap file, as rows of the Parquet schema: the oracle of the end-to-end
 * tests. Nothing of the program is used here on purpose.
 *
 * @module
 */
import { dissect, type Dissection, numberOf } from "./tshark_fields.ts";
import { type Network, networkOf } from "./tshark_network.ts";

/** One packet, by the names of the Parquet schema (without timestamp and interface). */
export interface ExpectedRow {
  /** Nanoseconds since 1970, UTC. */
  readonly timestamp: bigint;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

/** Reads the packets of the pcap file `path` in file order. */
export async function readWithTshark(path: string): Promise<ExpectedRow[]> {
  return (await dissect(path)).map(expectedRow);
}

function expectedRow(packet: Dissection): ExpectedRow {
  const [seconds, fraction] = packet.text("frame.time_epoch")!.split(".");
  const link = linkOf(packet);
  const network = networkOf(packet, link.network, link.bytes);
  return {
    timestamp: BigInt(seconds!) * 1_000_000_000n + BigInt(fraction!.padEnd(9, "0")),
    values: {
      packet_length: packet.number("frame.len"),
      ethertype: link.ethertype,
      vlan_id: link.vlanId,
      source_mac: packet.text("eth.src"),
      destination_mac: packet.text("eth.dst"),
      ip_version: network?.version ?? null,
      source_ip: network?.source ?? null,
      destination_ip: network?.destination ?? null,
      protocol: protocolName(link, network?.protocol ?? null),
      ip_protocol: network?.protocol ?? null,
      ttl: network?.ttl ?? null,
      dscp: network?.dscp ?? null,
      ecn: network?.ecn ?? null,
      is_fragment: network?.fragment ?? null,
      ...NO_TRANSPORT,
      ...(network === null ? {} : transportOf(packet, network)),
    },
  };
}

interface Link {
  /** Behind tags and SNAP; null where that place holds a length, or nothing. */
  readonly ethertype: number | null;
  /** EtherType of what lies behind `bytes`: differs from the above in PPPoE only. */
  readonly network: number | null;
  /** IEEE 802.3: a length in the place of the EtherType. */
  readonly llc: boolean;
  readonly vlanId: number | null;
  /** Bytes before the network header. */
  readonly bytes: number;
}

const TAG_TYPES: readonly number[] = [0x8100, 0x88a8, 0x9100];
/** Tags that the contract follows; tshark follows all. */
const MOST_TAGS = 8;
const LEAST_ETHERTYPE = 0x0600;

/** Organizations whose numbers behind SNAP are EtherTypes: RFC 1042, IEEE 802.1H. */
const SNAP_ORGANIZATIONS: readonly (number | null)[] = [0x000000, 0x0000f8];
const SNAP_BYTES = 8;

const PPPOE_SESSION = 0x8864;
/** By PPP's number of it. */
const PPP_NETWORKS: Readonly<Record<number, number>> = { 0x0021: 0x0800, 0x0057: 0x86dd };

/** EtherTypes of the dissectors that the tests have behind a lone IEEE 802.1ad tag. */
const DISSECTOR_TYPES: Readonly<Record<string, number>> = {
  ip: 0x0800,
  ipv6: 0x86dd,
  arp: 0x0806,
  vlan: 0x8100,
  pppoes: PPPOE_SESSION,
};

function linkOf(packet: Dissection): Link {
  const lengths = ["eth.len", "eth.invalid_lentype"] as const;
  let type = packet.number("eth.type") ?? packet.number(lengths[0]) ?? packet.number(lengths[1]);
  // tshark has names of its own for a tag of IEEE 802.1ad, which is the outer one where there is one.
  const isTagged = type !== null && TAG_TYPES.includes(type);
  const vlanId = isTagged ? packet.number("ieee8021ad.id") ?? packet.number("vlan.id") : null;
  const inner = packet.all("vlan.etype");
  let tags = 0;
  for (; type !== null && TAG_TYPES.includes(type) && tags < MOST_TAGS; tags++) {
    if (type === 0x88a8) {
      // It shows no EtherType of that tag, only who dissects what follows.
      const next = /:ieee8021ad:ethertype:(\w+)/.exec(packet.text("frame.protocols")!)?.[1];
      type = DISSECTOR_TYPES[next ?? ""] ?? null;
    } else {
      type = numberOf(inner.shift()) ?? packet.number("vlan.len");
    }
  }
  let bytes = 14 + 4 * tags;
  if (type !== null && type < LEAST_ETHERTYPE) {
    const inner = packet.number("llc.type") ?? 0;
    if (!SNAP_ORGANIZATIONS.includes(packet.number("llc.oui")) || inner < LEAST_ETHERTYPE) {
      return { ethertype: null, network: null, llc: true, vlanId, bytes };
    }
    type = inner;
    bytes += SNAP_BYTES;
  }
  const isSession = type === PPPOE_SESSION;
  return {
    ethertype: type,
    network: isSession ? PPP_NETWORKS[packet.number("ppp.protocol") ?? 0] ?? null : type,
    llc: false,
    vlanId,
    bytes: isSession ? bytes + pppoeBytes(packet) : bytes,
  };
}

/** PPPoE's header and PPP's number, which takes one byte less if what it announces fits then. */
function pppoeBytes(packet: Dissection): number {
  const payload = packet.number("pppoe.payload_length");
  const ipv6Length = packet.number("ipv6.plen");
  const datagram = packet.number("ip.len") ?? (ipv6Length === null ? null : 40 + ipv6Length);
  return payload !== null && datagram !== null && payload - datagram === 1 ? 7 : 8;
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

type Transport = Partial<Record<keyof typeof NO_TRANSPORT, number | null>>;

function transportOf(packet: Dissection, network: Network): Transport {
  if (network.transportBytes === null) return {};
  switch (network.protocol) {
    case 6:
      return { ...portsOf(packet, "tcp"), ...tcpOf(packet, network) };
    case 17:
    case 136: // UDP-Lite: tshark uses the fields of UDP
      return { ...portsOf(packet, "udp"), ...payloadBehind(network, 8) };
    case 132:
      return { ...portsOf(packet, "sctp"), ...payloadBehind(network, 12) };
    case 33:
      return portsOf(packet, "dccp");
    case 1:
      return network.version === 4 ? icmpOf(packet, network, "icmp") : {};
    case 58:
      return network.version === 6 ? icmpOf(packet, network, "icmpv6") : {};
  }
  return {};
}

function portsOf(packet: Dissection, family: "tcp" | "udp" | "sctp" | "dccp"): Transport {
  return {
    source_port: packet.number(`${family}.srcport`),
    destination_port: packet.number(`${family}.dstport`),
  };
}

/** All fields of the fixed header, or none of a header that is cut off. */
function tcpOf(packet: Dissection, network: Network): Transport {
  if (network.transportBytes! < 20) return {};
  const flags = packet.number("tcp.flags");
  const headerBytes = packet.number("tcp.hdr_len");
  return {
    tcp_flags: flags === null ? null : flags & 0xff,
    tcp_sequence: packet.number("tcp.seq_raw"),
    tcp_acknowledgment: packet.number("tcp.ack_raw"),
    tcp_window: packet.number("tcp.window_size_value"),
    ...(headerBytes === null || headerBytes < 20 ? {} : payloadBehind(network, headerBytes)),
  };
}

function icmpOf(packet: Dissection, network: Network, family: "icmp" | "icmpv6"): Transport {
  if (network.transportBytes! < 2) return {};
  return {
    icmp_type: packet.number(`${family}.type`),
    icmp_code: packet.number(`${family}.code`),
    ...payloadBehind(network, 8),
  };
}

/** What is left of the datagram behind its layer 4 header; unknown when not all of it is there. */
function payloadBehind(network: Network, headerBytes: number): Transport {
  const whole = network.whole && network.transportBytes! >= headerBytes;
  return whole ? { payload_length: network.transportBytes! - headerBytes } : {};
}

/** IANA keywords of the protocols that the tests send; 58 by its usual name. */
const IP_NAMES: Readonly<Record<number, string>> = {
  0: "HOPOPT",
  1: "ICMP",
  2: "IGMP",
  4: "IPv4",
  6: "TCP",
  17: "UDP",
  33: "DCCP",
  41: "IPv6",
  43: "IPv6-Route",
  44: "IPv6-Frag",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "ICMPv6",
  59: "IPv6-NoNxt",
  60: "IPv6-Opts",
  89: "OSPFIGP",
  103: "PIM",
  112: "VRRP",
  132: "SCTP",
  135: "Mobility-Header",
  136: "UDPLite",
  137: "MPLS-in-IP",
  139: "HIP",
  140: "Shim6",
};

/** Names of the EtherTypes that the tests send. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  0x0806: "ARP",
  0x8100: "VLAN",
  0x8137: "IPX",
  0x8808: "MAC-Control",
  0x8847: "MPLS",
  0x8848: "MPLS-Upstream",
  0x8863: "PPPoE-Discovery",
  0x8864: "PPPoE",
  0x888e: "EAPOL",
  0x88a8: "QinQ",
  0x88cc: "LLDP",
  0x88f7: "PTPv2",
  0x9100: "QinQ-9100",
};

function protocolName(link: Link, protocol: number | null): string | null {
  if (protocol !== null) return IP_NAMES[protocol] ?? `IP-${protocol}`;
  if (link.llc) return "LLC";
  if (link.ethertype === null) return null;
  const digits = link.ethertype.toString(16).padStart(4, "0");
  return TYPE_NAMES[link.ethertype] ?? `ETH-0x${digits}`;
}
