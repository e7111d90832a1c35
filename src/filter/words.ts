/**
 * The words of the language, and what is said about those of tcpdump that cannot be answered from
 * recorded headers.
 *
 * @module
 */

/** Words for a protocol above Ethernet, with its number: those that stand for IPv4 and IPv6 alike. */
const IP_PROTOCOLS = { tcp: 6, udp: 17, sctp: 132, ah: 51, esp: 50, pim: 103 } as const;

/** Those that stand for IPv4 only: pcap-filter(7). */
const IPV4_PROTOCOLS = { icmp: 1, igmp: 2, igrp: 9, vrrp: 112, carp: 112 } as const;

/** Words for an EtherType. */
const ETHERTYPES = {
  arp: 0x0806,
  rarp: 0x8035,
  atalk: 0x809b,
  aarp: 0x80f3,
  decnet: 0x6003,
  lat: 0x6004,
  moprc: 0x6002,
  mopdl: 0x6001,
  sca: 0x6007,
} as const;

/** Words that name a protocol, and stand for "it is that" alone. */
export type Protocol = "ether" | "ip" | "ip6" | "icmp6" | NumberedProtocol | TypedProtocol;
export type NumberedProtocol = keyof typeof IP_PROTOCOLS | keyof typeof IPV4_PROTOCOLS;
export type TypedProtocol = keyof typeof ETHERTYPES;

/** EtherTypes of IP. */
export const ETHERTYPE_OF_VERSION = { 4: 0x0800, 6: 0x86dd } as const;

/** Protocols whose ports `port` means when none is named: pcap-filter(7). */
export const PROTOCOLS_WITH_PORTS = { tcp: 6, udp: 17, sctp: 132 } as const;

/** The number of a protocol above IP, and the version it belongs to; null = both. */
export function ipProtocol(word: string): { number: number; version: 4 | 6 | null } | undefined {
  if (word === "icmp6") return { number: 58, version: 6 };
  const either = own(IP_PROTOCOLS, word);
  if (either !== undefined) return { number: either, version: null };
  const number = own(IPV4_PROTOCOLS, word);
  return number === undefined ? undefined : { number, version: 4 };
}

/** EtherType that a word stands for; undefined if it stands for none. */
export function ethertypeOf(word: string): number | undefined {
  if (word === "ip") return ETHERTYPE_OF_VERSION[4];
  if (word === "ip6") return ETHERTYPE_OF_VERSION[6];
  if (word === "loopback") return 0x9000;
  return own(ETHERTYPES, word);
}

/** The word for a protocol that `word` is a spelling of; undefined if there is none. */
export function protocolWord(word: string): Protocol | undefined {
  if (word === "link") return "ether";
  const known = ["ether", "ip", "ip6"].includes(word) || ipProtocol(word) !== undefined ||
    own(ETHERTYPES, word) !== undefined;
  return known ? word as Protocol : undefined;
}

/** Words that stand for a number: fields by their offset, types and flags by their value. */
export const NUMBERS: Readonly<Record<string, number>> = {
  tcpflags: 13,
  "tcp-fin": 0x01,
  "tcp-syn": 0x02,
  "tcp-rst": 0x04,
  "tcp-push": 0x08,
  "tcp-ack": 0x10,
  "tcp-urg": 0x20,
  "tcp-ece": 0x40,
  "tcp-cwr": 0x80,
  icmptype: 0,
  icmpcode: 1,
  icmp6type: 0,
  icmp6code: 1,
  "icmp-echoreply": 0,
  "icmp-unreach": 3,
  "icmp-sourcequench": 4,
  "icmp-redirect": 5,
  "icmp-echo": 8,
  "icmp-routeradvert": 9,
  "icmp-routersolicit": 10,
  "icmp-timxceed": 11,
  "icmp-paramprob": 12,
  "icmp-tstamp": 13,
  "icmp-tstampreply": 14,
  "icmp-ireq": 15,
  "icmp-ireqreply": 16,
  "icmp-maskreq": 17,
  "icmp-maskreply": 18,
  "icmp6-destinationunreach": 1,
  "icmp6-packettoobig": 2,
  "icmp6-timeexceeded": 3,
  "icmp6-parameterproblem": 4,
  "icmp6-echo": 128,
  "icmp6-echoreply": 129,
  "icmp6-multicastlistenerquery": 130,
  "icmp6-multicastlistenerreportv1": 131,
  "icmp6-multicastlistenerdone": 132,
  "icmp6-routersolicit": 133,
  "icmp6-routeradvert": 134,
  "icmp6-neighborsolicit": 135,
  "icmp6-neighboradvert": 136,
  "icmp6-redirect": 137,
  "icmp6-routerrenum": 138,
  "icmp6-nodeinformationquery": 139,
  "icmp6-nodeinformationresponse": 140,
  "icmp6-ineighbordiscoverysolicit": 141,
  "icmp6-ineighbordiscoveryadvert": 142,
  "icmp6-multicastlistenerreportv2": 143,
  "icmp6-homeagentdiscoveryrequest": 144,
  "icmp6-homeagentdiscoveryreply": 145,
  "icmp6-mobileprefixsolicit": 146,
  "icmp6-mobileprefixadvert": 147,
  "icmp6-certpathsolicit": 148,
  "icmp6-certpathadvert": 149,
  "icmp6-multicastrouteradvert": 151,
  "icmp6-multicastroutersolicit": 152,
  "icmp6-multicastrouterterm": 153,
};

