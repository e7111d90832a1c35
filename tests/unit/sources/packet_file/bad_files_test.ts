import assert from "node:assert/strict";

import { ipv4 } from "../../../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../../../support/frames/link.ts";
import { concat, filler } from "../../../support/frames/octets.ts";
import { PROTOCOL, udp } from "../../../support/frames/transport.ts";
import { readMutated } from "../../../support/hostile_packet_file.ts";
import { BIG, LITTLE, OPTION, pcap, Pcapng, text } from "../../../support/packet_files.ts";
import { readPacketFile } from "../../../support/read_packet_file.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(7))));
const NG = new Pcapng();
const SEED = 20_261_126;
const RUNS = 2_000;

/** What is said of a file, with the number of packets that were read before. */
async function read(file: Uint8Array): Promise<[number, ...string[]]> {
  try {
    const { packets, findings } = await readPacketFile(file);
    return [packets.length, ...findings.map(({ text }) => text)];
  } catch (error) {
    assert.ok(error instanceof Error && error.name === "RunError", String(error));
    return [0, error.message];
  }
}

/** Where pieces begin, and where the last ends. */
function starts(pieces: readonly Uint8Array[]): number[] {
  let at = 0;
  return [0, ...pieces.map(({ length }) => at += length)];
}

Deno.test("PacketRows reads what is there when a pcap ends at any byte", async () => {
  const packets = [{ data: FRAME }, { data: FRAME.slice(0, 20), length: 99 }, { data: FRAME }];
  const whole = pcap(packets);
  const ends = starts([pcap([]), ...packets.map((one) => pcap([one]).subarray(24))]).slice(1);
  for (let length = 4; length <= whole.length; length++) {
    const found = await read(whole.slice(0, length));
    const before = ends.filter((end) => end <= length).length - 1;
    const place = `at byte ${ends[before] ?? 0}`;
    if (length < 24) {
      assert.deepEqual(found, [
        0,
        `Cannot read "x.pcap": the file ends within its header, ${place}`,
      ]);
    } else if (ends.includes(length)) {
      assert.deepEqual(found, [before]);
    } else {
      const to = before === 0 ? "" : " to its end";
      const said = `Cannot read "x.pcap"${to}: the file ends within a packet, ${place}`;
      assert.deepEqual(found, [before, said], `${length} bytes`);
    }
  }
});

Deno.test("PacketRows reads what is there when a pcapng ends at any byte", async () => {
  for (const ng of [NG, new Pcapng(BIG)]) {
    const pieces = [
      ng.section([[OPTION.COMMENT, text("x")]]),
      ng.interface(1, [[OPTION.IF_NAME, text("eth0")]]),
      ng.packet({ data: FRAME, options: [[OPTION.EPB_FLAGS, ng.bytes.u32(1)]] }),
      ng.block(0x0bad, filler(12)),
      ng.packet({ data: FRAME }),
    ];
    const whole = concat(...pieces);
    const ends = starts(pieces);
    for (let length = 4; length <= whole.length; length++) {
      const found = await read(whole.slice(0, length));
      const blocks = ends.filter((end) => end <= length).length - 1;
      const packets = [0, 0, 0, 1, 1, 2][blocks]!;
      if (ends.includes(length)) assert.deepEqual(found, [packets]);
      else {
        const to = packets === 0 ? "" : " to its end";
        assert.deepEqual(found, [
          packets,
          `Cannot read "x.pcap"${to}: the file ends within a block, at byte ${ends[blocks]}`,
        ], `${length} bytes`);
      }
    }
  }
});

