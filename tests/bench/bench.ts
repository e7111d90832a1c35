/**
 * The task `bench`: measures the program on this machine, beside the tools that it is compared with.
 *
 *     deno task bench [--full] [--suite <name>]... [--json <path>]
 *
 * Needs root. Everything happens in network namespaces of its own. Without `--full` it takes less
 * than three minutes, and its figures are for orientation.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { check } from "../support/child_process.ts";
import { PROJECT } from "../support/inspector_cli.ts";
import { complain, say } from "../support/print.ts";
import { ensurePackages, type NeedName } from "../support/system_packages.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { compileBenchObject } from "./bench_object.ts";
import { type BenchReport, describeMachine, renderSuite } from "./report.ts";
import type { BenchContext, Suite } from "./suite.ts";
import { CAPTURE } from "./suite_capture.ts";
import { CONTENTION } from "./suite_contention.ts";
import { FILE_SIZE } from "./suite_file_size.ts";
import { IDLE } from "./suite_idle.ts";
import { LIVE } from "./suite_live.ts";
import { MEMORY } from "./suite_memory.ts";
import { PACKET_FILES_SUITE } from "./suite_packet_files.ts";
import { PACED } from "./suite_paced.ts";
import { FILTER_COST } from "./suite_filter_cost.ts";
import { PROGRAM_COST } from "./suite_program_cost.ts";
import { QUERIES } from "./suite_queries.ts";
import { RECEIVE } from "./suite_receive.ts";
import { REPORTS_SUITE } from "./suite_reports.ts";
import { ROTATION } from "./suite_rotation.ts";
import { SOAK } from "./suite_soak.ts";
import { STARTUP } from "./suite_startup.ts";
import { TRAFFIC_COST } from "./suite_traffic_cost.ts";

const SUITES: readonly Suite[] = [
  PROGRAM_COST,
  FILTER_COST,
  RECEIVE,
  CAPTURE,
  TRAFFIC_COST,
  CONTENTION,
  IDLE,
  PACED,
  LIVE,
  FILE_SIZE,
  MEMORY,
  STARTUP,
  QUERIES,
  REPORTS_SUITE,
  PACKET_FILES_SUITE,
  ROTATION,
  SOAK,
];

const NEEDS: readonly NeedName[] = ["ip", "ethtool", "tcpdump", "iperf3", "clang", "libbpfHeaders"];

interface Arguments {
  readonly full: boolean;
  readonly suites: readonly Suite[];
  readonly json: string | null;
}

function parseArguments(words: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...words],
    options: {
      full: { type: "boolean", default: false },
      suite: { type: "string", multiple: true },
      json: { type: "string" },
    },
  });
  const names = SUITES.map(({ name }) => name);
  const unknown = values.suite?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Unknown suite "${unknown}": there are ${names.join(", ")}`);
  }
  const suites = SUITES.filter(({ name, fullOnly }) =>
    values.suite?.includes(name) ?? (values.full || !fullOnly)
  );
  return { full: values.full, suites, json: values.json ?? null };
}

/** A signal that ends this process must not leave gigabytes behind; the rig's does the namespaces. */
function removeOnSignals(directory: TempDirectory): Disposable {
  const resources = new DisposableStack();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const handler = () => {
      resources.dispose();
      directory[Symbol.dispose]();
      // The handler is gone: the same signal now has its usual effect, so that the parent sees it.
      Deno.kill(Deno.pid, signal);
    };
    Deno.addSignalListener(signal, handler);
    resources.defer(() => Deno.removeSignalListener(signal, handler));
  }
  return resources;
}

async function bench({ full, suites, json }: Arguments): Promise<void> {
  if (Deno.uid() !== 0) {
    throw new Error('The benchmark needs root: run "sudo deno task bench"');
  }
  ensurePackages(NEEDS);
  // Inside the namespaces there is no network: everything must be in the cache before.
  await check([Deno.execPath(), "install", "--quiet", "--frozen"], {
    cwd: PROJECT,
    limitMs: 300_000,
  });
  using directory = TempDirectory.create();
  using _signals = removeOnSignals(directory);
  const context: BenchContext = {
    object: directory.file("programs.bpf.o"),
    directory: directory.path,
    full,
    progress: (what) => complain(`  ... ${what}`),
  };
  await compileBenchObject(context.object);
  const report: BenchReport & { suites: BenchReport["suites"][number][] } = {
    command: ["deno", "task", "bench", ...Deno.args].join(" "),
    machine: describeMachine(),
    mode: full ? "full" : "quick",
    started: new Date().toISOString(),
    suites: [],
  };
  const { cpu, cpus, kernel, deno, load_average } = report.machine;
  say(`${cpu}, ${cpus} CPUs, Linux ${kernel}, Deno ${deno}, load average ${load_average}`);
  say("median (min-max)\n");
  for (const suite of suites) {
    const result = await suite.run(context);
    report.suites.push({ name: suite.name, what: suite.what, ...result });
    for (const line of renderSuite(suite, result)) say(line);
  }
  if (json !== null) Deno.writeTextFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
}

if (import.meta.main) {
  const start = performance.now();
  try {
    await bench(parseArguments(Deno.args));
    say(`done in ${((performance.now() - start) / 1000).toFixed(0)} s; nothing is left behind`);
  } catch (error) {
    complain(`bench: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
