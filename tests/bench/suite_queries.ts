/**
 * Questions to a large file, whole processes: our reports, and tshark on the pcap of the same packets.
 *
 * @module
 */
import { join } from "node:path";
import { check, run } from "../support/child_process.ts";
import { denoRun, inspector } from "../support/inspector_cli.ts";
import { findCommand } from "../support/system_packages.ts";
import { Capture, RECORD, TCPDUMP } from "./capture_tools.ts";
import { quietRig, sendLoad } from "./load.ts";
import { PROCESS_LIMIT_MS } from "./measured_process.ts";
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

const PACKETS = { quick: 2_000_000, full: 20_000_000 };
/** Packets per second: low enough that two recorders beside each other lose nothing. */
const RATE = 250_000;
const ROUNDS = { quick: 3, full: 5 };

/** tshark needs minutes, and takes the same time each time. */
const TSHARK_ROUNDS = 1;
const CSV_ROUNDS = 3;

async function measureQueries(context: BenchContext): Promise<SuiteResult> {
  const packets = context.full ? PACKETS.full : PACKETS.quick;
  await using rig = await quietRig();
  const recording = await Capture.beside(rig, RECORD, context.directory);
  const dump = await Capture.beside(rig, TCPDUMP, context.directory);
  context.progress(`queries: recording ${packets} packets, about ${packets / RATE} s`);
  await sendLoad(rig, context.object, { packets, rate: RATE, traffic: "mix" });
  const pcap = await dump.stop();
  const parquet = await recording.stop();
  const reports = ["summary", "top", "flows", "traffic"];
  const commands = reports.map((report) => inspector("stats", report, "-f", parquet.output));
  const rounds = context.full ? ROUNDS.full : ROUNDS.quick;
  const times = await interleave(commands, rounds, secondsOf);
  const rows: Row[] = reports.map((report, index) => ({
    variant: `xdp-inspector stats ${report}`,
    figures: { time: figure(times[index]!, "s"), packets: figure([parquet.kept], "") },
  }));
  const conclusions: string[] = [];
  if (findCommand("tshark") === null) {
    rows.push(notInstalled("tshark"));
  } else {
    const tshark = ["tshark", "-n", "-q", "-r", pcap.output, "-z", "conv,udp"];
    const [theirs] = await interleave([tshark], TSHARK_ROUNDS, secondsOf);
    rows.push({
      variant: "tshark -q -z conv,udp",
      figures: { time: figure(theirs!, "s"), packets: figure([pcap.kept], "") },
    });
    const ours = spread(times[reports.indexOf("flows")]!).median;
    conclusions.push(
      `stats flows is ${
        ratio(spread(theirs!).median, ours)
      } as fast as tshark -z conv,udp (goal 50x)`,
    );
  }
  const csv = join(context.directory, "packets.csv");
  const script = join(import.meta.dirname!, "duckdb_csv.ts");
  await check(denoRun(script, "convert", parquet.output, csv), { limitMs: PROCESS_LIMIT_MS });
  const [onCsv] = await interleave([denoRun(script, "flows", csv)], CSV_ROUNDS, secondsOf);
  rows.push({
    variant: "flows by DuckDB on CSV",
    figures: { time: figure(onCsv!, "s"), packets: figure([parquet.kept], "") },
  });
  conclusions.push(
    `stats flows is ${
      ratio(spread(onCsv!).median, spread(times[reports.indexOf("flows")]!).median)
    } as fast as DuckDB on CSV`,
  );
  Deno.removeSync(csv);
  Deno.removeSync(pcap.output);
  Deno.removeSync(parquet.output);
  return { rows, conclusions };
}

async function secondsOf(argv: readonly string[]): Promise<number> {
  const start = performance.now();
  const { code, stderr } = await run(argv, { limitMs: PROCESS_LIMIT_MS });
  if (code !== 0) throw new Error(`"${argv[0]}" ended with ${code}: ${stderr}`);
  return (performance.now() - start) / 1000;
}

export const QUERIES: Suite = {
  name: "queries",
  what: "reports on a file of 10,000 flows, whole process, file in the page cache",
  fullOnly: true,
  run: measureQueries,
};
