import assert from "node:assert/strict";

import { ipv4 } from "../../../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../../../support/frames/link.ts";
import { concat, filler } from "../../../support/frames/octets.ts";
import { PROTOCOL, udp } from "../../../support/frames/transport.ts";
import { BIG, LITTLE, OPTION, type Option, Pcapng, text } from "../../../support/packet_files.ts";
import { readPacketFile } from "../../../support/read_packet_file.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(100))));
const SECOND = 1_000_000_000n;
const NG = new Pcapng();

/** Microseconds, the unit of interfaces that say none. */
const NOW = 1_700_000_000_123_456n;

function flags(value: number, { bytes } = NG): Option {
  return [OPTION.EPB_FLAGS, bytes.u32(value)];
}

function drops(value: bigint, { bytes } = NG): Option {
  return [OPTION.EPB_DROPCOUNT, bytes.u64(value)];
}

for (const [order, bytes] of [["little", LITTLE], ["big", BIG]] as const) {
  Deno.test(`PacketRows reads pcapng, ${order}-endian, with names and ways`, async () => {
    const ng = new Pcapng(bytes);
    const file = concat(
      ng.section([[OPTION.COMMENT, text("a comment of a section")]]),
      ng.interface(1, [[OPTION.IF_NAME, text("eth0")], [OPTION.COMMENT, text("x")]]),
      ng.interface(1, [[OPTION.IF_NAME, text("wlan1")]]),
      ng.packet({ data: FRAME, at: NOW, options: [[OPTION.COMMENT, text("y")], flags(1, ng)] }),
      ng.packet({
        data: FRAME.slice(0, 61),
        length: 900,
        at: NOW + 1n,
        on: 1,
        options: [flags(2, ng)],
      }),
      ng.packet({ data: FRAME, at: NOW + 2n, on: 1 }),
      ng.packet({ data: FRAME, at: NOW + 3n, options: [flags(0xffff_fffc, ng)] }),
    );
    const { packets, findings, attachments } = await readPacketFile(file);
    assert.deepEqual(
      packets.map((one) => [one.time, one.interface, one.direction, one.length, one.payload]),
      [
        [NOW * 1000n, "eth0", "ingress", FRAME.length, 100],
        [(NOW + 1n) * 1000n, "wlan1", "egress", 900, 100],
        [(NOW + 2n) * 1000n, "wlan1", null, FRAME.length, 100],
        [(NOW + 3n) * 1000n, "eth0", null, FRAME.length, 100],
      ],
    );
    assert.deepEqual(findings, []);
    assert.deepEqual(attachments.map((one) => [one.slot, one.interface, one.direction, one.mode]), [
      [0, "eth0", "ingress", "pcapng"],
      [1, "wlan1", "egress", "pcapng"],
      [2, "wlan1", null, "pcapng"],
      [3, "eth0", null, "pcapng"],
    ]);
  });
}

Deno.test("PacketRows begins anew with each section, in its byte order", async () => {
  const big = new Pcapng(BIG);
  const file = concat(
    NG.section(),
    NG.interface(1, [[OPTION.IF_NAME, text("one")]]),
    NG.packet({ data: FRAME, at: NOW }),
    big.section(),
    big.interface(1, [
      [OPTION.IF_NAME, text("two")],
      [OPTION.IF_TSRESOL, Uint8Array.of(9)],
    ]),
    big.packet({ data: FRAME, at: 5n }),
  );
  const { packets } = await readPacketFile(file);
  assert.deepEqual(packets.map(({ time, interface: name }) => [time, name]), [
    [NOW * 1000n, "one"],
    [5n, "two"],
  ]);
});

