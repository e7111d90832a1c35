/**
 * The network layer of a packet as tshark dissects it, under the contract of the Parquet columns.
 *
 * tshark gives the values. The contract adds what is kept of a header that is not all there, and how
 * many extension headers are followed.
 *
 * @module
 */
import type { Dissection, Field } from "./tshark_fields.ts";

export interface Network {
  readonly version: 4 | 6;
  readonly source: string | null;
  readonly destination: string | null;
  /** Of the first header that is not followed. */
  readonly protocol: number | null;
  readonly ttl: number | null;
  readonly dscp: number | null;
  readonly ecn: number | null;
  readonly fragment: boolean;
  /**
   * Bytes that lie behind the network headers, within both the datagram and the frame; null where
   * they are no layer 4 header: in a later fragment, behind a chain that was not followed to its end.
   */
  readonly transportBytes: number | null;
  /** Whether the frame holds the datagram to the end that its length field claims. */
  readonly whole: boolean;
}

/** Extension headers that the contract follows; tshark follows all. */
const MAX_EXTENSIONS = 8;
const FRAGMENT_HEADER = 44;

interface ExtensionFields {
  readonly next: Field;
  readonly length: Field | null;
  /** Bytes of the header from its length field. */
  readonly bytes: (length: number) => number;
}

const inWordsOf8 = (length: number) => (length + 1) * 8; // RFC 8200, 4.3

/** By the number of the header: RFC 8200, 4; RFC 4302, 2.2; RFC 6275, 6.1. */
const EXTENSIONS: ReadonlyMap<number, ExtensionFields> = new Map<number, ExtensionFields>([
  [0, { next: "ipv6.hopopts.nxt", length: "ipv6.hopopts.len", bytes: inWordsOf8 }],
  [43, { next: "ipv6.routing.nxt", length: "ipv6.routing.len", bytes: inWordsOf8 }],
  [FRAGMENT_HEADER, { next: "ipv6.fraghdr.nxt", length: null, bytes: () => 8 }],
  [51, { next: "ah.next_header", length: "ah.length", bytes: (length) => (length + 2) * 4 }],
  [60, { next: "ipv6.dstopts.nxt", length: "ipv6.dstopts.len", bytes: inWordsOf8 }],
  [135, { next: "mip6.proto", length: "mip6.hlen", bytes: inWordsOf8 }],
]);

/** The network layer behind `linkBytes` bytes; null if that is no whole header of the right version. */
export function networkOf(
  packet: Dissection,
  ethertype: number | null,
  linkBytes: number,
): Network | null {
  if (ethertype === 0x0800) return ipv4Of(packet, linkBytes);
  return ethertype === 0x86dd ? ipv6Of(packet, linkBytes) : null;
}

function ipv4Of(packet: Dissection, start: number): Network | null {
  const destination = packet.text("ip.dst");
  if (packet.number("ip.version") !== 4 || destination === null) return null;
  const offset = packet.number("ip.frag_offset") ?? 0;
  const frameEnd = packet.number("frame.len")!;
  const end = start + packet.number("ip.len")!;
  return {
    version: 4,
    source: packet.text("ip.src"),
    destination,
    protocol: packet.number("ip.proto"),
    ttl: packet.number("ip.ttl"),
    dscp: packet.number("ip.dsfield.dscp"),
    ecn: packet.number("ip.dsfield.ecn"),
    fragment: offset !== 0 || packet.number("ip.flags.mf") === 1,
    transportBytes: offset !== 0
      ? null
      : Math.min(end, frameEnd) - start - packet.number("ip.hdr_len")!,
    whole: end <= frameEnd,
  };
}

function ipv6Of(packet: Dissection, start: number): Network | null {
  const destination = packet.text("ipv6.dst");
  if (packet.number("ipv6.version") !== 6 || destination === null) return null;
  const frameEnd = packet.number("frame.len")!;
  const end = start + 40 + ipv6Length(packet);
  const chain = chainOf(packet, start + 40, Math.min(end, frameEnd));
  return {
    version: 6,
    source: packet.text("ipv6.src"),
    destination,
    protocol: chain.protocol,
    ttl: packet.number("ipv6.hlim"),
    dscp: packet.number("ipv6.tclass.dscp"),
    ecn: packet.number("ipv6.tclass.ecn"),
    fragment: chain.fragment,
    transportBytes: chain.followed ? Math.min(end, frameEnd) - chain.offset : null,
    whole: end <= frameEnd,
  };
}

/** Of a jumbogram by its option, which is wrong on less than 64 KiB: RFC 2675, 3. */
function ipv6Length(packet: Dissection): number {
  const length = packet.number("ipv6.plen")!;
  const jumbo = packet.number("ipv6.opt.jumbo") ?? 0;
  return length === 0 && jumbo > 0xffff ? jumbo : length;
}

interface Chain {
  readonly protocol: number | null;
  readonly offset: number;
  readonly fragment: boolean;
  /** Whether layer 4 is at `offset`. */
  readonly followed: boolean;
}

/** From the fixed header to the first one that is not followed; only what lies before `end` is. */
function chainOf(packet: Dissection, start: number, end: number): Chain {
  const seen = new Map<Field, number>();
  let protocol = packet.number("ipv6.nxt");
  let offset = start;
  let fragment = false;
  for (let count = 0;; count++) {
    const fields = protocol === null ? undefined : EXTENSIONS.get(protocol);
    if (fields === undefined) return { protocol, offset, fragment, followed: true };
    // The n-th header of a kind has the n-th value of its fields.
    const index = seen.get(fields.next) ?? 0;
    seen.set(fields.next, index + 1);
    const next = packet.all(fields.next)[index];
    const length = fields.length === null ? "0" : packet.all(fields.length)[index];
    const stopped = { protocol, offset, fragment, followed: false };
    if (count === MAX_EXTENSIONS || next === undefined || length === undefined) return stopped;
    if (protocol === FRAGMENT_HEADER && offset + 8 <= end) {
      const first = Number(packet.all("ipv6.fraghdr.offset")[index]) === 0;
      const more = packet.all("ipv6.fraghdr.more")[index];
      fragment ||= !first || more === "1" || more === "True";
      if (!first) return { ...stopped, protocol: Number(next), fragment };
    }
    offset += fields.bytes(Number(length));
    if (offset > end) return stopped;
    protocol = Number(next);
  }
}
