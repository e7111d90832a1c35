import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";

import type { ForeignBytes } from "../../../../src/sources/foreign_rows.ts";
import { lz4Frames } from "../../../../src/sources/packet_file/lz4_frame.ts";
import { PacketRows } from "../../../../src/sources/packet_file/packet_rows.ts";
import { BATCH_BYTES, createBatch } from "../../../../src/batch/column_batch.ts";
import { ipv4 } from "../../../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../../../support/frames/link.ts";
import { concat, filler, hex } from "../../../support/frames/octets.ts";
import { PROTOCOL, udp } from "../../../support/frames/transport.ts";
import { lz4Stored } from "../../../support/lz4_stored.ts";
import { LITTLE, pcap } from "../../../support/packet_files.ts";
import { Prng } from "../../../support/prng.ts";
import { inPieces, readPacketFile } from "../../../support/read_packet_file.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(7))));

/** So many packets that they are decompressed in several pieces. */
const PACKETS = 20_000;
const FILE = Uint8Array.from(pcap(
  Array.from({ length: PACKETS }, (_, index) => ({ data: FRAME, length: 100 + index % 9 })),
));
const HEADER_BYTES = 24;

const COMPRESSIONS: Readonly<Record<string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array>> = {
  gzip: gzipSync,
  zstd: zstdCompressSync,
  lz4: lz4Stored,
};

for (const [name, compress] of Object.entries(COMPRESSIONS)) {
  Deno.test(`PacketRows reads a file that is compressed with ${name}, in any pieces`, async () => {
    for (const pieceBytes of [1013, 2 ** 20]) {
      const { packets, findings } = await readPacketFile(compress(FILE), pieceBytes);
      assert.deepEqual([packets.length, findings], [PACKETS, []]);
      assert.equal(packets.at(-1)!.length, 100 + (PACKETS - 1) % 9);
    }
  });

  Deno.test(`PacketRows reads on behind the end of a part that is compressed with ${name}`, async () => {
    // As two files, one appended to the other, are.
    const middle = HEADER_BYTES + (16 + FRAME.length) * 1000 + 5;
    const parts = [FILE.slice(0, middle), FILE.slice(middle)].map(compress);
    const { packets, findings } = await readPacketFile(concat(...parts));
    assert.deepEqual([packets.length, findings], [PACKETS, []]);
  });

  Deno.test(`PacketRows reads what is there when ${name} is cut off`, async () => {
    const random = new Prng(1);
    // What does not compress: else all packets are in the last byte.
    const noise = Uint8Array.from({ length: 60 }, () => random.below(256));
    const packets = Array.from({ length: PACKETS }, () => {
      noise[random.below(60)] = random.below(256);
      return { data: noise.slice() };
    });
    const compressed = compress(Uint8Array.from(pcap(packets)));
    const half = compressed.slice(0, compressed.length / 2);
    const { packets: read, findings } = await readPacketFile(half);
    assert.ok(read.length > PACKETS / 10 && read.length < PACKETS * 0.9, String(read.length));
    const [{ isFault, text }] = findings as [{ isFault: boolean; text: string }];
    const data = name === "lz4" ? "LZ4" : name;
    assert.ok(isFault);
    assert.match(
      text,
      new RegExp(
        `^Cannot read "x.pcap" to its end: the ${data} data is damaged or cut off, at byte`,
      ),
    );
  });

  Deno.test(`PacketRows refuses what is compressed with ${name} and is no packet file`, async () => {
    await assert.rejects(readPacketFile(compress(Uint8Array.from(filler(1000)))), {
      name: "RunError",
      message: 'Cannot read "x.pcap": what is compressed in it is no packet file',
    });
  });

  Deno.test(`PacketRows refuses a file that begins as ${name} and goes on as something else`, async () => {
    const file = concat(compress(FILE).slice(0, 4), filler(5000));
    await assert.rejects(readPacketFile(file), {
      name: "RunError",
      message: /^Cannot read "x\.pcap": the (gzip|zstd|LZ4) data is damaged or cut off/,
    });
  });
}

