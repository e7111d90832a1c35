/**
 * What can stand before IP besides a tag or two: more tags, LLC with SNAP, PPPoE.
 *
 * @module
 */
import { DESTINATION_IPV4, ipv4, SOURCE_IPV4 } from "../../support/frames/ipv4.ts";
import { ipv6 } from "../../support/frames/ipv6.ts";
import {
  arpRequest,
  ethernet,
  ETHERTYPE,
  lengthFrame,
  pppoe,
  type PppoeOptions,
  snap,
  spanningTree,
  vlan,
} from "../../support/frames/link.ts";
import { concat, filler, octets, padTo } from "../../support/frames/octets.ts";
import { PROTOCOL, tcp, udp } from "../../support/frames/transport.ts";
import {
  cuts,
  type FrameRow,
  ipv4Fields,
  ipv6Fields,
  link,
  MACS,
  PORTS,
  PORTS_PRESENT,
  present,
  TCP,
  TCP_PRESENT,
  UDP_PRESENT,
} from "./row.ts";

const { IPV4, IPV6, ARP, VLAN, SERVICE_VLAN, OLD_QINQ, PPPOE } = ETHERTYPE;

type Record = FrameRow["record"];

const datagram = ipv4({ protocol: PROTOCOL.UDP }, udp(filler(6)));
const packet = ipv6({ next: PROTOCOL.TCP }, tcp({}, filler(5)));
const arp = arpRequest(SOURCE_IPV4, DESTINATION_IPV4);
const udpOf4: Record = {
  ...ipv4Fields(PROTOCOL.UDP),
  ...PORTS,
  payload_length: 6,
  ...present(...UDP_PRESENT),
};
const tcpOf6: Record = {
  ...ipv6Fields(PROTOCOL.TCP),
  ...TCP,
  payload_length: 5,
  ...present(...TCP_PRESENT),
};
const llc: Record = { ...MACS, ...present("MAC", "PROTOCOL"), flags: ["LLC"] };

/** The same behind a tag of identifier `id`. */
function tagged(record: Record, id: number): Record {
  return { ...record, vlan_id: id, ...present(...record.present!, "VLAN") };
}

/** A frame with a tag of each of `types`, numbered from 1 on, then `last` and `payload`. */
function behindTags(types: readonly number[], last: number, ...payload: Uint8Array[]): Uint8Array {
  const tags = types.map((_, index) => vlan(index + 1, types[index + 1] ?? last));
  return ethernet(types[0]!, ...tags, ...payload);
}

/** `count` tags: the outermost is a service tag. */
function tagTypes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index === 0 ? SERVICE_VLAN : VLAN);
}

/** Tags at 14, 18, 22, 26 and IPv4 from 30: the boundaries are 16, 30, 50, 54. */
const fourTags = behindTags(tagTypes(4), IPV4, datagram);

function fourTagsCutTo(length: number): Record {
  if (length < 16) return { ...MACS, ...present("MAC") };
  if (length < 30) return { ...MACS, vlan_id: 1, ...present("MAC", "VLAN") };
  if (length < 50) return tagged(link(IPV4), 1);
  if (length < 54) {
    return tagged(
      { ...ipv4Fields(PROTOCOL.UDP), ...present("MAC", "ETHERTYPE", "PROTOCOL", "IP") },
      1,
    );
  }
  return tagged({ ...ipv4Fields(PROTOCOL.UDP), ...PORTS, ...present(...PORTS_PRESENT) }, 1);
}

