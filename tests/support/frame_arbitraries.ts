/**
 * Frames for property tests: built header by header, any of which may lie, then cut or padded.
 *
 * @module
 */
import fc, { type Arbitrary } from "fast-check";

import { ipv4 } from "./frames/ipv4.ts";
import { ipv6, jumboHeader } from "./frames/ipv6.ts";
import { ETHERTYPE, pppoe, snap } from "./frames/link.ts";
import { concat, filler, octets, padTo, u16 } from "./frames/octets.ts";
import { PROTOCOL } from "./frames/transport.ts";

/** How much of a frame is true. */
export type Honesty = "good" | "any";

/** More than is followed. */
const MAX_EXTENSIONS = 11;
const MAX_TAGS = 10;
const MAX_OPTION_WORDS = 10;

const TRANSPORTS = [
  ...[PROTOCOL.TCP, PROTOCOL.TCP, PROTOCOL.UDP, PROTOCOL.ICMP, PROTOCOL.ICMPV6],
  ...[PROTOCOL.UDPLITE, PROTOCOL.SCTP, PROTOCOL.DCCP, PROTOCOL.GRE, PROTOCOL.ESP],
  PROTOCOL.NO_NEXT,
];

/** Lengths in a jumbogram's option: right for a packet of that size, and too small for any. */
const JUMBO_LENGTHS = [0, 0xffff, 0x1_0000, 70_000, 0x7fff_ffff, 0xffff_ffff];

const EXTENSIONS = [
  ...[PROTOCOL.HOP_BY_HOP, PROTOCOL.ROUTING, PROTOCOL.DESTINATION, PROTOCOL.MOBILITY],
  ...[PROTOCOL.FRAGMENT, PROTOCOL.AUTHENTICATION],
];

function bytes(length: number): Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** `truth`, or a lie: near it, at an edge, or anything, all below `bound`. */
function claim(truth: number, bound: number, honesty: Honesty): Arbitrary<number> {
  if (honesty === "good") return fc.constant(truth);
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(truth) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: -9, max: 9 }).map((by) => Math.max(0, truth + by) % bound),
    },
    { weight: 1, arbitrary: fc.constantFrom(0, bound - 1) },
    { weight: 1, arbitrary: fc.nat(bound - 1) },
  );
}

/** A number that is mostly one of `usual`. */
function number8(usual: readonly number[], honesty: Honesty): Arbitrary<number> {
  const known = fc.constantFrom(...usual);
  if (honesty === "good") return known;
  return fc.oneof({ weight: 15, arbitrary: known }, { weight: 1, arbitrary: fc.nat(255) });
}

/** Mostly a whole packet or a first fragment; else a later one, also of the least and highest bit. */
function fragmentOffset(): Arbitrary<number> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.constantFrom(1, 0x1000, 0x1fff) },
    { weight: 1, arbitrary: fc.nat(0x1fff) },
  );
}

/** A transport header and its payload: any bytes, but for TCP a header length that is mostly true. */
function segment(protocol: number, honesty: Honesty): Arbitrary<Uint8Array> {
  const payload = fc.oneof(
    { weight: 9, arbitrary: fc.nat(40) },
    { weight: 1, arbitrary: fc.nat(honesty === "good" ? 1400 : 9000) },
  ).map(filler);
  if (protocol !== PROTOCOL.TCP) {
    return fc.tuple(bytes(16), payload).map((parts) => concat(...parts));
  }
  return fc.nat(MAX_OPTION_WORDS).chain((optionWords) =>
    fc.tuple(bytes(20), claim(5 + optionWords, 16, honesty), payload)
      .map(([start, words, data]) => {
        const header = start.slice();
        header[12] = words << 4 | start[12]! & 15;
        return concat(header, filler(4 * optionWords), data);
      })
  );
}