for (const [name, compress] of Object.entries(COMPRESSIONS)) {
  // What is in one piece of it all, and what is not.
  for (const packets of [3, PACKETS]) {
    Deno.test(`PacketRows reads all ${packets} packets before a wrong checksum of ${name}`, async () => {
      const file = FILE.slice(0, HEADER_BYTES + (16 + FRAME.length) * packets);
      const compressed = name === "zstd"
        ? zstdCompressSync(file, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
        : compress(file);
      // Of gzip the length follows, which is right.
      compressed[compressed.length - (name === "gzip" ? 8 : 1)]! ^= 1;
      const { packets: read, findings } = await readPacketFile(compressed);
      assert.equal(read.length, packets);
      assert.match(findings[0]!.text, /^Cannot read "x\.pcap" to its end: the \w+ data is damaged/);
      assert.ok(findings[0]!.isFault);
    });
  }
}

Deno.test("PacketRows reads what comes before damage within gzip", async () => {
  const random = new Prng(5);
  const noise = () => Uint8Array.from({ length: 60 }, () => random.below(256));
  for (const count of [10, 300, 5000]) {
    const file = Uint8Array.from(pcap(Array.from({ length: count }, () => ({ data: noise() }))));
    const compressed = gzipSync(file);
    for (const share of [0.5, 0.9]) {
      const flaw = Math.floor(compressed.length * share);
      // A block of a type that there is not: RFC 1951, 3.2.3.
      const cut = gzipSync(file.slice(0, Math.floor(file.length * share)), {
        finishFlush: constants.Z_SYNC_FLUSH,
      });
      const damaged = concat(cut, Uint8Array.of(0xff), compressed.slice(flaw));
      const { packets, findings } = await readPacketFile(damaged);
      const whole = Math.floor((file.length * share - HEADER_BYTES) / 76);
      // It is decompressed by the 256th part of what came before.
      const least = whole - Math.ceil(cut.length / 256 / 76);
      assert.ok(packets.length <= whole && packets.length >= least, `${count}, ${packets.length}`);
      if (count === 10) assert.equal(packets.length, whole);
      assert.match(
        findings[0]!.text,
        /^Cannot read "x\.pcap" to its end: the gzip data is damaged/,
      );
    }
  }
});

Deno.test("PacketRows reads what is compressed a thousand times and more with little memory", async () => {
  // Zeros are packets without a byte, 16 bytes each: 200 MB of them.
  const many = new Uint8Array(2 ** 26);
  for (const compress of [gzipSync, zstdCompressSync]) {
    const part = compress(many);
    const bomb = concat(
      compress(Uint8Array.from(pcap([]))),
      ...Array.from({ length: 3 }, () => part),
    );
    assert.ok(bomb.length < many.length / 50);
    using rows = await PacketRows.open(inPieces(bomb));
    const batch = createBatch(new ArrayBuffer(BATCH_BYTES));
    const before = Deno.memoryUsage().rss;
    let packets = 0;
    let most = 0;
    for (let count = await rows.fill(batch); count > 0; count = await rows.fill(batch)) {
      packets += count;
      most = Math.max(most, Deno.memoryUsage().rss);
    }
    assert.equal(packets, 3 * many.length / 16);
    assert.ok(most - before < 200_000_000, String(most - before));
  }
});

Deno.test("PacketRows asks for no more than it needs", async () => {
  // A reader that is in no hurry bounds what waits.
  const compressed = gzipSync(new Uint8Array(2 ** 24));
  let asked = 0;
  const bytes = inPieces(concat(gzipSync(Uint8Array.from(pcap([]))), compressed), 1024);
  const next = () => {
    asked++;
    return bytes.next();
  };
  const counted: ForeignBytes = { label: bytes.label, next, lend: next };
  using rows = await PacketRows.open(counted);
  await rows.fill(createBatch(new ArrayBuffer(BATCH_BYTES)));
  assert.ok(asked < 12, String(asked));
});

Deno.test({
  name: "lz4Frames() decompresses what lz4 makes, with all its options",
  ignore: !hasLz4(),
  fn: async () => {
    const random = new Prng(3);
    const words = Array.from({ length: 300 }, () => filler(1 + random.below(40)));
    const content = concat(...Array.from({ length: 60_000 }, () => random.pick(words)));
    assert.ok(content.length > 2 ** 20);
    for (
      const options of ["-1", "-9", "-B4 -BD", "-B5 -BX", "-B7 --content-size", "--no-frame-crc"]
    ) {
      const compressed = await lz4(content, options.split(" "));
      assert.deepEqual(await decompressed(compressed, 777), content, options);
      assert.deepEqual(await decompressed(compressed, 2 ** 20), content, options);
    }
  },
});

Deno.test({
  name: "lz4Frames() notices a byte that differs",
  ignore: !hasLz4(),
  fn: async () => {
    const content = filler(10_000);
    const compressed = await lz4(content, ["-9"]);
    let noticed = 0;
    for (let at = 7; at < compressed.length; at++) {
      const damaged = compressed.slice();
      damaged[at]! ^= 1;
      // A bit that means nothing may differ.
      const read = await decompressed(damaged, 4096).catch((error) => error.name);
      assert.ok(read === "CompressionError" || Buffer.from(read).equals(content), `byte ${at}`);
      if (read === "CompressionError") noticed++;
    }
    assert.ok(noticed > compressed.length * 0.9, `${noticed} of ${compressed.length}`);
  },
});

Deno.test("lz4Frames() passes over frames of another kind, and refuses a dictionary", async () => {
  const other = concat(LITTLE.u32(0x184d2a53, 5), filler(5));
  assert.deepEqual(await decompressed(concat(other, lz4Stored(filler(99)), other)), filler(99));
  await assert.rejects(decompressed(hex("04224d18 61 40 00000000 00 00000000")), {
    name: "CompressionError",
    message: "the LZ4 data needs a dictionary",
  });
});

async function decompressed(bytes: Uint8Array, pieceBytes = 4096): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of lz4Frames(inPieces(bytes, pieceBytes))) pieces.push(piece.slice());
  return concat(...pieces);
}