/** Resolution, offset in seconds, and what a time in these units is in nanoseconds. */
const TIMES: readonly (readonly [number, bigint, bigint, bigint])[] = [
  [0, 0n, 1_700_000_000n, 1_700_000_000n * SECOND],
  [3, 0n, 1_700_000_000_123n, 1_700_000_000_123n * 1_000_000n],
  [6, 0n, NOW, NOW * 1000n],
  [9, 0n, 1_700_000_000_123_456_789n, 1_700_000_000_123_456_789n],
  [9, 100n, 5n, 100n * SECOND + 5n],
  [9, -100n, 5n, -100n * SECOND + 5n],
  [12, 0n, 1_500_000_000_999n, 1_500_000_000n],
  [18, 0n, 1_500_000_000_000_000_000n, 1_500_000_000n],
  [19, 0n, 15_000_000_000_000_000_000n, 1_500_000_000n],
  [20, 7n, 0xffff_ffff_ffff_ffffn, 7n * SECOND],
  [0x80, 0n, 1_700_000_000n, 1_700_000_000n * SECOND],
  [0x80 | 1, 0n, 3n, 1_500_000_000n],
  [0x80 | 20, 0n, (5n << 20n) + (1n << 19n), 5_500_000_000n],
  [0x80 | 32, 0n, (1_700_000_000n << 32n) + (1n << 30n), 1_700_000_000_250_000_000n],
  [0x80 | 63, 0n, 3n << 62n, 1_500_000_000n],
  [0x80 | 64, 7n, 0xffff_ffff_ffff_ffffn, 7n * SECOND],
  [0x80 | 127, 0n, 0xffff_ffff_ffff_ffffn, 0n],
];

for (const [resolution, offset, units, ns] of TIMES) {
  Deno.test(`PacketRows knows the time ${units} of resolution ${resolution} and offset ${offset}`, async () => {
    const file = concat(
      NG.section(),
      NG.interface(1, [
        [OPTION.IF_TSRESOL, Uint8Array.of(resolution)],
        [OPTION.IF_TSOFFSET, NG.bytes.u64(offset)],
      ]),
      NG.packet({ data: FRAME, at: units }),
    );
    const { packets, findings } = await readPacketFile(file);
    assert.deepEqual([packets[0]!.time, findings], [ns, []]);
  });
}

Deno.test("PacketRows takes the nearest time for one that no recording can hold, and says so", async () => {
  const greatest = 2n ** 63n - 2n;
  const seconds = (offset: bigint) =>
    concat(
      NG.section(),
      NG.interface(1, [
        [OPTION.IF_TSRESOL, Uint8Array.of(0)],
        [OPTION.IF_TSOFFSET, NG.bytes.u64(offset)],
      ]),
      NG.packet({ data: FRAME, at: 0n }),
      NG.packet({ data: FRAME, at: 0xffff_ffff_ffff_ffffn }),
    );
  const times = async (offset: bigint) => {
    const { packets, findings } = await readPacketFile(seconds(offset));
    return [packets.map(({ time }) => time), findings.map(({ isFault, text }) => [isFault, text])];
  };
  const fault = (packets: string) => [[
    true,
    `Cannot keep the time of ${packets} of "x.pcap": it is before the year 1678 or after 2261`,
  ]];
  assert.deepEqual(await times(0n), [[0n, greatest], fault("1 packet")]);
  assert.deepEqual(await times(9_223_372_036n), [[greatest, greatest], fault("2 packets")]);
  assert.deepEqual(await times(-9_223_372_037n), [[-greatest, greatest], fault("2 packets")]);
  assert.deepEqual(await times(2n ** 63n - 1n), [[greatest, greatest], fault("2 packets")]);
  assert.deepEqual(await times(-(2n ** 63n)), [[-greatest, greatest], fault("2 packets")]);
});

Deno.test("PacketRows reads simple packet blocks, which have no time", async () => {
  const file = concat(
    NG.section(),
    NG.interface(1, [[OPTION.IF_NAME, text("eth0")]], 61),
    NG.simplePacket(FRAME.slice(0, 61), 900),
    NG.simplePacket(FRAME.slice(0, 50)),
  );
  const { packets, findings } = await readPacketFile(file);
  assert.deepEqual(
    packets.map((one) => [one.time, one.interface, one.length, one.payload]),
    [[0n, "eth0", 900, 100], [0n, "eth0", 50, null]],
  );
  assert.deepEqual(findings, [{
    isFault: false,
    text: '"x.pcap" does not say when 2 packets of it came: in the answer that is 1970-01-01',
  }]);
});

