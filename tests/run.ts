/**
 * The task `test`: rings of tests, each as one run of `deno test`, or several at the same time.
 *
 *  - unit: no privilege
 *  - bpf: loads the BPF programs and runs them on crafted frames (BPF_PROG_TEST_RUN); root
 *  - e2e: records real traffic between network namespaces; root
 *  - binary: most of the same on the compiled program that XDP_INSPECTOR_BINARY names, and what only
 *    that can show; root. Runs only when it is asked for
 *
 * The last line is the sum of what the runs counted: `N passed, N failed`, and `, N skipped` when a
 * test was left out. Without root the privileged rings are left out, and named; with `CI=true` a ring
 * or a test that was left out is a failure.
 *
 *     deno run -A tests/run.ts [ring ...]
 *
 * @module
 */
import { join } from "node:path";
import { binaryUnderTest, exists, PROJECT } from "./support/inspector_cli.ts";
import { complain, say } from "./support/print.ts";
import { ensurePackages, TEST_NEEDS } from "./support/system_packages.ts";
import { addCounts, type Counts, NO_COUNTS, summaryLine } from "./support/test_counts.ts";
import { runDenoTest } from "./support/deno_test.ts";

interface Ring {
  readonly name: string;
  readonly directories: readonly string[];
  readonly needsRoot: boolean;
  readonly what: string;
  readonly flags: readonly string[];
  /** Whether its files can be shared out among several runs at the same time. */
  readonly isShared?: boolean;
}

const RINGS: readonly Ring[] = [
  {
    name: "unit",
    directories: ["tests/unit"],
    needsRoot: false,
    what: "parts of the program, no privilege",
    flags: ["--trace-leaks"],
    isShared: true,
  },
  {
    name: "bpf",
    directories: ["tests/bpf"],
    needsRoot: true,
    what: "the BPF programs in the kernel, on crafted frames",
    flags: [],
  },
  {
    name: "e2e",
    directories: ["tests/e2e"],
    needsRoot: true,
    what: "recordings of real traffic between network namespaces",
    flags: [],
  },
];

/** What is the same code in either, at length, with nothing of its own in the compiled program. */
const FROM_SOURCES_ONLY = [
  "bare_interfaces_test.ts",
  "clock_test.ts",
  "counters_test.ts",
  "faults_test.ts",
  "filter_tcpdump_test.ts",
  "interface_events_test.ts",
  "interfaces_test.ts",
  "kill_test.ts",
  "live_test.ts",
  "loss_test.ts",
  "neighbours_test.ts",
  "replay_test.ts",
  "report_witness_test.ts",
  "soak_test.ts",
  "tc_fallback_test.ts",
  "tcp_reports_test.ts",
].map((name) => `tests/e2e/${name}`);

const BINARY_RING: Ring = {
  name: "binary",
  directories: ["tests/e2e", "tests/binary"],
  needsRoot: true,
  what: "recordings by the compiled program",
  flags: [`--ignore=${FROM_SOURCES_ONLY.join(",")}`],
};

/** As many runs as an ordinary machine has processors for: the tests of one take turns. */
const SHARED_RUNS = 2;

/** Paths that each run of a ring is given. */
function shares({ directories, isShared = false }: Ring): readonly (readonly string[])[] {
  if (!isShared) return [directories];
  const files = directories.flatMap(testFiles).sort();
  return Array.from({ length: SHARED_RUNS }, (_, run) => {
    return files.filter((_, index) => index % SHARED_RUNS === run);
  });
}

function testFiles(directory: string): string[] {
  return [...Deno.readDirSync(join(PROJECT, directory))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return testFiles(`${directory}/${name}`);
    return name.endsWith("_test.ts") ? [`${directory}/${name}`] : [];
  });
}

/** Puts all npm packages into the cache: inside the namespaces of the tests there is no network. */
function fetchDependencies(): void {
  const { success } = new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet", "--frozen"],
    cwd: PROJECT,
    stdin: "null",
  }).outputSync();
  if (!success) throw new Error(`Cannot fetch the npm packages of "${join(PROJECT, "deno.json")}"`);
}

/** @throws {TypeError} for an unknown name, or the ring `binary` without a binary */
function chosenRings(names: readonly string[]): readonly Ring[] {
  if (names.length === 0) return RINGS;
  return names.map((name) => {
    const ring = [...RINGS, BINARY_RING].find((it) => it.name === name);
    if (ring === undefined) throw new TypeError(`Unknown ring "${name}"`);
    if (ring === BINARY_RING && !exists(binaryUnderTest() ?? "")) {
      throw new TypeError('The ring "binary" needs XDP_INSPECTOR_BINARY, the path of the program');
    }
    return ring;
  });
}

/** @returns whether everything passed and, on CI, nothing was left out */
async function runRings(names: readonly string[]): Promise<boolean> {
  const onCi = Deno.env.get("CI") === "true";
  const isRoot = Deno.uid() === 0;
  const rings = chosenRings(names);
  const run = rings.filter((ring) => isRoot || !ring.needsRoot);
  const leftOut = rings.filter((ring) => !run.includes(ring));

  fetchDependencies();
  if (run.some((ring) => ring.needsRoot)) ensurePackages(TEST_NEEDS);

  let total: Counts = NO_COUNTS;
  const lines: string[] = [];
  for (const ring of run) {
    say(`\n== ${ring.name}: ${ring.what}`);
    const runs = shares(ring).map((paths) => runDenoTest(paths, ring.flags));
    const counts = (await Promise.all(runs)).reduce(addCounts);
    lines.push(`${ring.name}: ${summaryLine(counts)}`);
    total = addCounts(total, counts);
  }
  say("");
  for (const line of lines) say(line);
  for (const ring of leftOut) say(`${ring.name}: left out (${ring.what}): it needs root`);
  say(summaryLine(total));
  return total.failed === 0 && total.passed > 0 &&
    !(onCi && (leftOut.length > 0 || total.skipped > 0));
}

if (import.meta.main) {
  try {
    if (!await runRings(Deno.args)) Deno.exit(1);
  } catch (error) {
    complain((error as Error).message);
    Deno.exit(1);
  }
}
