/**
 * From ring records to columns: the only loop of user space that runs once per packet while a
 * capture is draining. It makes no object, BigInt, string or call per packet.
 *
 * @module
 */
import { PRESENT, RECORD_OFFSET } from "../contract/record_layout.ts";
import type { ColumnBatch } from "./column_batch.ts";

/** Views of the ring's data area. Valid while the mapping under them is. */
export interface RecordViews {
  readonly words: Uint32Array;
}

/** Views over a ring's data area, or any buffer that holds records at 8-byte aligned offsets. */
export function recordViews(data: ArrayBuffer): RecordViews {
  return { words: new Uint32Array(data) };
}

/**
 * What to add to a CLOCK_MONOTONIC time to get wall-clock nanoseconds since 1970, as two 32-bit
 * halves, so that the sum needs no BigInt.
 */
export interface ClockOffset {
  low: number;
  high: number;
}

/** Splits a nanosecond offset into the halves that {@linkcode decodeRecords} adds. */
export function splitClockOffset(offsetNs: bigint): ClockOffset {
  const bits = BigInt.asUintN(64, offsetNs);
  return { low: Number(bits & 0xffff_ffffn), high: Number(bits >> 32n) };
}

/**
 * Index of the record's words. Fields of 8 and 16 bits are taken out of the word that holds them: a
 * view per width costs more. The layout of such a word, lowest bits first, stands beside it.
 */
const WORD = {
  timestamp: RECORD_OFFSET.timestamp_ns >> 2,
  source: RECORD_OFFSET.source_address >> 2,
  destination: RECORD_OFFSET.destination_address >> 2,
  macs: RECORD_OFFSET.destination_mac >> 2,
  packetLength: RECORD_OFFSET.packet_length >> 2,
  payloadLength: RECORD_OFFSET.payload_length >> 2,
  tcpSequence: RECORD_OFFSET.tcp_sequence >> 2,
  tcpAcknowledgment: RECORD_OFFSET.tcp_acknowledgment >> 2,
  types: RECORD_OFFSET.ethertype >> 2, // ethertype 16, vlan_id 16
  ports: RECORD_OFFSET.source_port >> 2, // source_port 16, destination_port 16
  window: RECORD_OFFSET.tcp_window >> 2, // tcp_window 16 or icmp_type 8, icmp_code 8; segments 16
  present: RECORD_OFFSET.present >> 2, // present 16, attachment 8, ip_protocol 8
  ttl: RECORD_OFFSET.ttl >> 2, // ttl 8, ecn 2, dscp 6, tcp_flags 8, flags 8
} as const;

/**
 * Copies records into rows `firstRow` and up of `batch`.
 *
 * @param views views of the memory that holds the records
 * @param offsets byte offset of each record in that memory, 8-byte aligned
 * @param count how many of `offsets` to decode; `firstRow + count` must not exceed the batch
 * @param clock added to each record's monotonic timestamp
 */
export function decodeRecords(
  views: RecordViews,
  offsets: Uint32Array,
  count: number,
  batch: ColumnBatch,
  firstRow: number,
  clock: ClockOffset,
): void {
  const { words } = views;
  const {
    timestamp,
    sourceAddress,
    destinationAddress,
    macs,
    packetLength,
    payloadLength,
    tcpSequence,
    tcpAcknowledgment,
    ethertype,
    vlanId,
    sourcePort,
    destinationPort,
    tcpWindow,
    segments,
    present,
    attachment,
    ipProtocol,
    ttl,
    dscp,
    ecn,
    tcpFlags,
    icmpType,
    icmpCode,
    flags,
  } = batch;
  const clockLow = clock.low;
  const clockHigh = clock.high;
  for (let i = 0, row = firstRow; i < count; i++, row++) {
    const word = offsets[i]! >>> 2;

    const low = words[word + WORD.timestamp]! + clockLow;
    timestamp[row * 2] = low;
    timestamp[row * 2 + 1] = words[word + WORD.timestamp + 1]! + clockHigh +
      (low > 0xffff_ffff ? 1 : 0);

    const address = row * 4;
    sourceAddress[address] = words[word + WORD.source]!;
    sourceAddress[address + 1] = words[word + WORD.source + 1]!;
    sourceAddress[address + 2] = words[word + WORD.source + 2]!;
    sourceAddress[address + 3] = words[word + WORD.source + 3]!;
    destinationAddress[address] = words[word + WORD.destination]!;
    destinationAddress[address + 1] = words[word + WORD.destination + 1]!;
    destinationAddress[address + 2] = words[word + WORD.destination + 2]!;
    destinationAddress[address + 3] = words[word + WORD.destination + 3]!;

    const mac = row * 3;
    macs[mac] = words[word + WORD.macs]!;
    macs[mac + 1] = words[word + WORD.macs + 1]!;
    macs[mac + 2] = words[word + WORD.macs + 2]!;

    packetLength[row] = words[word + WORD.packetLength]!;
    payloadLength[row] = words[word + WORD.payloadLength]!;
    tcpSequence[row] = words[word + WORD.tcpSequence]!;
    tcpAcknowledgment[row] = words[word + WORD.tcpAcknowledgment]!;

    // What is too wide for an element is cut off where it is stored.
    const types = words[word + WORD.types]!;
    ethertype[row] = types;
    vlanId[row] = types >>> 16;
    const ports = words[word + WORD.ports]!;
    sourcePort[row] = ports;
    destinationPort[row] = ports >>> 16;
    const there = words[word + WORD.present]!;
    present[row] = there;
    attachment[row] = there >>> 16;
    ipProtocol[row] = there >>> 24;
    const rest = words[word + WORD.ttl]!;
    ttl[row] = rest;
    ecn[row] = rest >>> 8 & 3;
    dscp[row] = rest >>> 10 & 63;
    tcpFlags[row] = rest >>> 16;
    flags[row] = rest >>> 24;

    // The TCP window and the ICMP type and code share two bytes of the record.
    const window = words[word + WORD.window]!;
    segments[row] = window >>> 16;
    const icmp = there & PRESENT.ICMP;
    tcpWindow[row] = icmp ? 0 : window;
    icmpType[row] = icmp ? window : 0;
    icmpCode[row] = icmp ? window >>> 8 : 0;
  }
}
