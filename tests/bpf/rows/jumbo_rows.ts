/**
 * Packets above 65,535 bytes, whose length field is 0: what the kernel makes by GRO and GSO ("BIG TCP")
 * and jumbograms, RFC 2675.
 *
 * @module
 */
import { ipv4 } from "../../support/frames/ipv4.ts";
import { extension, ipv6, jumboHeader } from "../../support/frames/ipv6.ts";
import { ethernet, ETHERTYPE, pppoe, vlan } from "../../support/frames/link.ts";
import { concat, filler } from "../../support/frames/octets.ts";
import { PROTOCOL, tcp, udp } from "../../support/frames/transport.ts";
import {
  type FrameRow,
  IP_PRESENT,
  ipv4Fields,
  ipv6Fields,
  PORTS,
  PORTS_PRESENT,
  present,
  TCP,
  TCP_PRESENT,
  UDP_PRESENT,
} from "./row.ts";

const { IPV4, IPV6, VLAN, PPPOE } = ETHERTYPE;
const { HOP_BY_HOP, DESTINATION } = PROTOCOL;

type Record = FrameRow["record"];

/** Behind an IPv4 header one more than its length can say, with TCP's header. */
const OVER_IPV4 = 0x1_0000 - 20 - 20;
/** Behind an IPv6 header one more than its length can say, with TCP's header. */
const OVER_IPV6 = 0x1_0000 - 20;

const tcp4: Record = { ...ipv4Fields(PROTOCOL.TCP), ...TCP, ...present(...TCP_PRESENT) };
const tcp6: Record = { ...ipv6Fields(PROTOCOL.TCP), ...TCP, ...present(...TCP_PRESENT) };

function frame4(payload: number, protocol: number = PROTOCOL.TCP): Uint8Array {
  const data = filler(payload);
  const segment = protocol === PROTOCOL.TCP ? tcp({}, data) : udp(data, 0);
  return ethernet(IPV4, ipv4({ protocol, totalLength: 0 }, segment));
}

function frame6(next: number, ...content: readonly Uint8Array[]): Uint8Array {
  return ethernet(IPV6, ipv6({ next, payloadLength: 0 }, ...content));
}

/** A jumbogram of TCP whose option claims `length`, or the truth. */
function jumbogram(payload: number, length = 8 + 20 + payload): Uint8Array {
  return frame6(HOP_BY_HOP, jumboHeader(PROTOCOL.TCP, length), tcp({}, filler(payload)));
}

const onlyHopByHop: Record = { ...ipv6Fields(HOP_BY_HOP), ...present(...IP_PRESENT) };
const cutTcp6: Record = {
  ...ipv6Fields(PROTOCOL.TCP),
  ...TCP,
  ...present(...PORTS_PRESENT, "TCP"),
};