Deno.test("PacketRows reads the obsolete packet block, with its way and its losses", async () => {
  const file = concat(
    NG.section(),
    NG.interface(),
    NG.obsoletePacket(FRAME, { at: NOW, drops: 3, options: [flags(2)] }),
    NG.obsoletePacket(FRAME, { at: NOW }),
    NG.obsoletePacket(FRAME, { at: NOW, drops: 4 }),
  );
  const { packets, counters } = await readPacketFile(file);
  assert.deepEqual(packets.map(({ time, direction }) => [time, direction]), [
    [NOW * 1000n, "egress"],
    [NOW * 1000n, null],
    [NOW * 1000n, null],
  ]);
  assert.deepEqual(counters, {
    packets_seen: 10,
    packets_captured: 3,
    packets_dropped: 7,
    drops: { at_capture: 7 },
    bytes_captured: 3 * FRAME.length,
  });
});

Deno.test("PacketRows takes losses from the last statistics of each interface", async () => {
  const count = (code: number, value: bigint): Option => [code, NG.bytes.u64(value)];
  const file = concat(
    NG.section(),
    NG.interface(),
    NG.interface(),
    NG.packet({ data: FRAME, options: [drops(1n)] }),
    NG.statistics(0, [count(OPTION.ISB_IFRECV, 90n), count(OPTION.ISB_IFDROP, 5n)]),
    NG.statistics(1, [count(OPTION.ISB_IFDROP, 2n), count(OPTION.ISB_OSDROP, 1n)]),
    NG.packet({ data: FRAME, on: 1, options: [drops(10n)] }),
    NG.statistics(0, [count(OPTION.ISB_IFDROP, 6n)]),
    NG.section(),
    NG.interface(),
    NG.packet({ data: FRAME }),
    NG.statistics(0, [count(OPTION.ISB_IFDROP, 100n)]),
  );
  const { counters } = await readPacketFile(file);
  // 6 by statistics, 10 by a packet where these say 3, and 100 in the other section.
  assert.deepEqual([counters.packets_dropped, counters.packets_seen], [116, 119]);
});

Deno.test("PacketRows does not know what was lost when an interface with packets does not say", async () => {
  const file = concat(
    NG.section(),
    NG.interface(),
    NG.interface(),
    NG.packet({ data: FRAME }),
    NG.packet({ data: FRAME, on: 1 }),
    NG.statistics(0, [[OPTION.ISB_IFDROP, NG.bytes.u64(0n)]]),
    NG.statistics(1, [[OPTION.ISB_IFRECV, NG.bytes.u64(9n)]]),
  );
  const { counters } = await readPacketFile(file);
  assert.deepEqual([counters.packets_dropped, counters.packets_seen], [null, null]);
});

Deno.test("PacketRows passes over blocks that it does not know, however long", async () => {
  const file = concat(
    NG.section(),
    NG.block(0x0bad, filler(64)),
    NG.interface(),
    NG.block(4, new Uint8Array(3 * 2 ** 20)),
    NG.packet({ data: FRAME, at: NOW }),
    NG.block(0xffff_fff0, new Uint8Array()),
    NG.packet({ data: FRAME, at: NOW }),
  );
  for (const pieceBytes of [4099, 2 ** 22]) {
    const { packets, findings } = await readPacketFile(file, pieceBytes);
    assert.deepEqual([packets.length, findings], [2, []]);
  }
});

Deno.test("PacketRows reads a packet whose options are longer than what it looks at", async () => {
  const comments = Array.from({ length: 40 }, (): Option => [
    OPTION.COMMENT,
    new Uint8Array(0xfff0),
  ]);
  const file = concat(
    NG.section(),
    NG.interface(),
    NG.packet({ data: FRAME, at: NOW, options: [flags(1), ...comments] }),
    NG.packet({ data: FRAME, at: NOW }),
  );
  const { packets, findings } = await readPacketFile(file, 10_007);
  assert.deepEqual(packets.map(({ direction, payload }) => [direction, payload]), [
    ["ingress", 100],
    [null, 100],
  ]);
  assert.deepEqual(findings, []);
});