function ipv4Packet(honesty: Honesty): Arbitrary<Uint8Array> {
  return fc.record({
    protocol: number8(TRANSPORTS, honesty),
    optionWords: fc.oneof(fc.constant(0), fc.nat(MAX_OPTION_WORDS)),
    fragmentOffset: fragmentOffset(),
    moreFragments: fc.nat(5).map((n) => n === 5),
    doNotFragment: fc.boolean(),
    trafficClass: fc.nat(255),
    ttl: fc.nat(255),
    source: bytes(4).map((address) => address.toHex()),
    destination: bytes(4).map((address) => address.toHex()),
  }).chain(({ optionWords, ...fields }) =>
    segment(fields.protocol, honesty).chain((payload) =>
      fc.record({
        totalLength: claim(20 + 4 * optionWords + payload.length, 0x1_0000, honesty),
        headerWords: claim(5 + optionWords, 16, honesty),
        version: claim(4, 16, honesty),
      }).map((lies) => ipv4({ ...fields, ...lies, optionBytes: 4 * optionWords }, payload))
    )
  );
}

interface Extension {
  readonly kind: number;
  /** The whole header; its first byte, the number of the next one, is filled in later. */
  readonly header: Uint8Array;
}

function extension(honesty: Honesty): Arbitrary<Extension> {
  return number8(EXTENSIONS, honesty).chain((kind) => {
    const size = kind === PROTOCOL.FRAGMENT
      ? fc.constant(8)
      : kind === PROTOCOL.AUTHENTICATION
      ? fc.constantFrom(12, 16, 24)
      : fc.constantFrom(8, 8, 8, 16, 40);
    return size.chain((length) => {
      const truth = kind === PROTOCOL.AUTHENTICATION ? length / 4 - 2 : length / 8 - 1;
      return fc.tuple(bytes(length), claim(truth, 256, honesty), fragmentOffset(), fc.nat(7))
        .map(([content, claimed, offset, reservedAndMore]) => {
          const header = content.slice();
          header[1] = claimed;
          if (kind === PROTOCOL.FRAGMENT) {
            header.set(u16(offset << 3 | reservedAndMore), 2);
          }
          return { kind, header };
        });
    });
  });
}

function ipv6Packet(honesty: Honesty): Arbitrary<Uint8Array> {
  return fc.record({
    extensions: fc.oneof(
      fc.constant<Extension[]>([]),
      fc.array(extension(honesty), { maxLength: 3 }),
      // One lie would hide the rest of a long chain.
      fc.array(extension("good"), { minLength: 7, maxLength: MAX_EXTENSIONS }),
    ),
    last: number8(TRANSPORTS, honesty),
    hopLimit: fc.nat(255),
    trafficClass: fc.nat(255),
    flowLabel: fc.nat(0xfffff),
    source: bytes(16).map((address) => address.toHex()),
    destination: bytes(16).map((address) => address.toHex()),
  }).chain(({ extensions, last, ...fields }) =>
    segment(last, honesty).chain((payload) => {
      const kinds = [...extensions.map(({ kind }) => kind), last];
      const headers = extensions.map(({ header }, index) =>
        concat(octets(kinds[index + 1]!), header.subarray(1))
      );
      const content = concat(...headers, payload);
      const plain = fc.record({
        payloadLength: claim(content.length, 0x1_0000, honesty),
        version: claim(6, 16, honesty),
      }).map((lies) => ipv6({ ...fields, ...lies, next: kinds[0]! }, content));
      const jumbogram = fc.constantFrom(...JUMBO_LENGTHS).map((length) =>
        ipv6(
          { ...fields, payloadLength: 0, next: PROTOCOL.HOP_BY_HOP },
          jumboHeader(kinds[0]!, length),
          content,
        )
      );
      if (honesty === "good") return plain;
      return fc.oneof({ weight: 15, arbitrary: plain }, { weight: 1, arbitrary: jumbogram });
    })
  );
}

/** An EtherType, or a length in its place, and what follows it. */
interface Typed {
  readonly type: number;
  readonly content: Uint8Array;
}

/** PPP's numbers of IP, also compressed, and of something else. */
const PPP_NUMBERS: Readonly<Record<number, readonly string[]>> = {
  [ETHERTYPE.IPV4]: ["0021", "0021", "21"],
  [ETHERTYPE.IPV6]: ["0057", "0057", "57"],
};

