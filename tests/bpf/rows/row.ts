/**
 * What a row of the frame table is, and the parts that many rows share.
 *
 * Expectations are written by hand from the record contract (`bpf/event.h`), never computed by code
 * that parses the frame.
 *
 * @module
 */
import { DESTINATION_MAC, ETHERTYPE, SOURCE_MAC } from "../../support/frames/link.ts";
import { DESTINATION_IPV4, SOURCE_IPV4 } from "../../support/frames/ipv4.ts";
import { DESTINATION_IPV6, SOURCE_IPV6 } from "../../support/frames/ipv6.ts";
import {
  ACKNOWLEDGMENT,
  DESTINATION_PORT,
  SEQUENCE,
  SOURCE_PORT,
  WINDOW,
} from "../../support/frames/transport.ts";
import type { PresentName, RecordFields } from "../../support/record_fields.ts";

export interface FrameRow {
  /** Ends the sentence "given ...". */
  readonly name: string;
  readonly frame: Uint8Array;
  /** What is not named is 0; `packet_length` is the length of the frame, `segments` is 1. */
  readonly record: Partial<RecordFields>;
  /** The packet must also be counted as one whose header chain is longer than is followed. */
  readonly parseLimit?: true;
}

/** `names` as the value of `present`, in any order. */
export function present(...names: readonly PresentName[]): { present: readonly PresentName[] } {
  return { present: names };
}

export const MACS = { destination_mac: DESTINATION_MAC, source_mac: SOURCE_MAC } as const;

/** The fields of a frame of `ethertype` of which nothing else is known. */
export function link(ethertype: number): Partial<RecordFields> {
  return { ...MACS, ethertype, ...present("MAC", "ETHERTYPE", "PROTOCOL") };
}

/** The fields of IPv4, without `present`. */
export function ipv4Fields(protocol: number): Partial<RecordFields> {
  return {
    ...MACS,
    ethertype: ETHERTYPE.IPV4,
    source_address: SOURCE_IPV4 + "00".repeat(12),
    destination_address: DESTINATION_IPV4 + "00".repeat(12),
    ip_protocol: protocol,
    ttl: 64,
  };
}

/** The fields of IPv6, without `present`. */
export function ipv6Fields(protocol: number): Partial<RecordFields> {
  return {
    ...MACS,
    ethertype: ETHERTYPE.IPV6,
    source_address: SOURCE_IPV6,
    destination_address: DESTINATION_IPV6,
    ip_protocol: protocol,
    ttl: 64,
    flags: ["IPV6"],
  };
}

export const PORTS = { source_port: SOURCE_PORT, destination_port: DESTINATION_PORT } as const;

/** The fields of the frame builder's TCP header. */
export const TCP = {
  ...PORTS,
  tcp_sequence: SEQUENCE,
  tcp_acknowledgment: ACKNOWLEDGMENT,
  tcp_window: WINDOW,
  tcp_flags: 0x18,
} as const;

export const IP_PRESENT = ["MAC", "ETHERTYPE", "PROTOCOL", "IP"] as const;
export const PORTS_PRESENT = [...IP_PRESENT, "PORTS"] as const;
export const UDP_PRESENT = [...PORTS_PRESENT, "PAYLOAD"] as const;
export const TCP_PRESENT = [...PORTS_PRESENT, "TCP", "PAYLOAD"] as const;
export const ICMP_PRESENT = [...IP_PRESENT, "ICMP", "PAYLOAD"] as const;

/** Every `frame` cut to each length from `from` to one less than the whole. */
export function cuts(
  frame: Uint8Array,
  from: number,
  expect: (length: number) => Partial<RecordFields>,
  what: string,
): FrameRow[] {
  return Array.from({ length: frame.length - from }, (_, index) => ({
    name: `${what} cut to ${from + index} of ${frame.length} bytes`,
    frame: frame.slice(0, from + index),
    record: expect(from + index),
  }));
}