const tags: readonly FrameRow[] = [
  ...[3, 4, 5, 6, 7, 8].flatMap((count) => [
    {
      name: `${count} tags around IPv4`,
      frame: behindTags(tagTypes(count), IPV4, datagram),
      record: tagged(udpOf4, 1),
    },
    {
      name: `${count} tags around IPv6`,
      frame: behindTags(tagTypes(count), IPV6, packet),
      record: tagged(tcpOf6, 1),
    },
  ]),
  ...[[VLAN, VLAN, VLAN], [OLD_QINQ, OLD_QINQ, OLD_QINQ, VLAN], [VLAN, OLD_QINQ, VLAN]].map((
    types,
  ) => ({
    name: `tags of the types ${types.map((type) => type.toString(16)).join(", ")}`,
    frame: behindTags(types, IPV4, datagram),
    record: tagged(udpOf4, 1),
  })),
  {
    name: "three service tags",
    frame: behindTags([SERVICE_VLAN, SERVICE_VLAN, SERVICE_VLAN], IPV4, datagram),
    record: tagged(udpOf4, 1),
  },
  ...[9, 10].map((count): FrameRow => ({
    name: `${count} tags: the ninth stays as the type`,
    frame: behindTags(tagTypes(count), IPV4, datagram),
    record: tagged(link(VLAN), 1),
    parseLimit: true,
  })),
  {
    name: "3 tags around ARP",
    frame: behindTags(tagTypes(3), ARP, arp),
    record: tagged(link(ARP), 1),
  },
  {
    name: "3 tags around a length field",
    frame: behindTags(tagTypes(3), 38, spanningTree()),
    record: tagged(llc, 1),
  },
  {
    name: "8 tags around PPPoE",
    frame: behindTags(tagTypes(8), PPPOE, pppoe("0021", datagram)),
    record: tagged({ ...udpOf4, ethertype: PPPOE }, 1),
  },
  {
    name: "8 tags around SNAP",
    frame: behindTags(tagTypes(8), 8 + packet.length, snap(IPV6), packet),
    record: tagged(tcpOf6, 1),
  },
  ...cuts(fourTags.slice(0, 60), 14, fourTagsCutTo, "four VLAN tags"),
];

/** LLC and SNAP from 14, IPv4 from 22: the boundaries are 22, 42, 46. */
const snapFrame = lengthFrame(snap(IPV4), datagram);

function snapCutTo(length: number): Record {
  if (length < 22) return llc;
  if (length < 42) return link(IPV4);
  if (length < 46) {
    return { ...ipv4Fields(PROTOCOL.UDP), ...present("MAC", "ETHERTYPE", "PROTOCOL", "IP") };
  }
  return { ...ipv4Fields(PROTOCOL.UDP), ...PORTS, ...present(...PORTS_PRESENT) };
}

const snaps: readonly FrameRow[] = [
  { name: "SNAP around IPv4", frame: snapFrame, record: udpOf4 },
  { name: "SNAP around IPv6", frame: lengthFrame(snap(IPV6), packet), record: tcpOf6 },
  {
    name: "SNAP of a bridge tunnel around IPv4",
    frame: lengthFrame(snap(IPV4, "0000f8"), datagram),
    record: udpOf4,
  },
  { name: "SNAP around ARP", frame: padTo(60, lengthFrame(snap(ARP), arp)), record: link(ARP) },
  {
    name: "SNAP around an unknown type",
    frame: lengthFrame(snap(0x88b5), filler(40)),
    record: link(0x88b5),
  },
  ...[0, 8].map((count) => ({
    name: `SNAP around a tag, behind ${count} tags`,
    frame: count === 0
      ? lengthFrame(snap(VLAN), vlan(9, IPV4), datagram)
      : behindTags(tagTypes(count), 12 + datagram.length, snap(VLAN), vlan(9, IPV4), datagram),
    record: count === 0 ? link(VLAN) : tagged(link(VLAN), 1),
  })),
  {
    name: "SNAP around PPPoE",
    frame: lengthFrame(snap(PPPOE), pppoe("0021", datagram)),
    record: { ...udpOf4, ethertype: PPPOE },
  },
  {
    name: "SNAP behind a tag",
    frame: ethernet(VLAN, vlan(9, 8 + datagram.length), snap(IPV4), datagram),
    record: tagged(udpOf4, 9),
  },
  {
    name: "SNAP behind two tags",
    frame: behindTags(tagTypes(2), 8 + datagram.length, snap(IPV4), datagram),
    record: tagged(udpOf4, 1),
  },
  ...["00000c", "080007", "0000f7", "0001f8", "010000"].map((organization) => ({
    name: `SNAP of the organization ${organization}, which has numbers of its own`,
    frame: lengthFrame(snap(IPV4, organization), datagram),
    record: llc,
  })),
  ...["aaaa13", "aaab03", "abaa03", "060603"].map((start) => ({
    name: `an LLC header ${start} before what looks like SNAP`,
    frame: lengthFrame(
      octets(...start.match(/../g)!.map((it) => parseInt(it, 16))),
      snap(IPV4).slice(3),
      datagram,
    ),
    record: llc,
  })),
  {
    name: "SNAP with a number below the types",
    frame: lengthFrame(snap(0x05ff), datagram),
    record: llc,
  },
  {
    name: "SNAP with the smallest type",
    frame: lengthFrame(snap(0x0600), datagram),
    record: link(0x0600),
  },
  {
    name: "a length field of 7 before SNAP: it ends before the type",
    frame: ethernet(7, snap(IPV4), datagram),
    record: llc,
  },
  {
    name: "a length field of 8 before SNAP",
    frame: ethernet(8, snap(IPV4), datagram),
    record: udpOf4,
  },
  ...cuts(snapFrame, 14, snapCutTo, "SNAP around IPv4"),
];

