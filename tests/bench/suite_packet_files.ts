/**
 * Packet files, whole processes: read into a recording, and straight into a report, beside tshark on the
 * same file.
 *
 * @module
 */
import { join } from "node:path";
import { check } from "../support/child_process.ts";
import { inspector } from "../support/inspector_cli.ts";
import { findCommand } from "../support/system_packages.ts";
import { measure, type Measured, PROCESS_LIMIT_MS } from "./measured_process.ts";
import { interleave, spread } from "./statistics.ts";
import {
  type BenchContext,
  figure,
  notInstalled,
  ratio,
  type Row,
  type Suite,
  type SuiteResult,
} from "./suite.ts";
import { TCP_CONNECTIONS, writeTcpPcap } from "./tcp_pcap.ts";

const PACKETS = { quick: 1_000_000, full: 5_000_000 };
const ROUNDS = { quick: 3, full: 5 };

const MEMORY_GOAL_MB = 300;

/** Compressions, by the command that makes them beside the file, and the ending. */
const COMPRESSORS: readonly (readonly [ending: string, argv: readonly string[]])[] = [
  ["gz", ["gzip", "-kf1"]],
  ["zst", ["zstd", "-qkf1"]],
  ["lz4", ["lz4", "-qkfm1"]],
];

/** What `convert` makes a column of, as far as a packet of the file has it. */
const FIELDS = [
  ...["frame.time_epoch", "frame.len", "eth.type", "eth.src", "eth.dst", "ip.version", "ip.src"],
  ...["ip.dst", "ip.proto", "ip.ttl", "ip.dsfield.dscp", "ip.dsfield.ecn", "ip.flags.mf"],
  ...["ip.frag_offset", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw"],
  ...["tcp.window_size_value", "tcp.len"],
].flatMap((field) => ["-e", field]);

async function measurePacketFiles(context: BenchContext): Promise<SuiteResult> {
  const packets = context.full ? PACKETS.full : PACKETS.quick;
  const parquet = join(context.directory, "packets.parquet");
  const pcap = writeTcpPcap(context, "packet-files", packets);
  const made = [pcap, parquet];
  const variants: { name: string; argv: readonly string[] }[] = [
    {
      name: "convert, on one CPU",
      argv: ["taskset", "-c", "0", ...inspector("convert", pcap, "-o", parquet, "--force")],
    },
    { name: "stats flows", argv: inspector("stats", "flows", "-f", pcap) },
  ];
  for (const [ending, argv] of COMPRESSORS) {
    const command = argv[0]!;
    if (findCommand(command) === null) continue;
    await check([...argv, pcap], { limitMs: PROCESS_LIMIT_MS });
    const path = `${pcap}.${ending}`;
    made.push(path);
    variants.push({
      name: `stats flows, ${command}`,
      argv: inspector("stats", "flows", "-f", path),
    });
  }
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const runs = await interleave(variants.map(({ argv }) => argv), rounds, measure);
  const rows = variants.map(({ name }, index) => row(name, runs[index]!, packets));
  const median = (index: number) => spread(runs[index]!.map(({ seconds }) => seconds)).median;
  const memory = Math.max(...runs.flat().map(({ bytes }) => bytes)) / 1e6;
  const conclusions = [
    `convert on one CPU: ${(packets / median(0) / 1e6).toFixed(2)} M packets/s (goal 1.5)`,
    `at most ${memory.toFixed(0)} MB (goal for convert ${MEMORY_GOAL_MB})`,
  ];
  if (findCommand("tshark") === null) {
    rows.push(notInstalled("tshark"));
  } else {
    const tshark = ["tshark", "-n", "-r", pcap];
    context.progress("packet-files: tshark");
    const conversations = await measure([...tshark, "-q", "-z", "conv,tcp"]);
    // Half a gigabyte of text is too long for a string of ours.
    const unread = ["sh", "-c", 'exec "$@" > /dev/null', "sh"];
    const fields = await measure([...unread, ...tshark, "-T", "fields", ...FIELDS]);
    rows.push(row("tshark -q -z conv,tcp", [conversations], packets));
    rows.push(row("tshark -T fields", [fields], packets));
    conclusions.push(
      `stats flows is ${
        ratio(conversations.seconds, median(1))
      } as fast as tshark -z conv,tcp (goal 15x)`,
      `convert is ${ratio(fields.seconds, median(0))} as fast as tshark -T fields (goal 20x)`,
    );
  }
  for (const path of made) Deno.removeSync(path);
  return { rows, conclusions };
}

function row(variant: string, runs: readonly Measured[], packets: number): Row {
  return {
    variant,
    figures: {
      time: figure(runs.map(({ seconds }) => seconds), "s"),
      "a packet": figure(runs.map(({ seconds }) => seconds / packets * 1e9), "ns"),
      memory: figure(runs.map(({ bytes }) => bytes), "B"),
    },
  };
}

export const PACKET_FILES_SUITE: Suite = {
  name: "packet-files",
  what: `a pcap of ${TCP_CONNECTIONS} TCP connections, whole process, file in the page cache`,
  fullOnly: true,
  run: measurePacketFiles,
};
