/**
 * Ethernet, VLAN tags and frames without IP.
 *
 * @module
 */
import { arpRequest, ethernet, ETHERTYPE, spanningTree, vlan } from "../../support/frames/link.ts";
import { DESTINATION_IPV4, ipv4, SOURCE_IPV4 } from "../../support/frames/ipv4.ts";
import { ipv6 } from "../../support/frames/ipv6.ts";
import { filler, octets, padTo } from "../../support/frames/octets.ts";
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

const { IPV4, IPV6, ARP, VLAN, SERVICE_VLAN, OLD_QINQ, LLDP } = ETHERTYPE;

const udpDatagram = ipv4({ protocol: PROTOCOL.UDP }, udp(filler(6)));
const udpFields = { ...ipv4Fields(PROTOCOL.UDP), ...PORTS, payload_length: 6 };
const tagged = present(...UDP_PRESENT, "VLAN");

/** Ethernet 14, tag 4, IPv4 20, TCP 20, payload 5: the boundaries are 16, 18, 38, 42, 58, 63. */
const taggedTcp = ethernet(
  VLAN,
  vlan(0x7ab, IPV4, 5),
  ipv4({ protocol: PROTOCOL.TCP }, tcp({}, filler(5))),
);

function taggedTcpCutTo(length: number): Partial<FrameRow["record"]> {
  if (length < 16) return { ...MACS, ...present("MAC") };
  if (length < 18) return { ...MACS, vlan_id: 0x7ab, ...present("MAC", "VLAN") };
  if (length < 38) {
    return { ...link(IPV4), vlan_id: 0x7ab, ...present("MAC", "ETHERTYPE", "PROTOCOL", "VLAN") };
  }
  const ip = { ...ipv4Fields(PROTOCOL.TCP), vlan_id: 0x7ab };
  if (length < 42) return { ...ip, ...present("MAC", "ETHERTYPE", "PROTOCOL", "VLAN", "IP") };
  if (length < 58) return { ...ip, ...PORTS, ...present(...PORTS_PRESENT, "VLAN") };
  return { ...ip, ...TCP, ...present(...PORTS_PRESENT, "VLAN", "TCP") };
}

/** Tags at 14 and 18, IPv4 from 22. */
const doubleTagged = ethernet(SERVICE_VLAN, vlan(100, VLAN), vlan(200, IPV4), udpDatagram);

function doubleTaggedCutTo(length: number): Partial<FrameRow["record"]> {
  if (length < 16) return { ...MACS, ...present("MAC") };
  if (length < 22) return { ...MACS, vlan_id: 100, ...present("MAC", "VLAN") };
  return { ...link(IPV4), vlan_id: 100, ...present("MAC", "ETHERTYPE", "PROTOCOL", "VLAN") };
}

const llc = { ...MACS, ...present("MAC", "PROTOCOL"), flags: ["LLC"] } as const;