const large: readonly FrameRow[] = [
  ...[OVER_IPV4, 70_000].map((payload) => ({
    name: `an IPv4 total length of 0 and ${payload} bytes of TCP`,
    frame: frame4(payload),
    record: { ...tcp4, payload_length: payload },
  })),
  {
    name: "an IPv4 total length of 0 in the largest packet that the field could tell",
    frame: frame4(OVER_IPV4 - 1),
    record: { ...ipv4Fields(PROTOCOL.TCP), ...present(...IP_PRESENT) },
  },
  {
    name: "an IPv4 total length of 0 and 70,000 bytes of UDP",
    frame: frame4(70_000, PROTOCOL.UDP),
    record: {
      ...ipv4Fields(PROTOCOL.UDP),
      ...PORTS,
      payload_length: 70_000,
      ...present(...UDP_PRESENT),
    },
  },
  {
    name: "an IPv4 total length of 0 behind a tag",
    frame: ethernet(
      VLAN,
      vlan(5, IPV4),
      ipv4({ protocol: PROTOCOL.TCP, totalLength: 0 }, tcp({}, filler(70_000))),
    ),
    record: {
      ...tcp4,
      payload_length: 70_000,
      vlan_id: 5,
      ...present(...TCP_PRESENT, "VLAN"),
    },
  },
  {
    name: "an IPv4 total length of 0 behind a tag, in the largest packet that it could tell",
    frame: ethernet(
      VLAN,
      vlan(5, IPV4),
      ipv4({ protocol: PROTOCOL.TCP, totalLength: 0 }, tcp({}, filler(OVER_IPV4 - 1))),
    ),
    record: {
      ...ipv4Fields(PROTOCOL.TCP),
      vlan_id: 5,
      ...present(...IP_PRESENT, "VLAN"),
    },
  },
  {
    name: "an IPv4 total length of 0 in PPPoE",
    frame: ethernet(
      PPPOE,
      pppoe("0021", ipv4({ protocol: PROTOCOL.TCP, totalLength: 0 }, tcp({}, filler(70_000))), {
        length: 0xffff,
      }),
    ),
    record: { ...tcp4, ethertype: PPPOE, payload_length: 70_000 },
  },
  ...[OVER_IPV6, 70_000].map((payload) => ({
    name: `an IPv6 payload length of 0 and ${payload} bytes of TCP`,
    frame: frame6(PROTOCOL.TCP, tcp({}, filler(payload))),
    record: { ...tcp6, payload_length: payload },
  })),
  {
    name: "an IPv6 payload length of 0 in the largest packet that the field could tell",
    frame: frame6(PROTOCOL.TCP, tcp({}, filler(OVER_IPV6 - 1))),
    record: { ...ipv6Fields(PROTOCOL.TCP), ...present(...IP_PRESENT) },
  },
  {
    name: "an IPv6 payload length of 0 and destination options in a large packet",
    frame: frame6(DESTINATION, extension(PROTOCOL.TCP, 24), tcp({}, filler(70_000))),
    record: { ...tcp6, payload_length: 70_000 },
  },
  {
    name: "hop-by-hop options without a length in a large packet",
    frame: frame6(HOP_BY_HOP, extension(PROTOCOL.TCP), tcp({}, filler(70_000))),
    record: { ...tcp6, payload_length: 70_000 },
  },
];

const jumbograms: readonly FrameRow[] = [
  {
    name: "a jumbogram of TCP",
    frame: jumbogram(70_000),
    record: { ...tcp6, payload_length: 70_000 },
  },
  {
    name: "the smallest jumbogram of TCP",
    frame: jumbogram(OVER_IPV6 - 8),
    record: { ...tcp6, payload_length: OVER_IPV6 - 8 },
  },
  {
    name: "a jumbogram of UDP",
    frame: frame6(HOP_BY_HOP, jumboHeader(PROTOCOL.UDP, 66_016), udp(filler(66_000), 0)),
    record: {
      ...ipv6Fields(PROTOCOL.UDP),
      ...PORTS,
      payload_length: 66_000,
      ...present(...UDP_PRESENT),
    },
  },
  {
    name: "a jumbogram with destination options",
    frame: frame6(
      HOP_BY_HOP,
      jumboHeader(DESTINATION, 8 + 16 + 20 + 66_000),
      extension(PROTOCOL.TCP, 16),
      tcp({}, filler(66_000)),
    ),
    record: { ...tcp6, payload_length: 66_000 },
  },
  {
    name: "a jumbogram that ends before its frame",
    frame: jumbogram(70_000, 8 + 20 + 69_990),
    record: { ...tcp6, payload_length: 69_990 },
  },
  {
    name: "a jumbogram one byte longer than its frame",
    frame: jumbogram(70_000, 8 + 20 + 70_001),
    record: cutTcp6,
  },
  {
    name: "a jumbogram of which a small frame holds the start",
    frame: jumbogram(40, 66_000),
    record: cutTcp6,
  },
  {
    name: "a jumbogram of the largest length",
    frame: jumbogram(40, 0xffff_ffff),
    record: cutTcp6,
  },
  {
    name: "the length of a jumbogram in a small frame, though a length field could tell it",
    frame: jumbogram(40, 0xffff),
    record: onlyHopByHop,
  },
  {
    name: "the length of a jumbogram as it is, too small for one",
    frame: jumbogram(40),
    record: onlyHopByHop,
  },
  {
    name: "a jumbogram's option behind a payload length",
    frame: ethernet(
      IPV6,
      ipv6({ next: HOP_BY_HOP }, jumboHeader(PROTOCOL.TCP, 66_000), tcp({}, filler(40))),
    ),
    record: { ...tcp6, payload_length: 40 },
  },
  {
    name: "a jumbogram's option cut off",
    frame: concat(frame6(HOP_BY_HOP), jumboHeader(PROTOCOL.TCP, 66_000).slice(0, 7)),
    record: onlyHopByHop,
  },
];

export const JUMBO_ROWS: readonly FrameRow[] = [...large, ...jumbograms];
