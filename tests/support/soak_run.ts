/**
 * A recording of many files under traffic whose rate changes: every packet is accounted for, and what the
 * recorder holds does not grow. `deno task soak` is the long form.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { run } from "./child_process.ts";
import { waitFor } from "./deadline.ts";
import {
  denoRun,
  exists,
  inspector,
  type JsonReport,
  PROJECT,
  reportOf,
  runInspector,
} from "./inspector_cli.ts";
import { countedBetween, readInterfaceCounters } from "./interface_counters.ts";
import type { NetnsPair } from "./netns.ts";
import { NUMBERS } from "./numbered_traffic.ts";
import { fileMetadata, footerRowCount, query } from "./parquet_rows.ts";
import { bpfObjectsOf, type Holdings, holdingsOf } from "./process_holdings.ts";
import { TempDirectory } from "./temp_directory.ts";
import { untilNothingAttached } from "./xdp_state.ts";

const READY_LIMIT_MS = 60_000;
const END_LIMIT_MS = 120_000;
/** Time that traffic may take beyond what was asked for. */
const SENDER_SLACK_MS = 60_000;
/** For the kernel to take away what nobody holds any more. */
const GONE_LIMIT_MS = 60_000;
/** Names in the hidden directory: of the open file, of one that is being finished, tails, a reserve. */
const MOST_TEMPORARY = 24;
/** A leak of one for every file would be four times this. */
const FILES_PER_LEAK = 4;
/** Of everything there may be so many more at one time than at another. */
const COMES_AND_GOES = 2;
/** And a leak for every file more than that, also where the last file of a quarter is named late. */
const LEAST_FILES = 5;
/** Memory that may come and go with the traffic. */
const MEMORY_SLACK_BYTES = 24 * 2 ** 20;
const MEMORY_SLACK = 0.1;
/** Goal for all memory but the rings. */
const MEMORY_LIMIT_BYTES = 400e6;

/** How long, and how much of everything. */
export interface SoakPlan {
  readonly durationMs: number;
  /** Milliseconds of traffic at one rate. */
  readonly stepMs: number;
  /** As `-G` takes it. */
  readonly rotateInterval: string;
  readonly keepFiles: number;
  /** Milliseconds between two looks at the recorder. */
  readonly lookMs: number;
  /** Called now and then, for whoever waits. */
  readonly progress?: (line: string) => void;
}

/** What was seen. */
export interface SoakResult {
  readonly sent: number;
  readonly report: JsonReport & { readonly files: number };
  /** Rows of the files that were kept, each looked at. */
  readonly keptRows: number;
  readonly looks: readonly Look[];
}

/** The recorder at one moment. */
export interface Look extends Holdings {
  readonly atMs: number;
  /** Files that had their name by then. */
  readonly files: number;
}

/** Runs it on side b of a rig, which nobody else uses, and checks all of it. */
export async function soak(rig: NetnsPair, plan: SoakPlan): Promise<SoakResult> {
  using directory = TempDirectory.create();
  const [out, temporary, ready] = ["out", "tmp", "ready"].map((name) => directory.file(name));
  for (const path of [out!, temporary!]) Deno.mkdirSync(path);
  Deno.chmodSync(directory.path, 0o711);
  Deno.chmodSync(temporary!, 0o1777);
  const flags = ["-Q", "in", "--json", "-v", "--flush-interval", "1s", "--on-close", "true"];
  const process = rig.b.start(
    inspector(
      ...["record", "-i", rig.b.interface, ...flags, "-G", plan.rotateInterval],
      ...["-W", String(plan.keepFiles), "-o", `${out}/`, "--ready-file", ready!],
    ),
    { env: { TMPDIR: temporary! } },
  );
  await process.until("the ready file", READY_LIMIT_MS, () => exists(ready!));
  const objects = bpfObjectsOf(process.pid);
  ok(objects.length > 0, "the recorder holds no BPF object");
  const before = await readInterfaceCounters(rig.b);

  const script = join(PROJECT, "tests", "support", "changing_traffic.ts");
  const { durationMs, stepMs } = plan;
  const sender = rig.a.start(denoRun(script, rig.b.ipv4, String(durationMs), String(stepMs)));
  const looks: Look[] = [];
  const start = performance.now();
  while (sender.running) {
    const atMs = performance.now() - start;
    ok(atMs < durationMs + SENDER_SLACK_MS, "the sender does not end");
    const files = process.stderr.split("\nclosed ").length - 1;
    ok(process.running, process.stderr);
    looks.push({ atMs, files, ...holdingsOf(process.pid) });
    deepEqual(bpfObjectsOf(process.pid), objects, "BPF objects came or went");
    const left = temporaryNames(out!);
    ok(left.length <= MOST_TEMPORARY, left.join());
    plan.progress?.(describeLook(looks.at(-1)!));
    // A look is a sample: nothing is waited for with this.
    await new Promise((resume) => setTimeout(resume, plan.lookMs));
  }
  const { code, stdout, stderr } = await sender.end();
  equal(code, 0, stderr);
  const { sent } = JSON.parse(stdout) as { sent: number };
  process.signal("SIGINT");
  const result = await process.end(END_LIMIT_MS);
  const report = reportOf(result) as SoakResult["report"];

  // Every packet is a row, or lost where somebody has counted it.
  const { ingress } = countedBetween(before, await readInterfaceCounters(rig.b));
  equal(report.packets_seen + ingress.lost, sent);
  equal(report.rows_written + report.packets_dropped, report.packets_seen);
  const keptRows = await checkFiles(out!, report, plan.keepFiles);

  // Nothing is left, of files and in the kernel.
  deepEqual([...Deno.readDirSync(out!)].filter(({ name }) => name.startsWith(".")), []);
  deepEqual([...Deno.readDirSync(temporary!)], []);
  await untilNothingAttached(rig.b);
  await untilGone(objects);
  checkFlat(looks);
  return { sent, report, keptRows, looks };
}

