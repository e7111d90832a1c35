/**
 * One record of the ring as named values, every field of it, so that a wrong one shows by its name.
 *
 * @module
 */
import {
  EVENT_FLAG,
  PRESENT,
  RECORD_BYTES,
  RECORD_OFFSET,
} from "../../src/contract/record_layout.ts";

export type PresentName = keyof typeof PRESENT;
export type FlagName = keyof typeof EVENT_FLAG;

/** All of `struct packet_event` but the timestamp; names as in `bpf/event.h`. */
export interface RecordFields {
  /** Hexadecimal digits of the 16 bytes. */
  readonly source_address: string;
  readonly destination_address: string;
  readonly destination_mac: string;
  readonly source_mac: string;
  readonly packet_length: number;
  readonly payload_length: number;
  readonly tcp_sequence: number;
  readonly tcp_acknowledgment: number;
  readonly ethertype: number;
  readonly vlan_id: number;
  readonly source_port: number;
  readonly destination_port: number;
  /** Also `icmp_type`, the low half, and `icmp_code`, the high half. */
  readonly tcp_window: number;
  readonly segments: number;
  readonly present: readonly PresentName[];
  readonly attachment: number;
  readonly ip_protocol: number;
  readonly ttl: number;
  readonly traffic_class: number;
  readonly tcp_flags: number;
  readonly flags: readonly FlagName[];
}

/** The record of a packet of which nothing is known. */
export const EMPTY_RECORD: RecordFields = {
  source_address: "00".repeat(16),
  destination_address: "00".repeat(16),
  destination_mac: "00:00:00:00:00:00",
  source_mac: "00:00:00:00:00:00",
  packet_length: 0,
  payload_length: 0,
  tcp_sequence: 0,
  tcp_acknowledgment: 0,
  ethertype: 0,
  vlan_id: 0,
  source_port: 0,
  destination_port: 0,
  tcp_window: 0,
  segments: 1,
  present: [],
  attachment: 0,
  ip_protocol: 0,
  ttl: 0,
  traffic_class: 0,
  tcp_flags: 0,
  flags: [],
};

/** @throws {RangeError} if `record` has not exactly the bytes of one record */
export function readRecordFields(record: Uint8Array): RecordFields {
  if (record.length !== RECORD_BYTES) {
    throw new RangeError(`Cannot read a record of "${record.length}" bytes`);
  }
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  const u8 = (name: keyof typeof RECORD_OFFSET) => view.getUint8(RECORD_OFFSET[name]);
  const u16 = (name: keyof typeof RECORD_OFFSET) => view.getUint16(RECORD_OFFSET[name], true);
  const u32 = (name: keyof typeof RECORD_OFFSET) => view.getUint32(RECORD_OFFSET[name], true);
  const bytes = (name: keyof typeof RECORD_OFFSET, length: number) =>
    record.subarray(RECORD_OFFSET[name], RECORD_OFFSET[name] + length);
  return {
    source_address: bytes("source_address", 16).toHex(),
    destination_address: bytes("destination_address", 16).toHex(),
    destination_mac: macText(bytes("destination_mac", 6)),
    source_mac: macText(bytes("source_mac", 6)),
    packet_length: u32("packet_length"),
    payload_length: u32("payload_length"),
    tcp_sequence: u32("tcp_sequence"),
    tcp_acknowledgment: u32("tcp_acknowledgment"),
    ethertype: u16("ethertype"),
    vlan_id: u16("vlan_id"),
    source_port: u16("source_port"),
    destination_port: u16("destination_port"),
    tcp_window: u16("tcp_window"),
    segments: u16("segments"),
    present: bitNames(PRESENT, u16("present")),
    attachment: u8("attachment"),
    ip_protocol: u8("ip_protocol"),
    ttl: u8("ttl"),
    traffic_class: u8("traffic_class"),
    tcp_flags: u8("tcp_flags"),
    flags: bitNames(EVENT_FLAG, u8("flags")),
  };
}

/** When the kernel saw the packet: CLOCK_MONOTONIC, nanoseconds. */
export function recordTimestamp(record: Uint8Array): bigint {
  return new DataView(record.buffer, record.byteOffset).getBigUint64(
    RECORD_OFFSET.timestamp_ns,
    true,
  );
}

function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** @throws {RangeError} if a bit is set that has no name */
function bitNames<Name extends string>(
  bits: Readonly<Record<Name, number>>,
  value: number,
): Name[] {
  const names = (Object.keys(bits) as Name[]).filter((name) => value & bits[name]);
  const known = names.reduce((sum, name) => sum | bits[name], 0);
  if (known !== value) throw new RangeError(`Cannot name all bits of "${value.toString(2)}"`);
  return names;
}
