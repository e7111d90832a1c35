/**
 * Packets for tests of the store: how each lies in a column batch, and which row it must become.
 *
 * @module
 */
import {
  BATCH_BYTES,
  BATCH_ROWS,
  type ColumnBatch,
  createBatch,
} from "../../../src/batch/column_batch.ts";
import type { KnownAttachment } from "../../../src/contract/attachment.ts";
import { EVENT_FLAG, PRESENT } from "../../../src/contract/record_layout.ts";
import { type ColumnName, COLUMNS } from "../../../src/contract/columns.ts";

export type Row = Readonly<Record<ColumnName, string | number | bigint | boolean | null>>;

export interface Packet {
  /** Columns of the batch that are not 0. Addresses and MACs are bytes. */
  readonly batch: Readonly<Partial<Record<keyof ColumnBatch, number | readonly number[]>>>;
  /** Columns of the file that are not NULL, without the timestamp. */
  readonly row: Partial<Row>;
}

export const ATTACHMENTS: readonly KnownAttachment[] = [
  { attachment: 0, interface: "eth0", direction: "ingress" },
  { attachment: 7, interface: "wlan0", direction: "egress" },
];

const { MAC, ETHERTYPE, PROTOCOL, VLAN, IP, PORTS, TCP, ICMP, PAYLOAD } = PRESENT;

const MACS = [0x02, 0, 0, 0, 0, 0x0a, 0x02, 0xff, 0xee, 0xdd, 0xcc, 0xbb];
const MAC_TEXT = { destination_mac: "02:00:00:00:00:0a", source_mac: "02:ff:ee:dd:cc:bb" };
const ETH0 = { direction: "ingress", interface: "eth0" };
const V6_HOST = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const V6_ALL = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

const tcp4: Packet = {
  batch: {
    present: MAC | ETHERTYPE | PROTOCOL | IP | PORTS | TCP | PAYLOAD,
    macs: MACS,
    sourceAddress: [192, 0, 2, 1],
    destinationAddress: [198, 51, 100, 255],
    packetLength: 4_000_000_000,
    segments: 45,
    ethertype: 0x0800,
    ipProtocol: 6,
    sourcePort: 443,
    destinationPort: 65_535,
    ttl: 255,
    dscp: 46,
    ecn: 3,
    tcpFlags: 0x18,
    tcpSequence: 0xffff_ffff,
    tcpAcknowledgment: 1,
    tcpWindow: 65_535,
    payloadLength: 3_999_999_946,
  },
  row: {
    ...ETH0,
    ...MAC_TEXT,
    packet_length: 4_000_000_000,
    segments: 45,
    ethertype: 0x0800,
    ip_version: 4,
    source_ip: "192.0.2.1",
    destination_ip: "198.51.100.255",
    protocol: "TCP",
    ip_protocol: 6,
    source_port: 443,
    destination_port: 65_535,
    ttl: 255,
    dscp: 46,
    ecn: 3,
    is_fragment: false,
    tcp_flags: 0x18,
    tcp_sequence: 0xffff_ffff,
    tcp_acknowledgment: 1,
    tcp_window: 65_535,
    payload_length: 3_999_999_946,
  },
};

const icmp6Elsewhere: Packet = {
  batch: {
    present: MAC | ETHERTYPE | PROTOCOL | VLAN | IP | ICMP | PAYLOAD,
    attachment: 7,
    flags: EVENT_FLAG.IPV6,
    macs: MACS.toReversed(),
    sourceAddress: V6_HOST,
    destinationAddress: V6_ALL,
    packetLength: 90,
    segments: 1,
    ethertype: 0x86dd,
    vlanId: 4095,
    ipProtocol: 58,
    ttl: 255,
    icmpType: 135,
    icmpCode: 2,
  },
  row: {
    direction: "egress",
    interface: "wlan0",
    destination_mac: "bb:cc:dd:ee:ff:02",
    source_mac: "0a:00:00:00:00:02",
    packet_length: 90,
    segments: 1,
    ethertype: 0x86dd,
    vlan_id: 4095,
    ip_version: 6,
    source_ip: "2001:db8::1",
    destination_ip: "ff02::1",
    protocol: "ICMPv6",
    ip_protocol: 58,
    ttl: 255,
    dscp: 0,
    ecn: 0,
    is_fragment: false,
    icmp_type: 135,
    icmp_code: 2,
    payload_length: 0,
  },
};

