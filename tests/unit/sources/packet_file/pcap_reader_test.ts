import assert from "node:assert/strict";

import { RunError } from "../../../../src/core/errors.ts";
import { ipv4, SOURCE_IPV4 } from "../../../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../../../support/frames/link.ts";
import { filler } from "../../../support/frames/octets.ts";
import { DESTINATION_PORT, PROTOCOL, udp } from "../../../support/frames/transport.ts";
import {
  BIG,
  LITTLE,
  MICROSECONDS,
  MODIFIED,
  NANOSECONDS,
  pcap,
  type PcapOptions,
} from "../../../support/packet_files.ts";
import { readPacketFile } from "../../../support/read_packet_file.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(100))));
const SECOND = 1_000_000_000n;

/** The frame as it is read. */
const READ = {
  interface: null,
  direction: null,
  length: FRAME.length,
  ethertype: ETHERTYPE.IPV4,
  vlan: null,
  hasMacs: true,
  source: SOURCE_IPV4,
  ipProtocol: PROTOCOL.UDP,
  destinationPort: DESTINATION_PORT,
  payload: 100,
  hasProtocol: true,
};

for (const [order, bytes] of [["little", LITTLE], ["big", BIG]] as const) {
  for (
    const [unit, magic, ns] of [["micro", MICROSECONDS, 1000n], ["nano", NANOSECONDS, 1n]] as const
  ) {
    Deno.test(`PacketRows reads pcap of ${order}-endian ${unit}seconds`, async () => {
      const file = pcap([
        { data: FRAME, time: [1_700_000_000, 123_456] },
        { data: FRAME, time: [0, 0] },
        { data: FRAME, time: [0xffff_ffff, 999_999] },
      ], { bytes, magic });
      const { packets, findings } = await readPacketFile(file);
      assert.deepEqual(packets, [
        { ...READ, time: 1_700_000_000n * SECOND + 123_456n * ns },
        { ...READ, time: 0n },
        { ...READ, time: 0xffff_ffffn * SECOND + 999_999n * ns },
      ]);
      assert.deepEqual(findings, []);
    });
  }

  Deno.test(`PacketRows reads the modified form of pcap, ${order}-endian, with the way of each packet`, async () => {
    const file = pcap([
      { data: FRAME, time: [1, 2], type: 0 },
      { data: FRAME, time: [1, 2], type: 4 },
      { data: FRAME, time: [1, 2], type: 3 },
    ], { bytes, magic: MODIFIED });
    const { packets, attachments } = await readPacketFile(file);
    const time = SECOND + 2000n;
    assert.deepEqual(packets, [
      { ...READ, time, direction: "ingress" },
      { ...READ, time, direction: "egress" },
      { ...READ, time, direction: "ingress" },
    ]);
    assert.deepEqual(
      attachments.map(({ direction, hook, mode }) => ({ direction, hook, mode })),
      ["ingress", "egress"].map((direction) => ({ direction, hook: "file", mode: "pcap" })),
    );
  });
}

Deno.test("PacketRows keeps the length on the wire of a packet that the snap length cuts", async () => {
  const file = pcap([{ data: FRAME.slice(0, 60), length: 9000 }], { snapLength: 60 });
  const [packet] = (await readPacketFile(file)).packets;
  assert.deepEqual(packet, { ...READ, time: 0n, length: 9000 });
});

Deno.test("PacketRows looks at the captured bytes only", async () => {
  // The next packet's bytes continue the header that is cut off here.
  const file = pcap([{ data: FRAME.slice(0, 30), length: 142 }, { data: FRAME }]);
  const [cut, whole] = (await readPacketFile(file)).packets;
  assert.deepEqual([cut!.source, cut!.destinationPort, cut!.hasProtocol], [null, null, true]);
  assert.equal(whole!.destinationPort, DESTINATION_PORT);
});

