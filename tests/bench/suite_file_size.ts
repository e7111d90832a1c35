/**
 * Bytes on disk per packet, of the same packets.
 *
 * @module
 */
import { Capture, RECORD, TCPDUMP } from "./capture_tools.ts";
import { run } from "../support/child_process.ts";
import { findCommand } from "../support/system_packages.ts";
import { quietRig, sendLoad } from "./load.ts";
import {
  type BenchContext,
  figure,
  ratio,
  type Row,
  type Suite,
  type SuiteResult,
} from "./suite.ts";

const PACKETS = { quick: 1_000_000, full: 5_000_000 };
const FLOWS = 10_000;

/** Packets per second: low enough that two recorders beside each other lose nothing. */
const RATE = 250_000;

/** zstd's default level, and the one with the best reputation for archives. */
const ZSTD_LEVELS = { quick: [3], full: [3, 19] };

async function measureFileSize(context: BenchContext): Promise<SuiteResult> {
  const packets = context.full ? PACKETS.full : PACKETS.quick;
  await using rig = await quietRig();
  const recording = await Capture.beside(rig, RECORD, context.directory);
  const dump = await Capture.beside(rig, TCPDUMP, context.directory);
  context.progress(`file size: ${packets} packets of ${FLOWS} flows`);
  await sendLoad(rig, context.object, { packets, rate: RATE, traffic: "mix", flows: FLOWS });
  const pcap = await dump.stop();
  const parquet = await recording.stop();
  const rows: Row[] = [
    row("Parquet (ours)", parquet.bytes, parquet.kept),
    row("pcap, tcpdump -s 96", pcap.bytes, pcap.kept),
  ];
  const conclusions = [
    `Parquet is ${ratio(parquet.bytes / parquet.kept, pcap.bytes / pcap.kept)} the size of the ` +
    "pcap (goal 0.25x)",
  ];
  for (const level of context.full ? ZSTD_LEVELS.full : ZSTD_LEVELS.quick) {
    const name = `pcap.zst, level ${level}`;
    const bytes = await compressed(pcap.output, level);
    if (bytes === null) rows.push({ variant: name, figures: {}, note: "zstd is not installed" });
    else {
      rows.push(row(name, bytes, pcap.kept));
      const size = ratio(parquet.bytes / parquet.kept, bytes / pcap.kept);
      conclusions.push(`Parquet is ${size} the size of the ${name}`);
    }
  }
  Deno.removeSync(pcap.output);
  Deno.removeSync(parquet.output);
  return { rows, conclusions };
}

function row(variant: string, bytes: number, packets: number): Row {
  return {
    variant,
    figures: {
      packets: figure([packets], ""),
      file: figure([bytes], "B"),
      "per packet": figure([bytes / packets], "B"),
    },
  };
}

/** Bytes of the file at `path` when it is compressed; null without zstd. */
async function compressed(path: string, level: number): Promise<number | null> {
  if (findCommand("zstd") === null) return null;
  const output = `${path}.zst`;
  const { code, stderr } = await run(
    ["zstd", "-q", "-f", `-${level}`, path, "-o", output],
    { limitMs: 600_000 },
  );
  if (code !== 0) throw new Error(`zstd ended with ${code}: ${stderr}`);
  const { size } = Deno.statSync(output);
  Deno.removeSync(output);
  return size;
}

export const FILE_SIZE: Suite = {
  name: "file-size",
  what: "IMIX sizes, 10,000 flows, TCP and UDP, IPv4 and IPv6, both recorders at the same time",
  run: measureFileSize,
};