/** One look, to read. */
function describeLook(look: Look): string {
  return `${(look.atMs / 1000).toFixed(0)} s: ${look.files} files, ` +
    `${(look.memory / 1e6).toFixed(0)} MB, ${look.descriptors} descriptors, ` +
    `${look.threads} threads, ${look.mappings} mappings`;
}

/** @returns rows of the files that are there */
async function checkFiles(
  out: string,
  report: SoakResult["report"],
  keepFiles: number,
): Promise<number> {
  const files = [...Deno.readDirSync(out)].map(({ name }) => join(out, name)).sort();
  equal(files.length, Math.min(keepFiles, report.files));
  const first = report.files - files.length + 1;
  let sum: Counters = { packets_seen: 0, packets_captured: 0, packets_dropped: 0 };
  let rows = 0;
  for (const [index, file] of files.entries()) {
    const metadata = await fileMetadata(file);
    equal(metadata.get("xdp_inspector.file_number"), String(first + index), file);
    const isLast = index === files.length - 1;
    equal(metadata.get("xdp_inspector.last_file"), isLast ? "true" : undefined, file);
    const [{ counters: others }] = JSON.parse(metadata.get("xdp_inspector.counters_before")!);
    // The first says what those had that are gone; then each begins where the one before has ended.
    if (index === 0) sum = added(sum, others);
    else deepEqual(picked(others), sum, file);
    const own = JSON.parse(metadata.get("xdp_inspector.counters")!);
    const count = await footerRowCount(file);
    equal(own.packets_captured, count, file);
    rows += count;
    sum = added(sum, own);
  }
  deepEqual(sum, picked(report));

  const list = files.map((file) => `'${file}'`).join();
  const [numbers] = await query(
    files[0]!,
    `SELECT count(*)::DOUBLE AS rows, count(*) FILTER (
       number <> before % ${NUMBERS} + 1)::DOUBLE AS gaps
     FROM (
       SELECT payload_length AS number, lag(payload_length) OVER (ORDER BY timestamp) AS before
       FROM read_parquet([${list}]) WHERE destination_port = 9
     )`,
  ) as { rows: number; gaps: number }[];
  equal(numbers!.rows, rows);
  // Where none was lost each number follows the one before, also from file to file.
  ok(numbers!.gaps <= report.packets_dropped, `${numbers!.gaps} gaps`);
  const { code, stdout, stderr } = await runInspector(["stats", "traffic", "-f", out]);
  equal(code, 0, stderr);
  if (report.packets_dropped === 0) match(stdout, /capture complete/);
  ok(!stdout.includes("more than once"), stdout);
  return rows;
}

interface Counters {
  readonly packets_seen: number;
  readonly packets_captured: number;
  readonly packets_dropped: number;
}

function picked({ packets_seen, packets_captured, packets_dropped }: Counters): Counters {
  return { packets_seen, packets_captured, packets_dropped };
}

function added(one: Counters, other: Counters): Counters {
  return {
    packets_seen: one.packets_seen + other.packets_seen,
    packets_captured: one.packets_captured + other.packets_captured,
    packets_dropped: one.packets_dropped + other.packets_dropped,
  };
}

/**
 * Compares the last quarter with the second: what is least in each is what is really held, between files
 * and bursts.
 *
 * @throws {Error} naming what has grown
 */
function checkFlat(looks: readonly Look[]): void {
  const quarter = Math.floor(looks.length / 4);
  ok(quarter >= 4, `${looks.length} looks are too few`);
  const early = looks.slice(quarter, 2 * quarter);
  const late = looks.slice(-quarter);
  const files = late[0]!.files - early.at(-1)!.files;
  ok(files >= LEAST_FILES, `${files} files are too few to see a leak`);
  for (const key of ["descriptors", "threads", "mappings", "children"] as const) {
    const growth = least(late, key) - least(early, key);
    const most = Math.max(COMES_AND_GOES, files / FILES_PER_LEAK);
    ok(growth <= most, `${growth} more ${key} after ${files} files`);
  }
  const held = least(early, "memory");
  const growth = least(late, "memory") - held;
  const slack = MEMORY_SLACK_BYTES + MEMORY_SLACK * held;
  ok(growth <= slack, `${(growth / 1e6).toFixed(0)} MB more memory after ${files} files`);
  const most = Math.max(...looks.map(({ memory }) => memory));
  ok(most <= MEMORY_LIMIT_BYTES, `${(most / 1e6).toFixed(0)} MB of memory`);
}

function least(looks: readonly Look[], key: keyof Holdings): number {
  return Math.min(...looks.map((look) => look[key]));
}

/** Names in hidden directories of recorders. */
function temporaryNames(out: string): string[] {
  return [...Deno.readDirSync(out)].filter(({ name }) => name.startsWith(".")).flatMap((entry) => {
    try {
      return [...Deno.readDirSync(join(out, entry.name))].map(({ name }) => name);
    } catch {
      return [];
    }
  });
}

async function untilGone(objects: readonly string[]): Promise<void> {
  for (const object of objects) {
    const [kind = "", id = ""] = object.split(" ");
    await waitFor(`${object} to be gone`, GONE_LIMIT_MS, async () => {
      const { code, stdout, stderr } = await run(["bpftool", kind, "show", "id", id]);
      return code !== 0 && /No such file/.test(stdout + stderr);
    });
  }
}
