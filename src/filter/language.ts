/**
 * The language of filters, for the manual page and REFERENCE.md. A test takes every expression out of
 * it and gives it to the parser.
 *
 * @module
 */

/** What can be written, and what it means. Expressions stand between backticks. */
export const FILTER_WORDS: readonly (readonly [written: string, meaning: string])[] = [
  [
    "host, net",
    "an address at either end: `host 192.0.2.1`, `net 10.0.0.0/8`, `net 10`, `net 192.168.1`, " +
    "`net 10.0.0.0 mask 255.0.0.0`, `net 2001:db8::/32`. Before them may stand `ip` or `ip6`, and " +
    "the end that is meant: `src host ::1`, `dst net 10/8`, `src and dst net 10/8`, `src 10.0.0.1`. " +
    "Names of hosts are looked up with `--resolve`, by the system, once.",
  ],
  [
    "port, portrange",
    "a port of TCP, UDP or SCTP, by number or name: `port 53`, `tcp dst port https`, " +
    "`udp portrange 6000-6100`",
  ],
  [
    "ether",
    "addresses and type of Ethernet: `ether host 02:00:5e:10:00:01`, `ether src 0200.5e10.0001`, " +
    "`ether proto 0x88cc`. Packets without an Ethernet header, as those of a tunnel, match none of them.",
  ],
  [
    "proto",
    "the protocol above IP, for IPv6 that behind extension headers: `proto 89`, `ip proto gre`, " +
    "`ip6 proto udp`",
  ],
  [
    "a protocol alone",
    "`ip`, `ip6`, `arp`, `rarp`, `tcp`, `udp`, `sctp`, `icmp`, `icmp6`, `igmp`, `pim`, `vrrp`, `ah`, " +
    "`esp`, `mpls`, `pppoed`, `pppoes`",
  ],
  ["vlan", "a tagged packet, or one of this VLAN by the outer tag: `vlan`, `vlan 10`"],
  [
    "broadcast, multicast",
    "by the destination: `broadcast`, `multicast` of Ethernet, `ip multicast`, `ip6 multicast`",
  ],
  ["less, greater", "the length, which counts as well: `less 100`, `greater 1500`"],
  [
    "in, out, interface",
    "where the packet was seen: `in`, `out`, `interface eth0.10`; `inbound` and `outbound` are the " +
    "same as in and out. Only this program has them, and the next ones.",
  ],
  ["ttl, dscp, fragment", "`ttl < 5`, `ttl 64`, `dscp 46`; `fragment` is a part of a datagram"],
  [
    "comparisons",
    "`tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn`, `icmp[icmptype] != icmp-echo`, `ip[8] < 5`, " +
    "`len > 1000`. On both sides can stand numbers, `+ - * / % & | ^ << >>`, parentheses, `len`, " +
    "`ttl`, `dscp`, and bytes of headers as `tcp[4:4]`, as far as they are recorded: those of " +
    "addresses, ports, `tcp` 4 to 11 and 13 to 15, `ip` 1, 8 and 9, `ip6` 7, `icmp` and `icmp6` 0 " +
    "and 1. Not true of a packet that has no such header.",
  ],
  [
    "and, or, not",
    "also `&&`, `||`, `!`. `not` binds strongest; the other two bind alike and from the left: " +
    "`tcp or udp and port 53` is `(tcp or udp) and port 53`. A name or number that has no words of its " +
    "own has those of the one before: `tcp port 80 or 443`, `host 10.0.0.1 and not 10.0.0.2`, " +
    "`port (53 or 853)`.",
  ],
];

/** What tcpdump answers otherwise, or not at all. */
export const FILTER_DIFFERENCES: readonly (readonly [what: string, difference: string])[] = [
  [
    "VLAN tags",
    "Every word looks behind up to eight tags, where tcpdump finds a header only after `vlan`, and " +
    "`vlan` changes nothing for the words behind it. Only the outer tag is recorded, so that `vlan` " +
    "cannot be asked for twice.",
  ],
  [
    "IPv6 extension headers",
    "`tcp`, `port`, `proto` and the rest find what stands behind them; tcpdump looks at the first " +
    "header. So `ip6 proto` of an extension header matches only a packet that was cut off there.",
  ],
  ["IPv6 and offsets", "`tcp[13]` and the like hold for IPv6, too; in tcpdump they do not."],
  [
    "Fragments",
    "The parts of a datagram behind the first have no ports, as in tcpdump; this holds for IPv6 as well.",
  ],
  [
    "ARP",
    "`host` and `net` do not look into ARP, whose addresses are not recorded.",
  ],
  [
    "Headers that are cut off",
    "tcpdump tests the bytes that are there; here a packet has a header if all of it is there. A packet " +
    "that is too short makes the whole expression of tcpdump false; here the one comparison.",
  ],
  [
    "LLC and PPPoE",
    "IP behind SNAP and behind PPPoE is found as such; `ip` and `ip6` match it.",
  ],
  [
    "Refused",
    "what would need bytes that are not recorded: payload, options, `ip[0]`, `ip[6:2]` (write " +
    "`fragment`), `ip broadcast`, `gateway`, `protochain`, labels of MPLS, tunnels; names of nets " +
    "and of MAC addresses.",
  ],
];
