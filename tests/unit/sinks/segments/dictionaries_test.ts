import assert from "node:assert/strict";
import { BATCH_BYTES, createBatch } from "../../../../src/batch/column_batch.ts";
import { EVENT_FLAG, PRESENT } from "../../../../src/contract/record_layout.ts";
import { ROW_PRESENT } from "../../../../src/contract/columns.ts";
import {
  AddressDictionary,
  MacDictionary,
  type TextDictionary,
} from "../../../../src/sinks/segments/address_dictionary.ts";
import {
  AttachmentDictionary,
  AttachmentPresence,
} from "../../../../src/sinks/segments/attachment_dictionary.ts";
import { ProtocolDictionary } from "../../../../src/sinks/segments/protocol_dictionary.ts";
import { batchesOf, type Packet } from "../packets.ts";

/** Text of each row, as its code says. */
function textsOf(dictionary: TextDictionary, batch: Packet["batch"][]): (string | undefined)[] {
  const [filled] = batchesOf(batch.map((columns) => ({ batch: columns, row: {} })));
  const codes = new Uint16Array(batch.length);
  dictionary.encode(filled!.batch, 0, batch.length, codes, 0);
  const texts = dictionary.texts();
  return Array.from(codes, (code) => texts[code]);
}

const IP4 = { present: PRESENT.IP };
const IP6 = { present: PRESENT.IP, flags: EVENT_FLAG.IPV6 };

Deno.test("AddressDictionary tells IPv4 from IPv6 addresses with the same bytes", () => {
  const bytes = [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const texts = textsOf(new AddressDictionary("sourceAddress"), [
    { ...IP4, sourceAddress: bytes },
    { ...IP6, sourceAddress: bytes },
    { ...IP6, sourceAddress: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4] },
    { ...IP4, sourceAddress: bytes },
  ]);
  assert.deepEqual(texts, ["1.2.3.4", "102:304::", "::ffff:1.2.3.4", "1.2.3.4"]);
});

Deno.test("AddressDictionary takes the column it is told", () => {
  const packet = { ...IP4, sourceAddress: [1, 1, 1, 1], destinationAddress: [2, 2, 2, 2] };
  assert.deepEqual(textsOf(new AddressDictionary("sourceAddress"), [packet]), ["1.1.1.1"]);
  assert.deepEqual(textsOf(new AddressDictionary("destinationAddress"), [packet]), ["2.2.2.2"]);
});

Deno.test("AddressDictionary does not take an address from a packet without IP", () => {
  const dictionary = new AddressDictionary("sourceAddress");
  textsOf(dictionary, [{ sourceAddress: [1, 1, 1, 1] }, { present: 0xffff & ~PRESENT.IP }]);
  assert.equal(dictionary.size, 0);
});

Deno.test("MacDictionary splits both addresses at the right byte", () => {
  const packet = {
    present: PRESENT.MAC,
    macs: [0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5],
  };
  assert.deepEqual(textsOf(new MacDictionary("destination"), [packet]), ["d0:d1:d2:d3:d4:d5"]);
  assert.deepEqual(textsOf(new MacDictionary("source"), [packet]), ["f0:f1:f2:f3:f4:f5"]);
});

Deno.test("MacDictionary tells addresses apart by every byte", () => {
  for (const column of ["destination", "source"] as const) {
    const start = column === "source" ? 6 : 0;
    const dictionary = new MacDictionary(column);
    const packets = Array.from({ length: 6 }, (_, byte) => {
      const macs = new Array<number>(12).fill(0);
      macs[start + byte] = 1;
      return { present: PRESENT.MAC, macs };
    });
    textsOf(dictionary, packets);
    assert.equal(dictionary.size, 6);
  }
});

Deno.test("MacDictionary keeps the codes of many addresses in turn, and none when it is cleared", () => {
  for (const column of ["destination", "source"] as const) {
    const dictionary = new MacDictionary(column);
    const packets = Array.from({ length: 1000 }, (_, index) => {
      const mac = [2, index % 300 >> 8, 0, 0, index % 3, index % 300 & 0xff];
      const other = [0, 0, 0, 0, 0, index & 0xff];
      const macs = column === "source" ? [...other, ...mac] : [...mac, ...other];
      return { present: PRESENT.MAC, macs };
    });
    const hex = (byte: number) => byte.toString(16).padStart(2, "0");
    const start = column === "source" ? 6 : 0;
    const expected = packets.map(({ macs }) => macs.slice(start, start + 6).map(hex).join(":"));
    assert.deepEqual(textsOf(dictionary, packets), expected);
    dictionary.clear();
    assert.deepEqual(textsOf(dictionary, packets.toReversed()), expected.toReversed());
  }
});

