/**
 * IPv4: RFC 791.
 *
 * @module
 */
import { concat, hex, octets, u16 } from "./octets.ts";

/** Addresses as the hexadecimal digits of their bytes. */
export const SOURCE_IPV4 = "c6336407"; // 198.51.100.7
export const DESTINATION_IPV4 = "cb007109"; // 203.0.113.9

export interface Ipv4Options {
  readonly protocol: number;
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  readonly trafficClass?: number;
  /** Bytes of options, a multiple of 4, at most 40. */
  readonly optionBytes?: number;
  /** Offset of this fragment in units of 8 bytes. */
  readonly fragmentOffset?: number;
  readonly moreFragments?: boolean;
  readonly doNotFragment?: boolean;
  /** The length that the header claims, in place of the true one. */
  readonly totalLength?: number;
  /** The header length that the header claims, in 32-bit words. */
  readonly headerWords?: number;
  readonly version?: number;
}

/** A datagram with `payload`. */
export function ipv4(options: Ipv4Options, ...payload: readonly Uint8Array[]): Uint8Array {
  const data = concat(...payload);
  const optionBytes = options.optionBytes ?? 0;
  const headerBytes = 20 + optionBytes;
  const fragment = (options.doNotFragment ? 0x4000 : 0) | (options.moreFragments ? 0x2000 : 0) |
    (options.fragmentOffset ?? 0);
  return concat(
    octets((options.version ?? 4) << 4 | (options.headerWords ?? headerBytes / 4)),
    octets(options.trafficClass ?? 0),
    u16(options.totalLength ?? headerBytes + data.length),
    u16(0x1234),
    u16(fragment),
    octets(options.ttl ?? 64, options.protocol),
    u16(0),
    hex(options.source ?? SOURCE_IPV4),
    hex(options.destination ?? DESTINATION_IPV4),
    new Uint8Array(optionBytes).fill(1), // "no operation"
    data,
  );
}