for (const snapLength of [0, 0xffff_ffff]) {
  Deno.test(`PacketRows reads pcap with a snap length of ${snapLength}`, async () => {
    const { packets, findings } = await readPacketFile(pcap([{ data: FRAME }], { snapLength }));
    assert.deepEqual(packets, [{ ...READ, time: 0n }]);
    assert.deepEqual(findings, []);
  });
}

Deno.test("PacketRows knows that both lengths were the other way round in old files", async () => {
  const lengths = async (minor: number, swapLengths: boolean) => {
    const packet = { data: FRAME.slice(0, 60), length: 100 };
    const file = pcap([packet], { version: [2, minor], swapLengths });
    return (await readPacketFile(file)).packets.map(({ length }) => length);
  };
  assert.deepEqual(await lengths(2, true), [100]);
  // In version 2.3 either may be.
  assert.deepEqual(await lengths(3, true), [100]);
  assert.deepEqual(await lengths(3, false), [100]);
  assert.deepEqual(await lengths(4, false), [100]);
});

Deno.test("PacketRows takes the FCS, where the file tells its length, off that of the packet", async () => {
  const linkType = (1 | 0x0400_0000 | 2 << 28) >>> 0; // two words of 16 bits
  const data = new Uint8Array([...FRAME, 1, 2, 3, 4]);
  const { packets } = await readPacketFile(pcap([{ data }], { linkType }));
  assert.deepEqual(packets, [{ ...READ, time: 0n }]);
});

Deno.test("PacketRows reads a pcap without packets", async () => {
  const { packets, findings, counters } = await readPacketFile(pcap([]));
  assert.deepEqual([packets, findings], [[], []]);
  assert.deepEqual(counters, {
    packets_seen: null,
    packets_captured: 0,
    packets_dropped: null,
    drops: {},
    bytes_captured: 0,
  });
});

Deno.test("PacketRows counts packets and bytes, and does not know what was lost", async () => {
  const file = pcap([{ data: FRAME }, { data: FRAME.slice(0, 20), length: 1000 }]);
  const { counters, attachments } = await readPacketFile(file);
  const counted = {
    packets_seen: null,
    packets_captured: 2,
    packets_dropped: null,
    drops: {},
    bytes_captured: FRAME.length + 1000,
  };
  assert.deepEqual(counters, counted);
  assert.deepEqual(attachments, [
    { slot: 0, interface: null, direction: null, hook: "file", mode: "pcap", counters: counted },
  ]);
});

const REFUSED: readonly (readonly [string, PcapOptions, string])[] = [
  [
    "a link type by its name",
    { linkType: 105 },
    'Cannot read "x.pcap": link type 105 (IEEE802_11) is not supported',
  ],
  [
    "a link type without a name",
    { linkType: 4711 },
    'Cannot read "x.pcap": link type 4711 is not supported',
  ],
  [
    "another version",
    { version: [3, 1] },
    'Cannot read "x.pcap": it is pcap of version 3.1',
  ],
];

for (const [what, options, message] of REFUSED) {
  Deno.test(`PacketRows refuses ${what}`, async () => {
    await assert.rejects(readPacketFile(pcap([{ data: FRAME }], options)), (error) => {
      return error instanceof RunError && error.message === message;
    });
  });
}

Deno.test("PacketRows reads any number of packets, whatever the pieces that come", async () => {
  const packets = Array.from({ length: 40_000 }, (_, index) => ({
    data: FRAME.slice(0, 42 + index % 60),
    length: 100 + index % 1000,
    time: [index, index % 1_000_000] as const,
  }));
  const file = pcap(packets);
  const expected = packets.map(({ length, time: [seconds, part] }) => ({
    length,
    time: BigInt(seconds) * SECOND + BigInt(part) * 1000n,
  }));
  for (const pieceBytes of [997, 65_536, 2 ** 24]) {
    const read = await readPacketFile(file, pieceBytes);
    assert.deepEqual(read.packets.map(({ length, time }) => ({ length, time })), expected);
  }
});