const laterFragment: Packet = {
  batch: {
    present: MAC | ETHERTYPE | PROTOCOL | IP,
    flags: EVENT_FLAG.FRAGMENT,
    macs: MACS,
    sourceAddress: [192, 0, 2, 1],
    destinationAddress: [10, 0, 0, 0],
    packetLength: 60,
    segments: 1,
    ethertype: 0x0800,
    ipProtocol: 200,
    ttl: 1,
  },
  row: {
    ...ETH0,
    ...MAC_TEXT,
    packet_length: 60,
    segments: 1,
    ethertype: 0x0800,
    ip_version: 4,
    source_ip: "192.0.2.1",
    destination_ip: "10.0.0.0",
    protocol: "IP-200",
    ip_protocol: 200,
    ttl: 1,
    dscp: 0,
    ecn: 0,
    is_fragment: true,
  },
};

const arp: Packet = {
  batch: {
    present: MAC | ETHERTYPE | PROTOCOL,
    macs: MACS,
    packetLength: 60,
    segments: 1,
    ethertype: 0x0806,
  },
  row: {
    ...ETH0,
    ...MAC_TEXT,
    packet_length: 60,
    segments: 1,
    ethertype: 0x0806,
    protocol: "ARP",
  },
};

const llc: Packet = {
  batch: {
    present: MAC | PROTOCOL,
    flags: EVENT_FLAG.LLC,
    macs: MACS,
    packetLength: 60,
    segments: 1,
  },
  row: { ...ETH0, ...MAC_TEXT, packet_length: 60, segments: 1, protocol: "LLC" },
};

const runt: Packet = {
  batch: { present: 0, packetLength: 13, segments: 1 },
  row: { ...ETH0, packet_length: 13, segments: 1 },
};

/** One packet of each kind. */
export const PACKETS = { tcp4, icmp6Elsewhere, laterFragment, arp, llc, runt };

/** Wall-clock nanoseconds of a packet; not a multiple of anything, and more than 2^53. */
export function timestampOf(index: number): bigint {
  return 1_795_000_000_123_456_789n + BigInt(index) * 4_295_000_001n;
}

/** The row that the file must have for a packet. */
export function rowOf(packet: Packet, index: number): Row {
  const nulls = Object.fromEntries(COLUMNS.map(({ name }) => [name, null])) as unknown as Row;
  return { ...nulls, ...packet.row, timestamp: timestampOf(index) };
}

/**
 * Batches of at most `rows` rows each.
 *
 * @param packets one per row
 */
export function batchesOf(
  packets: readonly Packet[],
  rows = BATCH_ROWS,
): { batch: ColumnBatch; rows: number }[] {
  const batches: { batch: ColumnBatch; rows: number }[] = [];
  for (let start = 0; start < packets.length; start += rows) {
    const batch = createBatch(new SharedArrayBuffer(BATCH_BYTES));
    const part = packets.slice(start, start + rows);
    part.forEach((packet, row) => fillRow(batch, row, packet, timestampOf(start + row)));
    batches.push({ batch, rows: part.length });
  }
  return batches;
}

function fillRow(batch: ColumnBatch, row: number, packet: Packet, timestamp: bigint): void {
  batch.timestamp[2 * row] = Number(timestamp & 0xffff_ffffn);
  batch.timestamp[2 * row + 1] = Number(timestamp >> 32n);
  for (const [name, value] of Object.entries(packet.batch)) {
    const column = batch[name as keyof ColumnBatch];
    if (typeof value === "number") {
      column[row] = value;
    } else {
      const bytesPerRow = column.byteLength / BATCH_ROWS;
      new Uint8Array(column.buffer, column.byteOffset + row * bytesPerRow, bytesPerRow).set(value);
    }
  }
}