export const LINK_ROWS: readonly FrameRow[] = [
  {
    name: "a bare Ethernet header of an unknown type",
    frame: ethernet(0x88b5),
    record: link(0x88b5),
  },
  { name: "a bare Ethernet header of IPv4", frame: ethernet(IPV4), record: link(IPV4) },
  { name: "a bare Ethernet header of IPv6", frame: ethernet(IPV6), record: link(IPV6) },
  {
    name: "an unknown type with bytes behind it",
    frame: ethernet(0x88b5, filler(50)),
    record: link(0x88b5),
  },
  {
    name: "an ARP request",
    frame: ethernet(ARP, arpRequest(SOURCE_IPV4, DESTINATION_IPV4)),
    record: link(ARP),
  },
  {
    name: "an ARP request padded to the minimum",
    frame: padTo(60, ethernet(ARP, arpRequest(SOURCE_IPV4, DESTINATION_IPV4))),
    record: link(ARP),
  },
  { name: "an LLDP frame", frame: ethernet(LLDP, filler(46)), record: link(LLDP) },
  { name: "a spanning tree frame", frame: padTo(60, ethernet(38, spanningTree())), record: llc },
  { name: "a length field of 0", frame: ethernet(0, filler(46)), record: llc },
  { name: "the largest length field, 0x05ff", frame: ethernet(0x05ff, filler(46)), record: llc },
  { name: "the smallest type, 0x0600", frame: ethernet(0x0600, filler(46)), record: link(0x0600) },
  {
    name: "a VLAN tag",
    frame: ethernet(VLAN, vlan(5, IPV4), udpDatagram),
    record: { ...udpFields, vlan_id: 5, ...tagged },
  },
  {
    name: "a VLAN tag with the highest priority and identifier",
    frame: ethernet(VLAN, vlan(0xfff, IPV4, 7), udpDatagram),
    record: { ...udpFields, vlan_id: 0xfff, ...tagged },
  },
  {
    name: "a priority tag, identifier 0",
    frame: ethernet(VLAN, vlan(0, IPV4, 3), udpDatagram),
    record: { ...udpFields, vlan_id: 0, ...tagged },
  },
  {
    name: "a VLAN tag with the drop-eligible bit",
    frame: ethernet(VLAN, octets(0x10, 0x21), octets(0x08, 0x00), udpDatagram),
    record: { ...udpFields, vlan_id: 0x21, ...tagged },
  },
  {
    name: "a service tag alone",
    frame: ethernet(SERVICE_VLAN, vlan(6, IPV4), udpDatagram),
    record: { ...udpFields, vlan_id: 6, ...tagged },
  },
  {
    name: "an old QinQ tag alone",
    frame: ethernet(OLD_QINQ, vlan(7, IPV4), udpDatagram),
    record: { ...udpFields, vlan_id: 7, ...tagged },
  },
  {
    name: "a service tag around a VLAN tag",
    frame: doubleTagged,
    record: { ...udpFields, vlan_id: 100, ...tagged },
  },
  {
    name: "a VLAN tag around a VLAN tag",
    frame: ethernet(VLAN, vlan(11, VLAN), vlan(12, IPV4), udpDatagram),
    record: { ...udpFields, vlan_id: 11, ...tagged },
  },
  {
    name: "an old QinQ tag around a VLAN tag",
    frame: ethernet(OLD_QINQ, vlan(13, VLAN), vlan(14, IPV4), udpDatagram),
    record: { ...udpFields, vlan_id: 13, ...tagged },
  },
  {
    name: "a VLAN tag around IPv6",
    frame: ethernet(VLAN, vlan(5, IPV6), ipv6({ next: PROTOCOL.TCP }, tcp({}, filler(5)))),
    record: {
      ...ipv6Fields(PROTOCOL.TCP),
      ...TCP,
      payload_length: 5,
      vlan_id: 5,
      ...present(...TCP_PRESENT, "VLAN"),
    },
  },
  {
    name: "two tags around IPv6",
    frame: ethernet(
      SERVICE_VLAN,
      vlan(5, VLAN),
      vlan(6, IPV6),
      ipv6({ next: PROTOCOL.UDP }, udp(filler(5))),
    ),
    record: {
      ...ipv6Fields(PROTOCOL.UDP),
      ...PORTS,
      payload_length: 5,
      vlan_id: 5,
      ...tagged,
    },
  },
  {
    name: "a VLAN tag around an ARP request",
    frame: ethernet(VLAN, vlan(5, ARP), arpRequest(SOURCE_IPV4, DESTINATION_IPV4)),
    record: { ...link(ARP), vlan_id: 5, ...present("MAC", "ETHERTYPE", "PROTOCOL", "VLAN") },
  },
  {
    name: "a VLAN tag around a length field",
    frame: ethernet(VLAN, vlan(5, 38), spanningTree()),
    record: { ...llc, vlan_id: 5, ...present("MAC", "PROTOCOL", "VLAN") },
  },
  {
    name: "a whole frame with a VLAN tag, IPv4 and TCP",
    frame: taggedTcp,
    record: {
      ...taggedTcpCutTo(taggedTcp.length),
      payload_length: 5,
      ...present(...TCP_PRESENT, "VLAN"),
    },
  },
  ...cuts(taggedTcp, 14, taggedTcpCutTo, "VLAN, IPv4 and TCP"),
  ...cuts(doubleTagged.slice(0, 42), 14, doubleTaggedCutTo, "two VLAN tags"),
];