function hasLz4(): boolean {
  try {
    return new Deno.Command("lz4", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

async function lz4(content: Uint8Array, options: readonly string[]): Promise<Uint8Array> {
  await using child = new Deno.Command("lz4", {
    args: ["-c", ...options],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(Uint8Array.from(content)).then(() => writer.close());
  const { stdout } = await child.output();
  await written;
  return stdout;
}

Deno.test("PacketRows reads zstd that begins with a frame to pass over, as pzstd makes it", async () => {
  const skipped = hex("50 2a 4d 18 04 00 00 00 61 62 63 64");
  const { packets, findings } = await readPacketFile(concat(skipped, zstdCompressSync(FILE)));
  assert.deepEqual([packets.length, findings], [PACKETS, []]);
});

Deno.test("PacketRows reads all packets when zstd is cut off within its checksum", async () => {
  const { ZSTD_c_checksumFlag } = constants;
  for (const [count, hint] of [[1, "The 1 packet before is"], [2, "The 2 packets before are"]]) {
    const few = Uint8Array.from(
      pcap(Array.from({ length: Number(count) }, () => ({ data: FRAME }))),
    );
    const compressed = zstdCompressSync(few, { params: { [ZSTD_c_checksumFlag]: 1 } });
    const { packets, findings } = await readPacketFile(compressed.slice(0, -3));
    assert.equal(packets.length, count);
    assert.match(findings[0]!.text, /^Cannot read "x\.pcap" to its end: the zstd data is damaged/);
    assert.equal(findings[0]!.hint, `${hint} in the answer`);
  }
});
