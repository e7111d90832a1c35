/**
 * Names of ICMP types and codes: IANA, "Internet Control Message Protocol (ICMP) Parameters" and "Internet
 * Control Message Protocol version 6 (ICMPv6) Parameters".
 *
 * @module
 */

/** A type, and those of its codes that have a name. */
export interface IcmpType {
  readonly name: string;
  readonly codes?: Readonly<Record<number, string>>;
}

/** RFC 792, RFC 950, RFC 1122 (3.2.2), RFC 1256, RFC 1812 (5.2.7), RFC 8335. */
export const ICMP_TYPES: Readonly<Record<number, IcmpType>> = {
  0: { name: "echo reply" },
  3: {
    name: "destination unreachable",
    codes: {
      0: "net unreachable",
      1: "host unreachable",
      2: "protocol unreachable",
      3: "port unreachable",
      4: "fragmentation needed",
      5: "source route failed",
      6: "network unknown",
      7: "host unknown",
      8: "source host isolated",
      9: "network prohibited",
      10: "host prohibited",
      11: "network unreachable for TOS",
      12: "host unreachable for TOS",
      13: "administratively prohibited",
      14: "host precedence violation",
      15: "precedence cutoff",
    },
  },
  4: { name: "source quench" },
  5: {
    name: "redirect",
    codes: { 0: "for network", 1: "for host", 2: "for TOS and network", 3: "for TOS and host" },
  },
  8: { name: "echo request" },
  9: { name: "router advertisement" },
  10: { name: "router solicitation" },
  11: {
    name: "time exceeded",
    codes: { 0: "TTL exceeded in transit", 1: "fragment reassembly" },
  },
  12: {
    name: "parameter problem",
    codes: { 0: "at pointer", 1: "option missing", 2: "bad length" },
  },
  13: { name: "timestamp request" },
  14: { name: "timestamp reply" },
  15: { name: "information request" },
  16: { name: "information reply" },
  17: { name: "address mask request" },
  18: { name: "address mask reply" },
  42: { name: "extended echo request" },
  43: { name: "extended echo reply" },
};

/** RFC 4443, RFC 2710, RFC 4861, RFC 9777, RFC 8335. */
export const ICMPV6_TYPES: Readonly<Record<number, IcmpType>> = {
  1: {
    name: "destination unreachable",
    codes: {
      0: "no route",
      1: "administratively prohibited",
      2: "beyond scope of source",
      3: "address unreachable",
      4: "port unreachable",
      5: "source address failed policy",
      6: "reject route",
    },
  },
  2: { name: "packet too big" },
  3: {
    name: "time exceeded",
    codes: { 0: "hop limit exceeded", 1: "fragment reassembly" },
  },
  4: {
    name: "parameter problem",
    codes: { 0: "erroneous header", 1: "unknown next header", 2: "unknown option" },
  },
  128: { name: "echo request" },
  129: { name: "echo reply" },
  130: { name: "multicast listener query" },
  131: { name: "multicast listener report" },
  132: { name: "multicast listener done" },
  133: { name: "router solicitation" },
  134: { name: "router advertisement" },
  135: { name: "neighbor solicitation" },
  136: { name: "neighbor advertisement" },
  137: { name: "redirect" },
  143: { name: "multicast listener report v2" },
  160: { name: "extended echo request" },
  161: { name: "extended echo reply" },
};