Deno.test("MacDictionary does not take an address from a packet without one", () => {
  const dictionary = new MacDictionary("source");
  textsOf(dictionary, [{ macs: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }]);
  assert.equal(dictionary.size, 0);
});

Deno.test("ProtocolDictionary names the IP protocol, the EtherType or LLC", () => {
  const { PROTOCOL, IP } = PRESENT;
  const texts = textsOf(new ProtocolDictionary(), [
    { present: PROTOCOL | IP, ipProtocol: 17, ethertype: 0x0800 },
    { present: PROTOCOL | IP, ipProtocol: 58, ethertype: 0x86dd },
    { present: PROTOCOL | IP, ipProtocol: 0, ethertype: 0x86dd },
    { present: PROTOCOL, ethertype: 0x0806 },
    { present: PROTOCOL, flags: EVENT_FLAG.LLC },
    { present: PROTOCOL, ethertype: 0x1234 },
    { present: PROTOCOL, flags: EVENT_FLAG.LLC },
    { present: PROTOCOL | IP, ipProtocol: 17, ethertype: 0x0800 },
  ]);
  assert.deepEqual(texts, ["UDP", "ICMPv6", "HOPOPT", "ARP", "LLC", "ETH-0x1234", "LLC", "UDP"]);
});

Deno.test("ProtocolDictionary has one value for a name that an IP protocol and an EtherType share", () => {
  const { PROTOCOL, IP } = PRESENT;
  const dictionary = new ProtocolDictionary();
  const texts = textsOf(dictionary, [
    { present: PROTOCOL | IP, ipProtocol: 145, ethertype: 0x0800 },
    { present: PROTOCOL, ethertype: 0x894f },
  ]);
  assert.deepEqual(texts, ["NSH", "NSH"]);
  assert.equal(dictionary.size, 1);
});

Deno.test("ProtocolDictionary tells a frame that is not IP from IP in IP, and PTP from PTP", () => {
  const { PROTOCOL, IP } = PRESENT;
  const texts = textsOf(new ProtocolDictionary(), [
    { present: PROTOCOL | IP, ipProtocol: 4, ethertype: 0x0800 },
    { present: PROTOCOL, ethertype: 0x0800 },
    { present: PROTOCOL | IP, ipProtocol: 41, ethertype: 0x86dd },
    { present: PROTOCOL, ethertype: 0x86dd },
    { present: PROTOCOL | IP, ipProtocol: 123, ethertype: 0x0800 },
    { present: PROTOCOL, ethertype: 0x88f7 },
  ]);
  assert.deepEqual(texts, ["IPv4", "ETH-0x0800", "IPv6", "ETH-0x86dd", "PTP", "PTPv2"]);
});

Deno.test("ProtocolDictionary.clear() forgets every name", () => {
  const dictionary = new ProtocolDictionary();
  const packets = [
    { present: PRESENT.PROTOCOL, flags: EVENT_FLAG.LLC },
    { present: PRESENT.PROTOCOL | PRESENT.IP, ipProtocol: 6 },
    { present: PRESENT.PROTOCOL, ethertype: 0x0806 },
  ];
  textsOf(dictionary, packets);
  dictionary.clear();
  assert.equal(dictionary.size, 0);
  assert.deepEqual(textsOf(dictionary, packets.toReversed()), ["ARP", "TCP", "LLC"]);
});

Deno.test("AttachmentDictionary says what the attachment says", () => {
  const attachments = [
    { attachment: 0, interface: "eth0", direction: "ingress" },
    { attachment: 1, interface: "eth0", direction: "egress" },
    { attachment: 255, interface: "lo", direction: "ingress" },
  ] as const;
  const packets = [{ attachment: 255 }, { attachment: 1 }, { attachment: 0 }];
  const interfaces = textsOf(new AttachmentDictionary(attachments, "interface"), packets);
  assert.deepEqual(interfaces, ["lo", "eth0", "eth0"]);
  const directions = textsOf(new AttachmentDictionary(attachments, "direction"), packets);
  assert.deepEqual(directions, ["ingress", "egress", "ingress"]);
});

