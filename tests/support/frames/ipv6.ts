/**
 * IPv6 and its extension headers: RFC 8200.
 *
 * @module
 */
import { concat, hex, octets, u16, u32 } from "./octets.ts";

/** Addresses as the hexadecimal digits of their bytes. */
export const SOURCE_IPV6 = "20010db8000100020003000400050006";
export const DESTINATION_IPV6 = "20010db8ffeeddccbbaa998877665544";

export interface Ipv6Options {
  /** Number of the header that follows. */
  readonly next: number;
  readonly source?: string;
  readonly destination?: string;
  readonly hopLimit?: number;
  readonly trafficClass?: number;
  readonly flowLabel?: number;
  /** The length that the header claims, in place of the true one. */
  readonly payloadLength?: number;
  readonly version?: number;
}

/** A packet with `payload`, which starts with the extension headers if there are any. */
export function ipv6(options: Ipv6Options, ...payload: readonly Uint8Array[]): Uint8Array {
  const data = concat(...payload);
  const firstWord = (options.version ?? 6) << 28 | (options.trafficClass ?? 0) << 20 |
    (options.flowLabel ?? 0);
  return concat(
    u32(firstWord),
    u16(options.payloadLength ?? data.length),
    octets(options.next, options.hopLimit ?? 64),
    hex(options.source ?? SOURCE_IPV6),
    hex(options.destination ?? DESTINATION_IPV6),
    data,
  );
}

/**
 * A hop-by-hop, routing, destination options or mobility header of `bytes` (a multiple of 8, up to
 * 2048); its kind is the number in the header before it.
 */
export function extension(next: number, bytes = 8): Uint8Array {
  const header = new Uint8Array(bytes);
  header[0] = next;
  header[1] = bytes / 8 - 1;
  // One padding option over the rest, or over what its 8-bit length can say: RFC 8200, 4.2.
  header[2] = 1;
  header[3] = Math.min(255, bytes - 4);
  return header;
}

/** A hop-by-hop header with the length of a jumbogram: RFC 2675, 2. `length` counts from this header. */
export function jumboHeader(next: number, length: number): Uint8Array {
  return concat(octets(next, 0, 0xc2, 4), u32(length));
}

/** A fragment header; `offset` in units of 8 bytes: RFC 8200, 4.5. */
export function fragmentHeader(next: number, offset: number, more: boolean): Uint8Array {
  return concat(octets(next, 0), u16(offset << 3 | (more ? 1 : 0)), u32(0xfeedface));
}

/** An authentication header of `bytes`, a multiple of 4, at least 12: RFC 4302, 2. */
export function authenticationHeader(next: number, bytes = 24): Uint8Array {
  return concat(octets(next, bytes / 4 - 2), new Uint8Array(bytes - 2).fill(0x5a));
}

/** `count` extension headers: the first `kind` is named by what precedes, the last names `next`. */
export function chain(kind: number, count: number, next: number): Uint8Array {
  return concat(
    ...Array.from({ length: count }, (_, index) => extension(index + 1 < count ? kind : next)),
  );
}
