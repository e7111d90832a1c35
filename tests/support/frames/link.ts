/**
 * Ethernet, VLAN tags, LLC, SNAP, PPPoE and ARP.
 *
 * @module
 */
import { concat, hex, octets, u16 } from "./octets.ts";

export const DESTINATION_MAC = "02:00:5e:10:00:01";
export const SOURCE_MAC = "06:11:22:33:44:55";

export const ETHERTYPE = {
  IPV4: 0x0800,
  ARP: 0x0806,
  VLAN: 0x8100,
  IPV6: 0x86dd,
  PPPOE: 0x8864,
  SERVICE_VLAN: 0x88a8,
  LLDP: 0x88cc,
  OLD_QINQ: 0x9100,
} as const;

/** One frame without FCS. `type` is an ethertype, or a length below 0x0600. */
export function ethernet(type: number, ...payload: readonly Uint8Array[]): Uint8Array {
  return concat(hex(DESTINATION_MAC), hex(SOURCE_MAC), u16(type), ...payload);
}

/** What follows a VLAN ethertype: the tag control information and the next ethertype. */
export function vlan(id: number, type: number, priority = 0): Uint8Array {
  return concat(u16(priority << 13 | id), u16(type));
}

/** LLC and SNAP: IEEE 802, 9.2. `organization` 000000 is that of RFC 1042. */
export function snap(type: number, organization = "000000"): Uint8Array {
  return concat(hex("aaaa03"), hex(organization), u16(type));
}

/** An IEEE 802.3 frame, with the length of `payload` in the place of the ethertype. */
export function lengthFrame(...payload: readonly Uint8Array[]): Uint8Array {
  const content = concat(...payload);
  return ethernet(content.length, content);
}

export interface PppoeOptions {
  /** The length that the header claims, in place of the true one. */
  readonly length?: number;
  /** Version in the upper four bits, type in the lower: RFC 2516, 4. */
  readonly versionAndType?: number;
  readonly code?: number;
}

/** PPPoE session data: RFC 2516, 4. `protocol`: the number of PPP as hexadecimal digits. */
export function pppoe(
  protocol: string,
  payload: Uint8Array,
  options: PppoeOptions = {},
): Uint8Array {
  const content = concat(hex(protocol), payload);
  return concat(
    octets(options.versionAndType ?? 0x11, options.code ?? 0),
    u16(0x4321),
    u16(options.length ?? content.length),
    content,
  );
}

/** IEEE 802.2 header of a spanning tree frame, and the start of a configuration message. */
export function spanningTree(): Uint8Array {
  return concat(octets(0x42, 0x42, 0x03), new Uint8Array(35));
}

/** An ARP request of IPv4 over Ethernet: RFC 826. */
export function arpRequest(sender: string, target: string): Uint8Array {
  return concat(
    u16(1),
    u16(ETHERTYPE.IPV4),
    octets(6, 4),
    u16(1),
    hex(SOURCE_MAC),
    hex(sender),
    new Uint8Array(6),
    hex(target),
  );
}
