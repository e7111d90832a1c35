/**
 * Packets as filters see them: out of frames, by the reference parser, and as rows of a table with the
 * columns of a recording.
 *
 * @module
 */
import { COLUMNS } from "../../src/contract/columns.ts";
import { ipv4Text, ipv6Text } from "../../src/contract/address_text.ts";
import { barePacket } from "./kernel_frames.ts";
import { readRecordFields } from "./record_fields.ts";
import { referenceRecord } from "./reference_parser.ts";

/** What is recorded of a packet; null = the packet lacks it. */
export interface FilterPacket {
  readonly frame: Uint8Array;
  readonly direction: "ingress" | "egress";
  readonly interface: string;
  readonly length: number;
  readonly ethertype: number | null;
  readonly vlan: number | null;
  readonly mac: { readonly source: number[]; readonly destination: number[] } | null;
  readonly ip: {
    readonly version: 4 | 6;
    readonly source: number[];
    readonly destination: number[];
    readonly protocol: number;
    readonly ttl: number;
    readonly trafficClass: number;
    readonly isFragment: boolean;
  } | null;
  readonly ports: { readonly source: number; readonly destination: number } | null;
  readonly tcp: {
    readonly flags: number;
    readonly sequence: number;
    readonly acknowledgment: number;
    readonly window: number;
  } | null;
  readonly icmp: { readonly type: number; readonly code: number } | null;
}

/**
 * What is to be recorded of a frame, by the reference parser.
 *
 * @param bare as of {@linkcode barePacket}
 */
export function filterPacket(
  frame: Uint8Array,
  place: Pick<FilterPacket, "direction" | "interface">,
  bare = false,
): FilterPacket {
  const { packet, type } = barePacket(frame);
  const reference = bare
    ? referenceRecord(packet, 0, { bareType: type })
    : referenceRecord(frame, 0);
  const fields = readRecordFields(reference.record);
  const has = (name: (typeof fields.present)[number]) => fields.present.includes(name);
  const version = fields.flags.includes("IPV6") ? 6 : 4;
  const address = (digits: string) =>
    Array.from(Uint8Array.fromHex(digits)).slice(0, version === 4 ? 4 : 16);
  const mac = (text: string) => text.split(":").map((part) => parseInt(part, 16));
  return {
    frame,
    ...place,
    length: fields.packet_length,
    ethertype: has("ETHERTYPE") ? fields.ethertype : null,
    vlan: has("VLAN") ? fields.vlan_id : null,
    mac: has("MAC")
      ? { source: mac(fields.source_mac), destination: mac(fields.destination_mac) }
      : null,
    ip: has("IP")
      ? {
        version,
        source: address(fields.source_address),
        destination: address(fields.destination_address),
        protocol: fields.ip_protocol,
        ttl: fields.ttl,
        trafficClass: fields.traffic_class,
        isFragment: fields.flags.includes("FRAGMENT"),
      }
      : null,
    ports: has("PORTS")
      ? { source: fields.source_port, destination: fields.destination_port }
      : null,
    tcp: has("TCP")
      ? {
        flags: fields.tcp_flags,
        sequence: fields.tcp_sequence,
        acknowledgment: fields.tcp_acknowledgment,
        window: fields.tcp_window,
      }
      : null,
    icmp: has("ICMP") ? { type: fields.tcp_window & 0xff, code: fields.tcp_window >> 8 } : null,
  };
}

/** Text of an IP address, as it stands in a recording. */
export function addressText(bytes: readonly number[]): string {
  const view = new DataView(new Uint8Array(bytes).buffer);
  if (bytes.length === 4) return ipv4Text(view.getUint32(0, true));
  return ipv6Text([0, 4, 8, 12].map((offset) => view.getUint32(offset, true)));
}

/** Text of a MAC address, as it stands in a recording. */
export function macText(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** SQL that makes a table `packets` of packets, with a column `number` that counts them from 0. */
export function packetTable(packets: readonly FilterPacket[]): string {
  const columns = COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(", ");
  const rows = packets.map((packet, number) => {
    const row = columnValues(packet);
    return `(${number}, ${COLUMNS.map(({ name }) => literal(row[name] ?? null)).join(", ")})`;
  });
  return `CREATE TABLE packets (number INTEGER, ${columns}); ` +
    `INSERT INTO packets VALUES ${rows.join(", ")}`;
}

type Cell = string | number | boolean | null;

function columnValues(packet: FilterPacket): Record<string, Cell> {
  const { mac, ip, ports, tcp, icmp } = packet;
  return {
    direction: packet.direction,
    interface: packet.interface,
    packet_length: packet.length,
    segments: 1,
    ethertype: packet.ethertype,
    vlan_id: packet.vlan,
    source_mac: mac && macText(mac.source),
    destination_mac: mac && macText(mac.destination),
    ip_version: ip && ip.version,
    source_ip: ip && addressText(ip.source),
    destination_ip: ip && addressText(ip.destination),
    ip_protocol: ip && ip.protocol,
    source_port: ports && ports.source,
    destination_port: ports && ports.destination,
    ttl: ip && ip.ttl,
    dscp: ip && ip.trafficClass >> 2,
    ecn: ip && ip.trafficClass & 3,
    is_fragment: ip && ip.isFragment,
    tcp_flags: tcp && tcp.flags,
    tcp_sequence: tcp && tcp.sequence,
    tcp_acknowledgment: tcp && tcp.acknowledgment,
    tcp_window: tcp && tcp.window,
    icmp_type: icmp && icmp.type,
    icmp_code: icmp && icmp.code,
  };
}

function literal(cell: Cell): string {
  if (typeof cell === "string") return `'${cell.replaceAll("'", "''")}'`;
  return String(cell);
}
