/**
 * The functions that `sql` has beside DuckDB's, as they are shown to people.
 *
 * @module
 */

/** A function, for those who ask what there is. */
export interface Macro {
  readonly name: string;
  /** How it is called. */
  readonly usage: string;
  /** What it gives, as a phrase without a final period. */
  readonly help: string;
}

/** Those that are made when a query calls one. */
export const MACROS: readonly Macro[] = [
  {
    name: "in_net",
    usage: "in_net(ip, '10.0.0.0/8')",
    help: "whether an address is in a net, or is the one that is written; IPv4 or IPv6",
  },
  {
    name: "subnet",
    usage: "subnet(ip, 24, 64)",
    help:
      "the net of an address, by the length of the prefix of IPv4 (24 unless given) and IPv6 (64)",
  },
  {
    name: "service",
    usage: "service(destination_port, protocol)",
    help: "the name that IANA has for a port of TCP, UDP, SCTP or DCCP; NULL if it has none",
  },
  {
    name: "has_flags",
    usage: "has_flags(tcp_flags, 'SYN,ACK')",
    help: "whether all these flags are set: FIN SYN RST PSH ACK URG ECE CWR",
  },
];

/** Those that are made together with the views. */
const SUMS: readonly Macro[] = [
  {
    name: "sum_packets",
    usage: "sum_packets(sample_rate)",
    help: "packets, scaled where a recording is sampled",
  },
  {
    name: "sum_bytes",
    usage: "sum_bytes(packet_length, sample_rate)",
    help: "bytes, scaled likewise",
  },
];

/** All that a query can call. */
export const FUNCTIONS: readonly Macro[] = [...MACROS, ...SUMS];