Deno.test("PacketRows leaves out packets of a link type that is not read, and says how many", async () => {
  const file = concat(
    NG.section(),
    NG.interface(),
    NG.interface(105),
    NG.packet({ data: FRAME }),
    NG.packet({ data: FRAME, on: 1 }),
    NG.packet({ data: FRAME, on: 1 }),
  );
  const { packets, findings } = await readPacketFile(file);
  assert.equal(packets.length, 1);
  assert.deepEqual(findings, [{
    isFault: true,
    text: 'Cannot read 2 packets of "x.pcap": link type 105 (IEEE802_11) is not supported',
    hint: "Ethernet, Linux cooked, raw IP and BSD loopback are read",
  }]);
});

Deno.test("PacketRows refuses a file that has packets of no other link type", async () => {
  const file = concat(NG.section(), NG.interface(127), NG.packet({ data: FRAME }));
  await assert.rejects(readPacketFile(file), {
    name: "RunError",
    message: 'Cannot read "x.pcap": link type 127 (IEEE802_11_RADIOTAP) is not supported',
  });
});

Deno.test("PacketRows takes the FCS off the length where the interface tells that of it", async () => {
  const file = concat(
    NG.section(),
    NG.interface(1, [[OPTION.IF_FCSLEN, Uint8Array.of(4)]]),
    NG.packet({ data: concat(FRAME, filler(4)) }),
  );
  assert.deepEqual((await readPacketFile(file)).packets.map(({ length }) => length), [
    FRAME.length,
  ]);
});

Deno.test("PacketRows makes names printable, and keeps them short", async () => {
  const names = [
    "\\Device\\NPF_{12345678-ABCD-4321-9876-0123456789AB}",
    "rpcap://host/eth 0",
    "=cmd()",
    "eth0\0rest",
    "\u202egnp.exe",
    "é".repeat(100),
    "",
  ];
  const file = concat(
    NG.section(),
    ...names.map((name) => NG.interface(1, [[OPTION.IF_NAME, text(name)]])),
    ...names.map((_, on) => NG.packet({ data: FRAME, on })),
  );
  const { packets } = await readPacketFile(file);
  assert.deepEqual(packets.map((one) => one.interface), [
    "\\Device\\NPF_{12345678-ABCD-4321-9876-0123456789AB}",
    "rpcap___host_eth_0",
    "_cmd()",
    "eth0",
    "_gnp.exe",
    "é".repeat(31),
    null,
  ]);
});

Deno.test("PacketRows keeps as many names as there are numbers for", async () => {
  const many = 65_536;
  const file = concat(
    NG.section(),
    ...Array.from({ length: many }, (_, n) => NG.interface(1, [[OPTION.IF_NAME, text(`if${n}`)]])),
    ...Array.from({ length: 300 }, (_, on) => NG.packet({ data: FRAME, on, options: [flags(1)] })),
    NG.packet({ data: FRAME, on: many - 1, options: [flags(2)] }),
  );
  const { packets, findings, attachments } = await readPacketFile(file);
  assert.equal(packets.length, 301);
  assert.deepEqual(packets.slice(250, 255).map((one) => [one.interface, one.direction]), [
    ["if250", "ingress"],
    ["if251", "ingress"],
    ["if252", "ingress"],
    [null, "ingress"],
    [null, "ingress"],
  ]);
  assert.deepEqual([packets.at(-1)!.interface, packets.at(-1)!.direction], [null, "egress"]);
  assert.ok(attachments.length <= 256);
  assert.deepEqual(findings.map(({ isFault, text }) => [isFault, text]), [[
    false,
    '"x.pcap" has more interfaces than a recording can name: the names of some are left out',
  ]]);
});
