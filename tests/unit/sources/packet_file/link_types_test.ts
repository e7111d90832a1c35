import assert from "node:assert/strict";

import { ipv4, SOURCE_IPV4 } from "../../../support/frames/ipv4.ts";
import { ipv6, SOURCE_IPV6 } from "../../../support/frames/ipv6.ts";
import { ETHERTYPE, vlan } from "../../../support/frames/link.ts";
import { concat, filler, hex, u16, u32 } from "../../../support/frames/octets.ts";
import { DESTINATION_PORT, PROTOCOL, udp } from "../../../support/frames/transport.ts";
import { pcap } from "../../../support/packet_files.ts";
import { type ReadPacket, readPacketFile } from "../../../support/read_packet_file.ts";

const V4 = ipv4({ protocol: PROTOCOL.UDP }, udp(filler(30)));
const V6 = ipv6({ next: PROTOCOL.UDP }, udp(filler(30)));

const IP = { ipProtocol: PROTOCOL.UDP, destinationPort: DESTINATION_PORT, payload: 30 } as const;
const READ_V4 = { ...IP, source: SOURCE_IPV4 } as const;
const READ_V6 = { ...IP, source: SOURCE_IPV6.slice(0, 8) } as const;
const NOTHING = {
  interface: null,
  direction: null,
  time: 0n,
  ethertype: null,
  vlan: null,
  hasMacs: false,
  source: null,
  ipProtocol: null,
  destinationPort: null,
  payload: null,
  hasProtocol: false,
} as const;

/** Version 1: www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
function cooked(protocol: number, type = 0, hardware = 1): Uint8Array {
  return concat(u16(type), u16(hardware), u16(6), hex("0102030405060000"), u16(protocol));
}

/** Version 2: www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
function cooked2(protocol: number, type = 0, hardware = 1): Uint8Array {
  return concat(
    u16(protocol),
    u16(0),
    u32(3),
    u16(hardware),
    Uint8Array.of(type, 6),
    hex("0102030405060000"),
  );
}

interface Case {
  readonly name: string;
  readonly linkType: number;
  readonly data: Uint8Array;
  readonly read: Partial<ReadPacket>;
}

const named = { hasProtocol: true } as const;
const IN = { ...named, direction: "ingress" } as const;

const CASES: readonly Case[] = [
  ...[12, 14, 101, 228].map((linkType) => ({
    name: `raw IPv4, ${linkType}`,
    linkType,
    data: V4,
    read: { ...named, ...READ_V4 },
  })),
  ...[12, 14, 101, 229].map((linkType) => ({
    name: `raw IPv6, ${linkType}`,
    linkType,
    data: V6,
    read: { ...named, ...READ_V6 },
  })),
  { name: "raw, and no IP", linkType: 101, data: filler(40), read: {} },
  { name: "raw without a byte", linkType: 101, data: new Uint8Array(), read: {} },
  ...["02000000", "00000002"].map((family) => ({
    name: `NULL with IPv4 as ${family}`,
    linkType: 0,
    data: concat(hex(family), V4),
    read: { ...named, ...READ_V4 },
  })),
  ...["0a", "18", "1c", "1e"].flatMap((family) => [
    { linkType: 0, head: hex(`${family}000000`) },
    { linkType: 108, head: hex(`000000${family}`) },
  ]).map(({ linkType, head }) => ({
    name: `${linkType} with IPv6 as ${head.toHex()}`,
    linkType,
    data: concat(head, V6),
    read: { ...named, ...READ_V6 },
  })),
  { name: "NULL with another family", linkType: 0, data: concat(hex("07000000"), V4), read: {} },
  { name: "NULL with no family", linkType: 0, data: concat(hex("02000002"), V4), read: {} },
  ...[
    { linkType: 113, header: cooked },
    { linkType: 276, header: cooked2 },
  ].flatMap(({ linkType, header }): Case[] => [
    {
      name: `cooked IPv4, ${linkType}`,
      linkType,
      data: concat(header(ETHERTYPE.IPV4), V4),
      read: { ...IN, ...READ_V4, ethertype: ETHERTYPE.IPV4 },
    },
    {
      name: `cooked IPv6 that was sent, ${linkType}`,
      linkType,
      data: concat(header(ETHERTYPE.IPV6, 4), V6),
      read: { ...named, ...READ_V6, ethertype: ETHERTYPE.IPV6, direction: "egress" },
    },
    {
      name: `cooked IPv4 behind a tag, ${linkType}`,
      linkType,
      data: concat(header(ETHERTYPE.VLAN), vlan(9, ETHERTYPE.IPV4), V4),
      read: { ...IN, ...READ_V4, ethertype: ETHERTYPE.IPV4, vlan: 9 },
    },
    {
      name: `cooked ARP, ${linkType}`,
      linkType,
      data: concat(header(ETHERTYPE.ARP, 1), filler(28)),
      read: { ...IN, ethertype: ETHERTYPE.ARP },
    },
    {
      name: `cooked IPv4 behind LLC and SNAP, ${linkType}`,
      linkType,
      data: concat(header(4), hex("aaaa03000000"), u16(ETHERTYPE.IPV4), V4),
      read: { ...IN, ...READ_V4, ethertype: ETHERTYPE.IPV4 },
    },
    {
      name: `cooked LLC, ${linkType}`,
      linkType,
      data: concat(header(4), hex("424203"), filler(40)),
      read: IN,
    },
    {
      name: `cooked CAN, ${linkType}`,
      linkType,
      data: concat(header(0x000c, 0, 280), V4),
      read: { direction: "ingress" },
    },
    {
      name: `cooked netlink, ${linkType}`,
      linkType,
      data: concat(header(ETHERTYPE.IPV4, 0, 824), V4),
      read: { direction: "ingress" },
    },
    {
      name: `a cooked header that is cut off, ${linkType}`,
      linkType,
      data: header(ETHERTYPE.IPV4).slice(0, 15),
      read: { direction: "ingress" },
    },
  ]),
];

for (const { name, linkType, data, read } of CASES) {
  Deno.test(`PacketRows reads ${name}`, async () => {
    const { packets, findings } = await readPacketFile(pcap([{ data }], { linkType }));
    assert.deepEqual(packets, [{ ...NOTHING, length: data.length, ...read }]);
    assert.deepEqual(findings, []);
  });
}

Deno.test("PacketRows follows what is behind a cooked header as far as behind an Ethernet header", async () => {
  const tags = Array.from({ length: 8 }, (_, n) => vlan(n + 1, n === 7 ? 60 : ETHERTYPE.VLAN));
  const inside = concat(hex("aaaa03000000"), u16(0x8864), hex("1100 0001"), u16(2 + V4.length));
  const data = concat(cooked2(ETHERTYPE.VLAN), ...tags, inside, u16(0x0021), V4);
  const [packet] = (await readPacketFile(pcap([{ data }], { linkType: 276 }))).packets;
  assert.deepEqual([packet!.ethertype, packet!.source, packet!.payload], [0x8864, SOURCE_IPV4, 30]);
});