function session(protocol: string, payload: Uint8Array, options?: PppoeOptions): Uint8Array {
  return ethernet(PPPOE, pppoe(protocol, payload, options));
}

/** PPPoE from 14, PPP's number from 20, IPv6 from 22, TCP from 62: the boundaries are 62, 66, 82. */
const pppoeFrame = session("0057", packet);

function pppoeCutTo(length: number): Record {
  const ip = { ...ipv6Fields(PROTOCOL.TCP), ethertype: PPPOE };
  if (length < 62) return link(PPPOE);
  if (length < 66) return { ...ip, ...present("MAC", "ETHERTYPE", "PROTOCOL", "IP") };
  if (length < 82) return { ...ip, ...PORTS, ...present(...PORTS_PRESENT) };
  return { ...ip, ...TCP, ...present(...PORTS_PRESENT, "TCP") };
}

const udpInPppoe: Record = { ...udpOf4, ethertype: PPPOE };
const tcpInPppoe: Record = { ...tcpOf6, ethertype: PPPOE };

const sessions: readonly FrameRow[] = [
  { name: "PPPoE around IPv4", frame: session("0021", datagram), record: udpInPppoe },
  { name: "PPPoE around IPv6", frame: pppoeFrame, record: tcpInPppoe },
  {
    name: "PPPoE around IPv4, padded",
    frame: padTo(90, session("0021", datagram)),
    record: udpInPppoe,
  },
  {
    name: "PPPoE around IPv4, number compressed",
    frame: session("21", datagram),
    record: udpInPppoe,
  },
  {
    name: "PPPoE around IPv6, number compressed",
    frame: session("57", packet),
    record: tcpInPppoe,
  },
  {
    name: "PPPoE behind a tag",
    frame: ethernet(VLAN, vlan(7, PPPOE), pppoe("0021", datagram)),
    record: tagged(udpInPppoe, 7),
  },
  {
    name: "PPPoE behind two tags",
    frame: behindTags(tagTypes(2), PPPOE, pppoe("0057", packet)),
    record: tagged(tcpInPppoe, 1),
  },
  ...["c021", "8021", "0121", "2100", "c0"].map((protocol) => ({
    name: `PPPoE around PPP protocol ${protocol}, which is not IP`,
    frame: session(protocol, datagram),
    record: link(PPPOE),
  })),
  {
    name: "PPPoE around a version of IP that is not the announced one",
    frame: session("0021", packet),
    record: link(PPPOE),
  },
  ...[0x01, 0x10, 0x12, 0x21].map((versionAndType) => ({
    name: `PPPoE of version and type ${versionAndType.toString(16)}`,
    frame: session("0021", datagram, { versionAndType }),
    record: link(PPPOE),
  })),
  {
    name: "PPPoE with the code of a discovery packet",
    frame: session("0021", datagram, { code: 0xa7 }),
    record: link(PPPOE),
  },
  ...[0, 1].map((length) => ({
    name: `a PPPoE length of ${length}: no room for the number`,
    frame: session("0021", datagram, { length }),
    record: link(PPPOE),
  })),
  {
    name: "a PPPoE length of 0: no room for a compressed number",
    frame: session("21", datagram, { length: 0 }),
    record: link(PPPOE),
  },
  {
    name: "PPPoE discovery",
    frame: ethernet(0x8863, pppoe("0021", datagram)),
    record: link(0x8863),
  },
  ...cuts(pppoeFrame, 14, pppoeCutTo, "PPPoE around IPv6"),
  {
    name: "PPPoE with a compressed number, cut behind it",
    frame: concat(session("21", new Uint8Array())),
    record: link(PPPOE),
  },
];

export const WRAPPED_ROWS: readonly FrameRow[] = [...tags, ...snaps, ...sessions];
