/**
 * The fields of packets that tshark is asked for, and its answers.
 *
 * @module
 */
import { check } from "./child_process.ts";

const FIELDS = [
  "frame.time_epoch",
  "frame.len",
  "frame.protocols",
  "eth.dst",
  "eth.src",
  "eth.type",
  "eth.len",
  "eth.invalid_lentype",
  "vlan.id",
  "ieee8021ad.id",
  "vlan.etype",
  "vlan.len",
  "llc.oui",
  "llc.type",
  "pppoe.payload_length",
  "ppp.protocol",
  "ip.version",
  "ip.src",
  "ip.dst",
  "ip.proto",
  "ip.ttl",
  "ip.hdr_len",
  "ip.len",
  "ip.dsfield.dscp",
  "ip.dsfield.ecn",
  "ip.flags.mf",
  "ip.frag_offset",
  "ipv6.version",
  "ipv6.src",
  "ipv6.dst",
  "ipv6.nxt",
  "ipv6.hlim",
  "ipv6.plen",
  "ipv6.opt.jumbo",
  "ipv6.tclass.dscp",
  "ipv6.tclass.ecn",
  "ipv6.hopopts.nxt",
  "ipv6.hopopts.len",
  "ipv6.routing.nxt",
  "ipv6.routing.len",
  "ipv6.dstopts.nxt",
  "ipv6.dstopts.len",
  "ah.next_header",
  "ah.length",
  "mip6.proto",
  "mip6.hlen",
  "ipv6.fraghdr.nxt",
  "ipv6.fraghdr.offset",
  "ipv6.fraghdr.more",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.flags",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.window_size_value",
  "tcp.hdr_len",
  "udp.srcport",
  "udp.dstport",
  "sctp.srcport",
  "sctp.dstport",
  "dccp.srcport",
  "dccp.dstport",
  "icmp.type",
  "icmp.code",
  "icmpv6.type",
  "icmpv6.code",
] as const;

/** Name of a field that is asked of tshark. */
export type Field = (typeof FIELDS)[number];

/** Every packet stands for itself: no reassembly, and no value that tshark works out from others. */
const PREFERENCES = [
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tcp.relative_sequence_numbers:FALSE",
  "ip.tso_support:FALSE",
];

/** What tshark says of one packet. */
export class Dissection {
  readonly #words: readonly string[];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** All occurrences of `field` in the order of the packet, outermost header first. */
  all(field: Field): string[] {
    const word = this.#words[FIELDS.indexOf(field)] ?? "";
    return word.split(",").filter((it) => it !== "");
  }

  /** The outermost occurrence, or null. */
  text(field: Field): string | null {
    return this.all(field)[0] ?? null;
  }

  /** The outermost occurrence as a number; a boolean is 1 or 0. */
  number(field: Field): number | null {
    return numberOf(this.all(field)[0]);
  }
}

/** A field's text as a number; null when it is not there. */
export function numberOf(word: string | undefined): number | null {
  if (word === undefined) return null;
  if (word === "True" || word === "False") return word === "True" ? 1 : 0;
  return Number(word);
}

/** Dissects the packets of the pcap file `path`, in file order. */
export async function dissect(path: string): Promise<Dissection[]> {
  const text = await check([
    ...["tshark", "-r", path, "-n", "-T", "fields"],
    // All occurrences: of tags and extension headers there may be several. Otherwise the first counts:
    // a tunnel carries other headers, an ICMP error that of the packet it is about.
    ...["-E", "occurrence=a", "-E", "aggregator=,", "-E", "separator=/t"],
    ...PREFERENCES.flatMap((preference) => ["-o", preference]),
    ...FIELDS.flatMap((field) => ["-e", field]),
  ], { env: { TZ: "UTC" } });
  return text.split("\n").filter((line) => line !== "").map((line) =>
    new Dissection(line.split("\t"))
  );
}