/** A good packet, one that is not, and what is said of it. */
const LIES: readonly (readonly [string, Uint8Array, string])[] = [
  ["a length of 0", NG.block(6, filler(32), 0), "a block cannot have 0 bytes"],
  ["a length below the least", NG.block(6, filler(32), 28), "a block cannot have 28 bytes"],
  ["a length that is not aligned", NG.block(6, filler(32), 45), "a block cannot have 45 bytes"],
  [
    "a length that is huge",
    NG.block(6, filler(32), 0xffff_fffc),
    "the file ends within a block",
  ],
  [
    "a length that is huge in a block that is not known",
    NG.block(0x0bad, filler(32), 0xffff_fffc),
    "the file ends within a block",
  ],
  ["two lengths", NG.block(6, filler(32), 44, 48), "both lengths of a block differ"],
  [
    "a packet longer than its block",
    NG.block(6, concat(LITTLE.u32(0, 0, 0, 61, 61), new Uint8Array(60))),
    "a packet is longer than its block",
  ],
  [
    "a packet of 4 GiB",
    NG.block(6, concat(LITTLE.u32(0, 0, 0, 0xffff_ffff, 1), new Uint8Array(60))),
    "no packet has 4,294,967,295 bytes",
  ],
  [
    "an interface that was not described",
    NG.packet({ data: FRAME, on: 7 }),
    "its interface 7 was not described",
  ],
  [
    "statistics of an interface that was not described",
    NG.statistics(7, []),
    "its interface 7 was not described",
  ],
  [
    "another byte order than it says",
    NG.block(0x0a0d0d0a, filler(16)),
    "a section does not say its byte order",
  ],
  ["a section of another version", NG.section([], 2), "a section has pcapng version 2"],
];

for (const [what, block, reason] of LIES) {
  Deno.test(`PacketRows reads what is before ${what}`, async () => {
    const before = concat(NG.section(), NG.interface(), NG.packet({ data: FRAME }));
    const expected = `Cannot read "x.pcap" to its end: ${reason}, at byte ${before.length}`;
    assert.deepEqual(await read(concat(before, block)), [1, expected]);
  });
}

Deno.test("PacketRows reads what is before a packet of a pcap that is too long to be one", async () => {
  for (const captured of [262_145, 0xffff_ffff]) {
    const file = pcap([{ data: FRAME }, { data: FRAME }]);
    const at = 24 + 16 + FRAME.length;
    new DataView(file.buffer).setUint32(at + 8, captured, true);
    const bytes = captured.toLocaleString("en-US");
    const said = `Cannot read "x.pcap" to its end: no packet has ${bytes} bytes, at byte ${at}`;
    assert.deepEqual(await read(file), [1, said]);
  }
});

Deno.test("PacketRows reads the longest packet that there is", async () => {
  const data = concat(FRAME, new Uint8Array(262_144 - FRAME.length));
  assert.deepEqual(await read(pcap([{ data }, { data }])), [2]);
  const ng = concat(NG.section(), NG.interface(), NG.packet({ data }), NG.packet({ data }));
  assert.deepEqual(await read(ng), [2]);
});

Deno.test("PacketRows ends at one interface more than a section can have", async () => {
  const interfaces = Array.from({ length: 65_537 }, () => NG.interface());
  const before = concat(NG.section(), NG.interface(), NG.packet({ data: FRAME }));
  const [packets, said] = await read(concat(before, ...interfaces));
  assert.equal(packets, 1);
  assert.match(said!, /: a section has more than 65,536 interfaces, at byte 1,\d{3},\d{3}$/);
});

Deno.test("PacketRows does not read options beyond their list", async () => {
  const long = concat(LITTLE.u16(OPTION.EPB_FLAGS, 4000), LITTLE.u32(1));
  const file = concat(
    NG.section(),
    NG.interface(),
    NG.block(6, concat(LITTLE.u32(0, 0, 0, 4, 4), filler(4), long)),
    NG.block(6, concat(LITTLE.u32(0, 0, 0, 4, 4), filler(4), LITTLE.u16(0, 0), long)),
  );
  const { packets, findings } = await readPacketFile(file);
  assert.deepEqual(packets.map(({ direction }) => direction), [null, null]);
  assert.deepEqual(findings, []);
});

Deno.test("PacketRows reads damaged files as far as it can, with little memory", async () => {
  const before = Deno.memoryUsage().rss;
  const outcomes = { whole: 0, partial: 0, refused: 0 };
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    try {
      outcomes[await readMutated(seed)]++;
    } catch (error) {
      (error as Error).message += `\nseed ${seed}`;
      throw error;
    }
  }
  // Neither are the mutations harmless, nor is everything refused.
  for (const count of Object.values(outcomes)) {
    assert.ok(count > RUNS / 20, JSON.stringify(outcomes));
  }
  assert.ok(Deno.memoryUsage().rss - before < 2 ** 30);
});
