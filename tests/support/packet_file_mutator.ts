/**
 * Packet files that were damaged, or made to do harm: one seed, one file.
 *
 * @module
 */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { ALL_ROWS } from "../bpf/rows/all_rows.ts";
import { concat, filler } from "./frames/octets.ts";
import { lz4Stored } from "./lz4_stored.ts";
import { BIG, LITTLE, MODIFIED, NANOSECONDS, OPTION, pcap, Pcapng, text } from "./packet_files.ts";
import { Prng } from "./prng.ts";

const FRAMES = ALL_ROWS.map(({ frame }) => frame).filter(({ length }) => length < 600);

/** Numbers at which arithmetic goes wrong, and those that mean something here. */
const EDGES = [0, 1, 2, 3, 5, 6, 11, 12, 13, 15, 16, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const MARKS = [0x0a0d0d0a, 0x1a2b3c4d, 0xa1b2c3d4, 262_144, 262_145, 1_048_576, 0x4000_0000];

/** A file that is right. */
function wholePacketFile(prng: Prng): Uint8Array {
  const bytes = prng.oneIn(2) ? LITTLE : BIG;
  const data = () => prng.pick(FRAMES);
  const linkType = prng.pick([0, 1, 1, 1, 12, 101, 108, 113, 228, 276]);
  if (prng.oneIn(2)) {
    const packets = Array.from({ length: 1 + prng.below(20) }, () => ({
      data: data(),
      length: prng.oneIn(3) ? prng.below(70_000) : FRAMES[0]!.length,
      time: [prng.uint32(), prng.below(1_000_000)] as const,
      type: prng.below(5),
    }));
    const magic = prng.pick([undefined, NANOSECONDS, MODIFIED]);
    return pcap(packets, { bytes, linkType, ...(magic === undefined ? {} : { magic }) });
  }
  const ng = new Pcapng(bytes);
  const blocks = Array.from({ length: 1 + prng.below(20) }, () => {
    switch (prng.below(9)) {
      case 0:
        return ng.section();
      case 1:
        return ng.interface(linkType, [
          [OPTION.IF_NAME, text(prng.pick(["eth0", "\u202e", "x".repeat(300)]))],
          [OPTION.IF_TSRESOL, Uint8Array.of(prng.below(256))],
          [OPTION.IF_TSOFFSET, ng.bytes.u64(BigInt(prng.uint32()) << BigInt(prng.below(40)))],
        ]);
      case 2:
        return ng.simplePacket(data());
      case 3:
        return ng.obsoletePacket(data(), { drops: prng.below(0x10000) });
      case 4:
        return ng.statistics(0, [[OPTION.ISB_IFDROP, ng.bytes.u64(BigInt(prng.uint32()))]]);
      case 5:
        return ng.block(prng.uint32(), filler(4 * prng.below(30)));
      default:
        return ng.packet({
          data: data(),
          at: BigInt(prng.uint32()) << BigInt(prng.below(33)),
          options: [[OPTION.EPB_FLAGS, ng.bytes.u32(prng.below(4))]],
        });
    }
  });
  return concat(ng.section(), ng.interface(linkType), ...blocks);
}

const MUTATIONS: readonly ((file: Uint8Array, prng: Prng) => Uint8Array)[] = [
  flipBytes,
  putNumber,
  putNumber,
  putNumber,
  cutEnd,
  cutOut,
  repeat,
];

/** The file of a seed: damaged, or whole; maybe compressed, and damaged then. */
export function mutatedPacketFile(seed: number): Uint8Array {
  const prng = new Prng(seed ^ 0x2545f491);
  let file = wholePacketFile(prng);
  for (let left = prng.below(4); left > 0; left--) file = prng.pick(MUTATIONS)(file, prng);
  if (prng.oneIn(3)) {
    const compressed = prng.pick([gzipSync, zstdCompressSync, lz4Stored])(Uint8Array.from(file));
    file = Uint8Array.from(compressed);
    if (prng.oneIn(2)) file = prng.pick(MUTATIONS)(file, prng);
  }
  return file;
}

function flipBytes(file: Uint8Array, prng: Prng): Uint8Array {
  const mutated = file.slice();
  for (let left = 1 + prng.below(8); left > 0; left--) {
    mutated[prng.below(file.length)] = prng.below(256);
  }
  return mutated;
}

function putNumber(file: Uint8Array, prng: Prng): Uint8Array {
  const mutated = file.slice();
  if (file.length < 8) return mutated;
  const at = 4 * prng.below(Math.floor(file.length / 4) - 1);
  const value = prng.pick([prng.pick(EDGES), prng.pick(MARKS), prng.uint32(), prng.below(300)]);
  new DataView(mutated.buffer).setUint32(at, value, prng.oneIn(2));
  return mutated;
}

function cutEnd(file: Uint8Array, prng: Prng): Uint8Array {
  return file.slice(0, 1 + prng.below(file.length));
}

function cutOut(file: Uint8Array, prng: Prng): Uint8Array {
  const start = prng.below(file.length);
  return concat(file.subarray(0, start), file.subarray(start + prng.below(100)));
}

function repeat(file: Uint8Array, prng: Prng): Uint8Array {
  const start = prng.below(file.length);
  const part = file.subarray(start, start + 4 * prng.below(50));
  return concat(file.subarray(0, start), part, part, file.subarray(start));
}