function inPppoe(type: number, packet: Uint8Array, honesty: Honesty): Arbitrary<Typed> {
  return fc.constantFrom(...PPP_NUMBERS[type] ?? ["c021", "c0"]).chain((number) =>
    fc.record({
      length: claim(number.length / 2 + packet.length, 0x1_0000, honesty),
      versionAndType: claim(0x11, 256, honesty),
      code: claim(0, 256, honesty),
    }).map((lies) => ({ type: ETHERTYPE.PPPOE, content: pppoe(number, packet, lies) }))
  );
}

function inSnap({ type, content }: Typed, honesty: Honesty): Arbitrary<Typed> {
  const organization = fc.constantFrom("000000", "000000", "0000f8", "00000c");
  const length = claim(Math.min(8 + content.length, 0x05ff), 0x0600, honesty);
  return fc.tuple(organization, length).map(([owner, claimed]) => ({
    type: claimed,
    content: concat(snap(type, owner), content),
  }));
}

/** The packet as it is, or in PPPoE, or with SNAP, or both. */
function wrapped(type: number, packet: Uint8Array, honesty: Honesty): Arbitrary<Typed> {
  const bare = fc.constant({ type, content: packet });
  const session = inPppoe(type, packet, honesty);
  return fc.oneof(
    { weight: 8, arbitrary: bare },
    { weight: 2, arbitrary: session },
    { weight: 2, arbitrary: bare.chain((inner) => inSnap(inner, honesty)) },
    { weight: 1, arbitrary: session.chain((inner) => inSnap(inner, honesty)) },
  );
}

/** Up to 10 tags, the network's type, its packet. */
function frame(
  type: number,
  packet: Arbitrary<Uint8Array>,
  honesty: Honesty,
): Arbitrary<Uint8Array> {
  const tag = fc.tuple(
    fc.constantFrom(ETHERTYPE.VLAN, ETHERTYPE.SERVICE_VLAN, ETHERTYPE.OLD_QINQ),
    fc.nat(0xffff),
  ).map(([tagType, tci]) => concat(u16(tagType), u16(tci)));
  const tags = fc.oneof(
    { weight: 3, arbitrary: fc.constant<Uint8Array[]>([]) },
    { weight: 2, arbitrary: fc.array(tag, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(tag, { maxLength: MAX_TAGS }) },
  );
  const rest = packet.chain((content) => wrapped(type, content, honesty));
  return fc.tuple(bytes(12), tags, rest).map(([macs, tagBytes, typed]) =>
    concat(macs, ...tagBytes, u16(typed.type), typed.content)
  );
}

/** Anything that is not IP, even a length in place of a type. */
const OTHER_FRAME = fc.oneof(
  fc.nat(0xffff),
  fc.integer({ min: 0x05fe, max: 0x0602 }),
  fc.constantFrom(ETHERTYPE.ARP, ETHERTYPE.LLDP),
).chain((type) => frame(type, fc.uint8Array({ maxLength: 60 }), "any"));

function network(honesty: Honesty): Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 5, arbitrary: frame(ETHERTYPE.IPV4, ipv4Packet(honesty), honesty) },
    { weight: 5, arbitrary: frame(ETHERTYPE.IPV6, ipv6Packet(honesty), honesty) },
    { weight: 1, arbitrary: OTHER_FRAME },
  );
}

/** Frames of which every length is true, at least 14 bytes long. */
export function goodFrame(): Arbitrary<Uint8Array> {
  return network("good");
}

/** Frames that may lie, end early or be padded; at least 14 bytes, at most some 10,000. */
export function anyFrame(): Arbitrary<Uint8Array> {
  return network("any").chain((whole) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant(whole) },
      { weight: 1, arbitrary: fc.nat(100).map((by) => padTo(whole.length + by, whole)) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 14, max: Math.min(whole.length, 150) })
          .map((length) => whole.slice(0, length)),
      },
    )
  );
}
