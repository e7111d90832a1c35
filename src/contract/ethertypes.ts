/**
 * Names of EtherTypes (IANA registry "IEEE 802 Numbers" and IEEE's EtherType list), as the `protocol`
 * column shows them for frames that are not IP. No name is also that of an IP protocol, unless both are
 * the same protocol: `NSH`.
 *
 * @module
 */

/** Name of an IEEE 802.3 frame whose type field is a length: an LLC header follows (IEEE 802.2). */
export const LLC_NAME = "LLC";

/**
 * Not here: 0x0800 and 0x86dd. A frame that has one of them and is named by it holds no IP header, and
 * `IPv4` and `IPv6` are the names of IP in IP.
 */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0x0806, "ARP"],
  [0x0842, "WoL"],
  [0x22ea, "MSRP"],
  [0x22f0, "AVTP"],
  [0x22f3, "TRILL"],
  [0x6002, "DEC-MOP"],
  [0x6003, "DECnet"],
  [0x6558, "TEB"],
  [0x8035, "RARP"],
  [0x809b, "AppleTalk"],
  [0x80f3, "AARP"],
  [0x8100, "VLAN"],
  [0x8137, "IPX"],
  [0x8808, "MAC-Control"],
  [0x8809, "Slow-Protocols"],
  [0x8847, "MPLS"],
  [0x8848, "MPLS-Upstream"],
  [0x8863, "PPPoE-Discovery"],
  [0x8864, "PPPoE"],
  [0x888e, "EAPOL"],
  [0x8892, "PROFINET"],
  [0x88a2, "AoE"],
  [0x88a4, "EtherCAT"],
  [0x88a8, "QinQ"],
  [0x88ab, "POWERLINK"],
  [0x88b8, "GOOSE"],
  [0x88ba, "SV"],
  [0x88cc, "LLDP"],
  [0x88cd, "SERCOS"],
  [0x88e1, "HomePlug"],
  [0x88e3, "MRP"],
  [0x88e5, "MACsec"],
  [0x88e7, "PBB"],
  [0x88f5, "MVRP"],
  [0x88f6, "MMRP"],
  [0x88f7, "PTPv2"],
  [0x88f8, "NC-SI"],
  [0x88fb, "PRP"],
  [0x8902, "CFM"],
  [0x8906, "FCoE"],
  [0x8914, "FIP"],
  [0x8915, "RoCE"],
  [0x891d, "TTE"],
  [0x892f, "HSR"],
  [0x894f, "NSH"],
  [0x9000, "Loopback"],
  [0x9100, "QinQ-9100"],
]);

/**
 * Name of an EtherType; one without a name here is `ETH-0x<4 hex digits>`.
 *
 * @param ethertype 16 bits in host byte order
 */
export function ethertypeName(ethertype: number): string {
  return NAMES.get(ethertype) ?? `ETH-0x${ethertype.toString(16).padStart(4, "0")}`;
}