Deno.test("ProtocolDictionary has no name of a packet that has none", () => {
  const dictionary = new ProtocolDictionary();
  textsOf(dictionary, [{ present: 0xffff & ~PRESENT.PROTOCOL, ipProtocol: 6, ethertype: 0x0800 }]);
  assert.equal(dictionary.size, 0);
});

Deno.test("attachments may be added until a row of one comes, and need neither name nor direction", () => {
  const attachments: {
    attachment: number;
    interface: string | null;
    direction: "ingress" | "egress" | null;
  }[] = [{ attachment: 0, interface: "eth0", direction: null }];
  const [interfaces, directions] = (["interface", "direction"] as const)
    .map((column) => new AttachmentDictionary(attachments, column));
  const presence = new AttachmentPresence(attachments);
  attachments.push({ attachment: 3, interface: null, direction: "egress" });
  attachments.push({ attachment: 4, interface: "eth0", direction: "ingress" });
  const numbers = [3, 0, 4, 3];
  const [{ batch }] = batchesOf(
    numbers.map((attachment) => ({ batch: { attachment, present: PRESENT.IP }, row: {} })),
  ) as [ReturnType<typeof batchesOf>[number]];
  const present = new Uint16Array(6).fill(9);
  presence.add(batch, 0, 4, present, 1);
  assert.deepEqual([present[0], present[5]], [9, 9]);
  const has = (bit: number) => [...present.subarray(1, 5)].map((bits) => (bits & bit) !== 0);
  assert.deepEqual(has(PRESENT.IP), [true, true, true, true]);
  assert.deepEqual(has(ROW_PRESENT.INTERFACE), [false, true, true, false]);
  assert.deepEqual(has(ROW_PRESENT.DIRECTION), [true, false, true, true]);
  const packets = numbers.map((attachment) => ({ attachment }));
  // Of a row without a value no code is looked at.
  const known = (texts: (string | undefined)[], bit: number) =>
    texts.filter((_, row) => has(bit)[row]);
  assert.deepEqual(known(textsOf(interfaces!, packets), ROW_PRESENT.INTERFACE), ["eth0", "eth0"]);
  assert.deepEqual(
    known(textsOf(directions!, packets), ROW_PRESENT.DIRECTION),
    ["egress", "ingress", "egress"],
  );
  assert.deepEqual([interfaces!.size, directions!.size], [1, 2]);
  const unknown = [{ attachment: 9 }];
  assert.throws(() => textsOf(interfaces!, unknown), {
    name: "RangeError",
    message: "Cannot store a packet of attachment 9: there is none",
  });
});

Deno.test("encode() codes the rows it is told, where it is told", () => {
  const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
  batch.present.fill(PRESENT.IP | PRESENT.MAC | PRESENT.PROTOCOL);
  batch.sourceAddress.set([1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
  batch.macs.set([1, 0, 0, 2, 0, 0, 3, 0, 0, 4, 0, 0]);
  batch.ipProtocol.set([1, 6, 17, 58]);
  batch.attachment.set([3, 0, 1, 2]);
  const attachments = ["a", "b", "c", "d"].map((name, attachment) => {
    return { attachment, interface: name, direction: "ingress" } as const;
  });
  const cases: [TextDictionary, string, string][] = [
    [new AddressDictionary("sourceAddress"), "2.0.0.0", "3.0.0.0"],
    [new MacDictionary("destination"), "02:00:00:00:00:00", "03:00:00:00:00:00"],
    [new ProtocolDictionary(), "TCP", "UDP"],
    [new AttachmentDictionary(attachments, "interface"), "a", "b"],
  ];
  for (const [dictionary, ...texts] of cases) {
    const codes = new Uint16Array(4).fill(9);
    dictionary.encode(batch, 1, 2, codes, 1);
    assert.deepEqual([...codes], [9, 0, 1, 9]);
    assert.deepEqual(dictionary.texts().slice(0, 2), texts);
  }
});
