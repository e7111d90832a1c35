/**
 * What a test run cannot make, on real packets in namespaces: a VLAN tag that the kernel keeps beside
 * the data, and a packet of which only the first bytes are in its linear part.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { NEEDS_ROOT, TEST_ATTACHMENT } from "../support/bpf_inspector.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE, pppoe, vlan } from "../support/frames/link.ts";
import { filler } from "../support/frames/octets.ts";
import { PROTOCOL, tcp, udp } from "../support/frames/transport.ts";
import { NetnsPair } from "../support/netns.ts";
import { pcapFile } from "../support/pcap.ts";
import { EMPTY_RECORD, type RecordFields } from "../support/record_fields.ts";
import { ipv4Fields, link, PORTS, present, TCP, TCP_PRESENT, UDP_PRESENT } from "./rows/row.ts";

const { IPV4, VLAN, SERVICE_VLAN, OLD_QINQ, PPPOE } = ETHERTYPE;
const PROBE = join(import.meta.dirname!, "stack_probe.ts");

const datagram = ipv4({ protocol: PROTOCOL.UDP }, udp(filler(6)));
const datagramFields = { ...ipv4Fields(PROTOCOL.UDP), ...PORTS, payload_length: 6 };
const tagged = present(...UDP_PRESENT, "VLAN");

/** What happens to each: the kernel takes one tag of 0x8100 or 0x88a8 out of the data. */
/** Tags around another tag. */
function innerTags(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => vlan(200, VLAN));
}

const TAGGED: readonly [name: string, frame: Uint8Array, record: Partial<RecordFields>][] = [
  ["no tag", ethernet(IPV4, datagram), { ...datagramFields, ...present(...UDP_PRESENT) }],
  [
    "a tag beside the data",
    ethernet(VLAN, vlan(0x5a5, IPV4, 6), datagram),
    { ...datagramFields, vlan_id: 0x5a5, ...tagged },
  ],
  [
    "a tag beside the data with identifier 0",
    ethernet(VLAN, vlan(0, IPV4), datagram),
    { ...datagramFields, vlan_id: 0, ...tagged },
  ],
  [
    "the outer tag beside the data, the inner one in it",
    ethernet(SERVICE_VLAN, vlan(100, VLAN), vlan(200, IPV4), datagram),
    { ...datagramFields, vlan_id: 100, ...tagged },
  ],
  [
    "three tags, the first beside the data",
    ethernet(SERVICE_VLAN, vlan(100, VLAN), vlan(200, VLAN), vlan(300, IPV4), datagram),
    { ...datagramFields, vlan_id: 100, ...tagged },
  ],
  [
    "eight tags, the first beside the data",
    ethernet(SERVICE_VLAN, vlan(100, VLAN), ...innerTags(6), vlan(300, IPV4), datagram),
    { ...datagramFields, vlan_id: 100, ...tagged },
  ],
  [
    "nine tags, the first beside the data: it counts",
    ethernet(SERVICE_VLAN, vlan(100, VLAN), ...innerTags(7), vlan(300, IPV4), datagram),
    { ...link(VLAN), vlan_id: 100, ...present("MAC", "ETHERTYPE", "PROTOCOL", "VLAN") },
  ],
  [
    "PPPoE behind a tag beside the data",
    ethernet(VLAN, vlan(9, PPPOE), pppoe("0021", datagram)),
    { ...datagramFields, ethertype: PPPOE, vlan_id: 9, ...tagged },
  ],
  [
    "an old QinQ tag, which stays in the data",
    ethernet(OLD_QINQ, vlan(7, IPV4), datagram),
    { ...datagramFields, vlan_id: 7, ...tagged },
  ],
];

function inOrder(record: RecordFields): RecordFields {
  return { ...record, present: [...record.present].sort(), flags: [...record.flags].sort() };
}

function expected(frame: Uint8Array, record: Partial<RecordFields>): RecordFields {
  const whole = {
    ...EMPTY_RECORD,
    packet_length: frame.length,
    attachment: TEST_ATTACHMENT,
    ...record,
  };
  return inOrder(whole);
}

Deno.test({
  name: "inspect_tc_ingress() records the tag when the kernel keeps it beside the data",
  ignore: NEEDS_ROOT,
  fn: async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    const frames = TAGGED.map(([, frame]) => frame.toHex());

    const output = await rig.a.check([Deno.execPath(), "run", "-A", PROBE, "ingress", ...frames]);

    const recorded = JSON.parse(output) as RecordFields[][];
    TAGGED.forEach(([name, frame, record], index) => {
      assert.deepEqual(recorded[index]?.map(inOrder), [expected(frame, record)], name);
    });
  },
});

Deno.test({
  name: "inspect_tc_egress() records all headers when they lie behind the linear part",
  ignore: NEEDS_ROOT,
  fn: async () => {
    // A packet socket puts only the Ethernet header of a frame above a page into the linear part:
    // net/packet/af_packet.c, packet_alloc_skb().
    const payload = 5000;
    const frame = ethernet(IPV4, ipv4({ protocol: PROTOCOL.TCP }, tcp({}, filler(payload))));
    await using rig = await NetnsPair.create({ ipv6: false });
    for (const end of [rig.a, rig.b]) {
      await end.check(["ip", "link", "set", end.interface, "mtu", "9000"]);
    }
    const file = await Deno.makeTempFile({ suffix: ".pcap" });
    try {
      await Deno.writeFile(file, pcapFile([frame]));
      const send = ["tcpreplay", "-q", "-i", rig.a.interface, file];

      const output = await rig.a.check([
        ...[Deno.execPath(), "run", "-A", PROBE, "egress", rig.a.interface],
        ...send,
      ]);

      const recorded = (JSON.parse(output) as RecordFields[]).map(inOrder);
      assert.deepEqual(recorded, [
        expected(frame, {
          ...ipv4Fields(PROTOCOL.TCP),
          ...TCP,
          payload_length: payload,
          ...present(...TCP_PRESENT),
        }),
      ]);
    } finally {
      await Deno.remove(file);
    }
  },
});