/** Words for a field that can stand in a relation, and its column. */
export const FIELDS = {
  len: "packet_length",
  ttl: "ttl",
  dscp: "dscp",
} as const;

/** Words between primitives and within them, beside those for protocols, fields and numbers. */
const OTHER_WORDS = [
  ...["and", "or", "not", "src", "dst", "host", "net", "mask", "port", "portrange", "proto"],
  ...["broadcast", "multicast", "less", "greater", "vlan", "mpls", "pppoed", "pppoes"],
  ...["inbound", "outbound", "in", "out", "interface", "fragment"],
];

/** Words that tcpdump knows and that are refused: with the reason, and with what to write instead. */
const REFUSED: Readonly<Record<string, readonly [reason: string, hint?: string]>> = {
  gateway: [
    "the addresses of a router are not in the packet",
    'Write "ether host MAC and not host ADDRESS"',
  ],
  protochain: [
    "the chain of IPv6 headers is not recorded",
    'Write "proto" for what stands behind it',
  ],
  llc: ["the fields of LLC are not recorded"],
  iso: ["the fields of LLC are not recorded"],
  stp: ["the fields of LLC are not recorded"],
  netbeui: ["the fields of LLC are not recorded"],
  ipx: ["the fields of LLC are not recorded", 'Write "ether proto 0x8137" for IPX in Ethernet II'],
  geneve: ["what is inside a tunnel is not recorded", 'Write "udp dst port 6081" for the tunnel'],
  vxlan: ["what is inside a tunnel is not recorded", 'Write "udp dst port 4789" for the tunnel'],
  clnp: ["the fields of OSI protocols are not recorded"],
  esis: ["the fields of OSI protocols are not recorded"],
  isis: ["the fields of OSI protocols are not recorded"],
  wlan: ["only Ethernet is recorded", 'Write "ether"'],
  fddi: ["only Ethernet is recorded", 'Write "ether"'],
  tr: ["only Ethernet is recorded", 'Write "ether"'],
  ppp: ["only Ethernet is recorded", 'Write "ether"'],
  slip: ["only Ethernet is recorded", 'Write "ether"'],
  radio: ["only Ethernet is recorded"],
  ifname: ["only a packet filter of BSD knows it", 'Write "interface"'],
};

/** Why a word of tcpdump is refused, and what to write instead; undefined if it is not. */
export function refusal(word: string): readonly [reason: string, hint?: string] | undefined {
  return own(REFUSED, word);
}

/** Words that may be meant where one is expected, for suggestions. */
export const ALL_WORDS: readonly string[] = [
  ...OTHER_WORDS,
  ...["ether", "link", "ip", "ip6", "icmp6"],
  ...Object.keys({ ...IP_PROTOCOLS, ...IPV4_PROTOCOLS, ...ETHERTYPES, ...FIELDS, ...NUMBERS }),
];

const WORDS = new Set(ALL_WORDS);

/** Whether a word has a meaning of its own, so that it can name no host, port or protocol. */
export function isWord(text: string): boolean {
  return WORDS.has(text);
}

/** Value of an own property: a text such as "constructor" names nothing. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
