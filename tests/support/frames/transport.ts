/**
 * TCP, UDP, ICMP and what else has ports.
 *
 * @module
 */
import { concat, octets, u16, u32 } from "./octets.ts";

/** IP protocol and IPv6 next header numbers (IANA). */
export const PROTOCOL = {
  HOP_BY_HOP: 0,
  ICMP: 1,
  IPIP: 4,
  TCP: 6,
  UDP: 17,
  DCCP: 33,
  ROUTING: 43,
  FRAGMENT: 44,
  GRE: 47,
  ESP: 50,
  AUTHENTICATION: 51,
  ICMPV6: 58,
  NO_NEXT: 59,
  DESTINATION: 60,
  SCTP: 132,
  MOBILITY: 135,
  UDPLITE: 136,
} as const;

export const SOURCE_PORT = 0xc123;
export const DESTINATION_PORT = 0x01bb;
export const SEQUENCE = 0x89abcdef;
export const ACKNOWLEDGMENT = 0xfedcba98;
export const WINDOW = 0xf0e1;

export interface TcpOptions {
  /** CWR ECE URG ACK PSH RST SYN FIN, from bit 7 to bit 0. */
  readonly flags?: number;
  /** Bytes of options, a multiple of 4, at most 40. */
  readonly optionBytes?: number;
  /** The data offset that the header claims, in 32-bit words. */
  readonly headerWords?: number;
}

/** A segment: RFC 9293, 3.1. */
export function tcp(options: TcpOptions = {}, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const optionBytes = options.optionBytes ?? 0;
  return concat(
    u16(SOURCE_PORT),
    u16(DESTINATION_PORT),
    u32(SEQUENCE),
    u32(ACKNOWLEDGMENT),
    octets((options.headerWords ?? (20 + optionBytes) / 4) << 4, options.flags ?? 0x18),
    u16(WINDOW),
    u32(0),
    new Uint8Array(optionBytes).fill(1), // "no operation"
    payload,
  );
}

/** A datagram: RFC 768. UDP-Lite has the same layout: RFC 3828. */
export function udp(payload: Uint8Array = new Uint8Array(), claimedLength?: number): Uint8Array {
  return concat(
    u16(SOURCE_PORT),
    u16(DESTINATION_PORT),
    u16(claimedLength ?? 8 + payload.length),
    u16(0),
    payload,
  );
}

/** A packet with the common header of SCTP: RFC 9260, 3.1. */
export function sctp(payload: Uint8Array = new Uint8Array()): Uint8Array {
  return concat(u16(SOURCE_PORT), u16(DESTINATION_PORT), u32(0x11223344), u32(0), payload);
}

/** The first 16 bytes of a DCCP packet: RFC 4340, 5.1. */
export function dccp(): Uint8Array {
  return concat(u16(SOURCE_PORT), u16(DESTINATION_PORT), octets(4, 0), new Uint8Array(10));
}

/** An ICMP or ICMPv6 message: RFC 792, RFC 4443. */
export function icmp(
  type: number,
  code: number,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array {
  return concat(octets(type, code), u16(0), u32(0x00010002), payload);
}
