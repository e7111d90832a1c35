/**
 * The columns of the Parquet file: the one list from which the staging table, the validation of
 * input files, the Arrow schema and the documentation derive.
 *
 * @module
 */
import { PRESENT } from "./record_layout.ts";

/**
 * Bits of `present` that are no record's: whether its attachment says where the packet was seen. A packet
 * file may not.
 */
export const ROW_PRESENT = { DIRECTION: 1 << 14, INTERFACE: 1 << 15 } as const;

/** Version of the column contract, stored in the file's metadata. */
export const SCHEMA_VERSION = 1;

/** DuckDB types used by the schema. */
export type ColumnType =
  | "TIMESTAMP_NS"
  | "VARCHAR"
  | "UINTEGER"
  | "USMALLINT"
  | "UTINYINT"
  | "BOOLEAN";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /**
   * Bit of a record's `present` field, or of {@linkcode ROW_PRESENT}, that says the value is there; 0 = never
   * NULL.
   */
  readonly presence: number;
  readonly description: string;
}

/** One row per packet, in this order. Names and types are a public contract. */
export const COLUMNS = [
  {
    name: "timestamp",
    type: "TIMESTAMP_NS",
    presence: 0,
    description: "wall-clock time (UTC) at which the kernel saw the packet, nanoseconds",
  },
  {
    name: "direction",
    type: "VARCHAR",
    presence: ROW_PRESENT.DIRECTION,
    description: "`ingress` or `egress`; NULL where a packet file does not say",
  },
  {
    name: "interface",
    type: "VARCHAR",
    presence: ROW_PRESENT.INTERFACE,
    description: "name of the interface; NULL where a packet file does not say",
  },
  {
    name: "packet_length",
    type: "UINTEGER",
    presence: 0,
    description: "frame bytes on the wire, without FCS; a GSO buffer counts as one frame",
  },
  {
    name: "segments",
    type: "USMALLINT",
    presence: 0,
    description: "wire packets in this buffer (GSO), else 1",
  },
  {
    name: "ethertype",
    type: "USMALLINT",
    presence: PRESENT.ETHERTYPE,
    description: "EtherType, after VLAN tags and SNAP; NULL where the link has none",
  },
  {
    name: "vlan_id",
    type: "USMALLINT",
    presence: PRESENT.VLAN,
    description:
      "VLAN identifier of the outer tag that is left: XDP does not see one that the NIC removed",
  },
  {
    name: "source_mac",
    type: "VARCHAR",
    presence: PRESENT.MAC,
    description: "`aa:bb:cc:dd:ee:ff`",
  },
  {
    name: "destination_mac",
    type: "VARCHAR",
    presence: PRESENT.MAC,
    description: "`aa:bb:cc:dd:ee:ff`",
  },
  {
    name: "ip_version",
    type: "UTINYINT",
    presence: PRESENT.IP,
    description: "4 or 6",
  },
  {
    name: "source_ip",
    type: "VARCHAR",
    presence: PRESENT.IP,
    description: "dotted decimal, or RFC 5952 text for IPv6",
  },
  {
    name: "destination_ip",
    type: "VARCHAR",
    presence: PRESENT.IP,
    description: "dotted decimal, or RFC 5952 text for IPv6",
  },
  {
    name: "protocol",
    type: "VARCHAR",
    presence: PRESENT.PROTOCOL,
    description: "IANA name of the IP protocol, else name of the EtherType: `TCP`, `UDP`, `ARP`",
  },
  {
    name: "ip_protocol",
    type: "UTINYINT",
    presence: PRESENT.IP,
    description: "IP protocol number; for IPv6 after the extension headers",
  },
  {
    name: "source_port",
    type: "USMALLINT",
    presence: PRESENT.PORTS,
    description: "port of TCP, UDP, UDP-Lite, SCTP or DCCP",
  },
  {
    name: "destination_port",
    type: "USMALLINT",
    presence: PRESENT.PORTS,
    description: "port of TCP, UDP, UDP-Lite, SCTP or DCCP",
  },
  {
    name: "ttl",
    type: "UTINYINT",
    presence: PRESENT.IP,
    description: "IPv4 time to live or IPv6 hop limit",
  },
  {
    name: "dscp",
    type: "UTINYINT",
    presence: PRESENT.IP,
    description: "differentiated services code point, 0-63",
  },
  {
    name: "ecn",
    type: "UTINYINT",
    presence: PRESENT.IP,
    description: "explicit congestion notification, 0-3",
  },
  {
    name: "is_fragment",
    type: "BOOLEAN",
    presence: PRESENT.IP,
    description: "part of a fragmented datagram",
  },
  {
    name: "tcp_flags",
    type: "UTINYINT",
    presence: PRESENT.TCP,
    description: "CWR ECE URG ACK PSH RST SYN FIN, from bit 7 to bit 0",
  },
  {
    name: "tcp_sequence",
    type: "UINTEGER",
    presence: PRESENT.TCP,
    description: "sequence number",
  },
  {
    name: "tcp_acknowledgment",
    type: "UINTEGER",
    presence: PRESENT.TCP,
    description: "acknowledgment number",
  },
  {
    name: "tcp_window",
    type: "USMALLINT",
    presence: PRESENT.TCP,
    description: "window as sent, not scaled",
  },
  {
    name: "icmp_type",
    type: "UTINYINT",
    presence: PRESENT.ICMP,
    description: "ICMP or ICMPv6 type",
  },
  {
    name: "icmp_code",
    type: "UTINYINT",
    presence: PRESENT.ICMP,
    description: "ICMP or ICMPv6 code",
  },
  {
    name: "payload_length",
    type: "UINTEGER",
    presence: PRESENT.PAYLOAD,
    description: "bytes after the layer 4 header, by the IP length fields (padding not counted)",
  },
] as const satisfies readonly Column[];

export type ColumnName = (typeof COLUMNS)[number]["name"];
