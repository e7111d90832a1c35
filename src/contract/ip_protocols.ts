/**
 * Names of IP protocols: the keywords of IANA's "Assigned Internet Protocol Numbers", without remarks
 * such as "(deprecated)" and with hyphens for blanks. One differs: 58 is `ICMPv6` instead of
 * `IPv6-ICMP`, because that is what everybody calls it (RFC 4443).
 *
 * @module
 */

/**
 * Keywords from number 0 on; the remark behind each line is the number of its first one. An empty place
 * has no keyword: unassigned, private or experimental.
 */
const NAMES: readonly string[] = [
  ...["HOPOPT", "ICMP", "IGMP", "GGP", "IPv4", "ST", "TCP", "CBT"], // 0
  ...["EGP", "IGP", "BBN-RCC-MON", "NVP-II", "PUP", "ARGUS", "EMCON", "XNET"], // 8
  ...["CHAOS", "UDP", "MUX", "DCN-MEAS", "HMP", "PRM", "XNS-IDP", "TRUNK-1"], // 16
  ...["TRUNK-2", "LEAF-1", "LEAF-2", "RDP", "IRTP", "ISO-TP4", "NETBLT", "MFE-NSP"], // 24
  ...["MERIT-INP", "DCCP", "3PC", "IDPR", "XTP", "DDP", "IDPR-CMTP", "TP++"], // 32
  ...["IL", "IPv6", "SDRP", "IPv6-Route", "IPv6-Frag", "IDRP", "RSVP", "GRE"], // 40
  ...["DSR", "BNA", "ESP", "AH", "I-NLSP", "SWIPE", "NARP", "Min-IPv4"], // 48
  ...["TLSP", "SKIP", "ICMPv6", "IPv6-NoNxt", "IPv6-Opts", "", "CFTP", ""], // 56
  ...["SAT-EXPAK", "KRYPTOLAN", "RVD", "IPPC", "", "SAT-MON", "VISA", "IPCV"], // 64
  ...["CPNX", "CPHB", "WSN", "PVP", "BR-SAT-MON", "SUN-ND", "WB-MON", "WB-EXPAK"], // 72
  ...["ISO-IP", "VMTP", "SECURE-VMTP", "VINES", "IPTM", "NSFNET-IGP", "DGP", "TCF"], // 80
  ...["EIGRP", "OSPFIGP", "Sprite-RPC", "LARP", "MTP", "AX.25", "IPIP", "MICP"], // 88
  ...["SCC-SP", "ETHERIP", "ENCAP", "", "GMTP", "IFMP", "PNNI", "PIM"], // 96
  ...["ARIS", "SCPS", "QNX", "A/N", "IPComp", "SNP", "Compaq-Peer", "IPX-in-IP"], // 104
  ...["VRRP", "PGM", "", "L2TP", "DDX", "IATP", "STP", "SRP"], // 112
  ...["UTI", "SMP", "SM", "PTP", "ISIS-over-IPv4", "FIRE", "CRTP", "CRUDP"], // 120
  ...["SSCOPMCE", "IPLT", "SPS", "PIPE", "SCTP", "FC", "RSVP-E2E-IGNORE", "Mobility-Header"], // 128
  ...["UDPLite", "MPLS-in-IP", "manet", "HIP", "Shim6", "WESP", "ROHC", "Ethernet"], // 136
  ...["AGGFRAG", "NSH", "Homa", "BIT-EMU"], // 144
];

/**
 * Name of an IP protocol; a number without a keyword is `IP-<n>`.
 *
 * @param protocol 0-255, `Protocol` of IPv4 or the last `Next Header` of IPv6
 */
export function ipProtocolName(protocol: number): string {
  return NAMES[protocol] || `IP-${protocol}`;
}
