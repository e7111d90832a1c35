/**
 * Every report on a large file of TCP connections, whole processes, beside what tshark and nfdump make
 * of the same packets.
 *
 * @module
 */
import { join } from "node:path";
import { REPORTS } from "../../src/reports/all.ts";
import { check } from "../support/child_process.ts";
import { inspector } from "../support/inspector_cli.ts";
import { findCommand } from "../support/system_packages.ts";
import { measure, PROCESS_LIMIT_MS } from "./measured_process.ts";
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

const PACKETS = { quick: 2_000_000, full: 20_000_000 };
const ROUNDS = { quick: 3, full: 5 };

/** How many times as long as `flows` a report may take; 1.3 where nothing is said. */
const GOALS: Readonly<Record<string, number>> = { connections: 3, tcp: 8 };
const USUAL_GOAL = 1.3;
const MEMORY_GOAL = 2 ** 30;

async function measureReports(context: BenchContext): Promise<SuiteResult> {
  const packets = context.full ? PACKETS.full : PACKETS.quick;
  const parquet = join(context.directory, "reports.parquet");
  const pcap = writeTcpPcap(context, "reports", packets);
  await check(inspector("convert", pcap, "-o", parquet), { limitMs: PROCESS_LIMIT_MS });
  const names = REPORTS.map(({ name }) => name);
  const commands = names.map((name) => inspector("stats", name, "-f", parquet));
  const runs = await interleave(commands, context.full ? ROUNDS.full : ROUNDS.quick, measure);
  const times = runs.map((rounds) => rounds.map(({ seconds }) => seconds));
  const flows = spread(times[names.indexOf("flows")]!).median;
  const rows: Row[] = [];
  const conclusions: string[] = [];
  for (const [index, name] of names.entries()) {
    const memory = figure(runs[index]!.map(({ bytes }) => bytes), "B");
    rows.push({
      variant: `xdp-inspector stats ${name}`,
      figures: { time: figure(times[index]!, "s"), memory },
    });
    const goal = GOALS[name] ?? USUAL_GOAL;
    const { median } = spread(times[index]!);
    const isWithin = median <= goal * flows && memory.max <= MEMORY_GOAL;
    conclusions.push(
      `${name} takes ${ratio(median, flows)} of flows (goal ${goal}x), ` +
        `${(memory.max / 2 ** 20).toFixed(0)} MiB${isWithin ? "" : ": beyond the goal"}`,
    );
  }
  for (const { name, argv, than } of others(context.directory, pcap)) {
    if (findCommand(argv[0]!) === null) {
      rows.push(notInstalled(name));
      continue;
    }
    context.progress(`reports: ${name}`);
    const { seconds, bytes } = await measure(argv);
    rows.push({
      variant: name,
      figures: { time: figure([seconds], "s"), memory: figure([bytes], "B") },
    });
    const ours = spread(times[names.indexOf(than)]!).median;
    conclusions.push(`stats ${than} is ${ratio(seconds, ours)} as fast as ${name}`);
  }
  for (const path of [pcap, parquet]) Deno.removeSync(path);
  return { rows, conclusions };
}

/** The same questions to other tools, which read packets; nfdump reads flows, once it has made them. */
function others(directory: string, pcap: string) {
  const flows = join(directory, "nfdump");
  Deno.mkdirSync(flows, { recursive: true });
  const tshark = (...ask: string[]) => ["tshark", "-n", "-q", "-r", pcap, ...ask];
  return [
    { name: "tshark -z conv,tcp", argv: tshark("-z", "conv,tcp"), than: "conversations" },
    { name: "tshark -z io,stat,1", argv: tshark("-z", "io,stat,1"), than: "timeline" },
    { name: "tshark -z expert", argv: tshark("-z", "expert"), than: "tcp" },
    { name: "nfpcapd (pcap to flows)", argv: ["nfpcapd", "-r", pcap, "-w", flows], than: "flows" },
    {
      name: "nfdump -s srcip/bytes",
      argv: ["nfdump", "-R", flows, "-s", "srcip/bytes"],
      than: "top",
    },
  ];
}

export const REPORTS_SUITE: Suite = {
  name: "reports",
  what: `every report on ${TCP_CONNECTIONS} TCP connections, whole process, file in the page cache`,
  fullOnly: true,
  run: measureReports,
};
