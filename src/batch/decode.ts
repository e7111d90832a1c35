/**
 * From ring records to columns: the only loop of user space that runs once per packet while a
 * capture is draining. It makes no object, BigInt, string or call per packet.
 *
 * @module
 */
import { PRESENT, RECORD_OFFSET } from "../event/layout.ts";
import type { ColumnBatch } from "./column_batch.ts";

/** Views of the ring's data area. Valid while the mapping under them is. */
export interface RecordViews {
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  readonly octets: Uint8Array;
}

/** Views over a ring's data area, or any buffer that holds records at 8-byte aligned offsets. */
export function recordViews(data: ArrayBuffer): RecordViews {
  return {
    words: new Uint32Array(data),
    halves: new Uint16Array(data),
    octets: new Uint8Array(data),
  };
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

const WORD = {
  timestamp: RECORD_OFFSET.timestamp_ns >> 2,
  source: RECORD_OFFSET.source_address >> 2,
  destination: RECORD_OFFSET.destination_address >> 2,
  macs: RECORD_OFFSET.destination_mac >> 2,
  packetLength: RECORD_OFFSET.packet_length >> 2,
  payloadLength: RECORD_OFFSET.payload_length >> 2,
  tcpSequence: RECORD_OFFSET.tcp_sequence >> 2,
  tcpAcknowledgment: RECORD_OFFSET.tcp_acknowledgment >> 2,
} as const;

const HALF = {
  ethertype: RECORD_OFFSET.ethertype >> 1,
  vlanId: RECORD_OFFSET.vlan_id >> 1,
  sourcePort: RECORD_OFFSET.source_port >> 1,
  destinationPort: RECORD_OFFSET.destination_port >> 1,
  tcpWindow: RECORD_OFFSET.tcp_window >> 1,
  segments: RECORD_OFFSET.segments >> 1,
  present: RECORD_OFFSET.present >> 1,
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
  const { words, halves, octets } = views;
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
    slot,
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
    const octet = offsets[i]!;
    const word = octet >>> 2;
    const half = octet >>> 1;

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

    ethertype[row] = halves[half + HALF.ethertype]!;
    vlanId[row] = halves[half + HALF.vlanId]!;
    sourcePort[row] = halves[half + HALF.sourcePort]!;
    destinationPort[row] = halves[half + HALF.destinationPort]!;
    segments[row] = halves[half + HALF.segments]!;
    const there = halves[half + HALF.present]!;
    present[row] = there;

    slot[row] = octets[octet + RECORD_OFFSET.slot]!;
    ipProtocol[row] = octets[octet + RECORD_OFFSET.ip_protocol]!;
    ttl[row] = octets[octet + RECORD_OFFSET.ttl]!;
    const trafficClass = octets[octet + RECORD_OFFSET.traffic_class]!;
    dscp[row] = trafficClass >> 2;
    ecn[row] = trafficClass & 3;
    tcpFlags[row] = octets[octet + RECORD_OFFSET.tcp_flags]!;
    flags[row] = octets[octet + RECORD_OFFSET.flags]!;

    // The TCP window and the ICMP type and code share two bytes of the record.
    const icmp = there & PRESENT.ICMP;
    tcpWindow[row] = icmp ? 0 : halves[half + HALF.tcpWindow]!;
    icmpType[row] = icmp ? octets[octet + RECORD_OFFSET.icmp_type]! : 0;
    icmpCode[row] = icmp ? octets[octet + RECORD_OFFSET.icmp_code]! : 0;
  }
}
