import assert from "node:assert/strict";
import { ethertypeName, LLC_NAME } from "../../../src/contract/ethertypes.ts";
import { ipProtocolName } from "../../../src/contract/ip_protocols.ts";

// One of every line of the table, so that a name that is missing or doubled moves the others.
const IP_PROTOCOLS: readonly (readonly [number, string])[] = [
  [0, "HOPOPT"],
  [1, "ICMP"],
  [2, "IGMP"],
  [4, "IPv4"],
  [6, "TCP"],
  [8, "EGP"],
  [17, "UDP"],
  [27, "RDP"],
  [33, "DCCP"],
  [41, "IPv6"],
  [47, "GRE"],
  [50, "ESP"],
  [51, "AH"],
  [58, "ICMPv6"],
  [59, "IPv6-NoNxt"],
  [66, "RVD"],
  [73, "CPHB"],
  [81, "VMTP"],
  [88, "EIGRP"],
  [89, "OSPFIGP"],
  [97, "ETHERIP"],
  [103, "PIM"],
  [108, "IPComp"],
  [112, "VRRP"],
  [115, "L2TP"],
  [124, "ISIS-over-IPv4"],
  [132, "SCTP"],
  [135, "Mobility-Header"],
  [136, "UDPLite"],
  [137, "MPLS-in-IP"],
  [143, "Ethernet"],
  [145, "NSH"],
  [147, "BIT-EMU"],
];

Deno.test("ipProtocolName() knows the keywords of the IANA registry", () => {
  for (const [protocol, name] of IP_PROTOCOLS) assert.equal(ipProtocolName(protocol), name);
});

Deno.test("ipProtocolName() gives the number where IANA has no keyword", () => {
  for (const protocol of [61, 63, 68, 99, 114, 148, 252, 253, 254, 255]) {
    assert.equal(ipProtocolName(protocol), `IP-${protocol}`);
  }
});

Deno.test("ipProtocolName() gives every protocol a name of its own", () => {
  const names = Array.from({ length: 256 }, (_, protocol) => ipProtocolName(protocol));
  assert.equal(new Set(names).size, 256);
});

Deno.test("ethertypeName() knows what is seen on Ethernet", () => {
  const expected = {
    0x0806: "ARP",
    0x22ea: "MSRP",
    0x8847: "MPLS",
    0x8848: "MPLS-Upstream",
    0x88f7: "PTPv2",
    0x88cc: "LLDP",
  };
  for (const [ethertype, name] of Object.entries(expected)) {
    assert.equal(ethertypeName(Number(ethertype)), name);
  }
  assert.equal(ethertypeName(0x8863), "PPPoE-Discovery");
  assert.equal(ethertypeName(0x8864), "PPPoE");
  assert.equal(ethertypeName(0x8100), "VLAN");
});

Deno.test("ethertypeName() writes four hex digits where it knows no name", () => {
  assert.equal(ethertypeName(0xffff), "ETH-0xffff");
  assert.equal(ethertypeName(0x0601), "ETH-0x0601");
});

Deno.test("ethertypeName() does not call a frame IP that has only the EtherType of it", () => {
  assert.equal(ethertypeName(0x0800), "ETH-0x0800");
  assert.equal(ethertypeName(0x86dd), "ETH-0x86dd");
});

Deno.test("ethertypeName() gives no name that is another thing's as an IP protocol", () => {
  const protocols = new Set(Array.from({ length: 256 }, (_, protocol) => ipProtocolName(protocol)));
  const types = Array.from({ length: 1 << 16 }, (_, ethertype) => ethertypeName(ethertype));
  // The network service header is one protocol, carried by both.
  assert.deepEqual([...types, LLC_NAME].filter((name) => protocols.has(name)), ["NSH"]);
});

Deno.test("no name of a protocol has a blank", () => {
  const names = [
    ...Array.from({ length: 256 }, (_, protocol) => ipProtocolName(protocol)),
    ...Array.from({ length: 1 << 16 }, (_, ethertype) => ethertypeName(ethertype)),
  ];
  assert.deepEqual(names.filter((name) => /\s/.test(name)), []);
});

Deno.test("ethertypeName() gives every EtherType a name of its own", () => {
  const names = Array.from({ length: 1 << 16 }, (_, ethertype) => ethertypeName(ethertype));
  assert.equal(new Set([...names, LLC_NAME]).size, (1 << 16) + 1);
});
