/** Recordings of several files: none is lost between two, and only old ones of ours are removed. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { basename, join } from "node:path";
import {
  denoRun,
  exists,
  inspector,
  type JsonReport,
  PROJECT,
  reportOf,
  runInspector,
} from "../support/inspector_cli.ts";
import type { BackgroundProcess } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import { killRound } from "../support/kill_round.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { fileMetadata, footerRowCount } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";

const LIMIT_MS = 60_000;

async function start(
  end: NetnsEnd,
  directory: TempDirectory,
  flags: readonly string[],
  tracer: readonly string[] = [],
): Promise<BackgroundProcess> {
  const ready = directory.file("ready");
  const argv = inspector("record", "-i", end.interface, "-Q", "in", "--json", ...flags);
  const out = directory.file("out");
  Deno.mkdirSync(out, { recursive: true });
  const process = end.start([...tracer, ...argv, "-o", `${out}/`, "--ready-file", ready]);
  await process.until("the ready file", LIMIT_MS, () => exists(ready));
  return process;
}

async function stop(process: BackgroundProcess): Promise<JsonReport & { files: number }> {
  process.signal("SIGINT");
  return reportOf(await process.end(LIMIT_MS)) as JsonReport & { files: number };
}

/** Finished files in the order of their names. */
function filesIn(directory: TempDirectory): string[] {
  const out = directory.file("out");
  return [...Deno.readDirSync(out)].map(({ name }) => name)
    .filter((name) => name.endsWith(".parquet")).sort().map((name) => join(out, name));
}

async function rowsOf(files: readonly string[]): Promise<number> {
  const counts = await Promise.all(files.map(footerRowCount));
  return counts.reduce((sum, count) => sum + count, 0);
}

Deno.test("record rotates under load without losing or doubling a packet", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const process = await start(rig.b, directory, ["-G", "1s", "-C", "200KiB"]);
  const sent = 100_000;
  const flooding = flood(rig, sent, 22);
  // By all three: the clock, the size, and signals, two of them at once.
  for (let turn = 0; turn < 3; turn++) {
    process.signal("SIGUSR2");
    process.signal("SIGUSR2");
    const before = filesIn(directory).length;
    await process.until("another file", LIMIT_MS, () => filesIn(directory).length > before);
  }
  // A closed file can be read while others come.
  const early = await runInspector(["stats", "traffic", "-f", filesIn(directory)[0]!]);
  equal(early.code, 0, early.stderr);
  await flooding;
  const report = await stop(process);

  const files = filesIn(directory);
  ok(files.length >= 4, `${files.length} files`);
  equal(report.files, files.length);
  deepEqual([report.packets_seen, report.packets_dropped], [sent, 0]);
  equal(report.rows_written, sent);
  equal(await rowsOf(files), sent);
  equal(report.file_bytes, files.reduce((sum, file) => sum + Deno.statSync(file).size, 0));
  for (const file of files) match(file, /\/veth-b-\d{8}T\d{6}\.\d{3}Z\.parquet$/);

  // What they say of themselves adds up, from each to the next.
  let before = { packets_captured: 0, packets_seen: 0, bytes_captured: 0 };
  for (const [index, file] of files.entries()) {
    const metadata = await fileMetadata(file);
    equal(metadata.get("xdp_inspector.file_number"), String(index + 1));
    equal(metadata.get("xdp_inspector.last_file"), index === files.length - 1 ? "true" : undefined);
    const [{ counters }] = JSON.parse(metadata.get("xdp_inspector.counters_before")!);
    for (const key of ["packets_captured", "packets_seen", "bytes_captured"] as const) {
      equal(counters[key], before[key], `${key} of ${file}`);
    }
    const own = JSON.parse(metadata.get("xdp_inspector.counters")!);
    equal(own.packets_captured, await footerRowCount(file));
    before = {
      packets_captured: before.packets_captured + own.packets_captured,
      packets_seen: before.packets_seen + own.packets_seen,
      bytes_captured: before.bytes_captured + own.bytes_captured,
    };
  }
  const out = directory.file("out");
  const whole = await runInspector(["stats", "traffic", "-f", out]);
  match(whole.stdout, /capture complete/);
  ok(!whole.stdout.includes("missing"), whole.stdout);
  ok(!whole.stdout.includes("more than once"), whole.stdout);

  const gone = files[1]!;
  const rows = await footerRowCount(gone);
  Deno.removeSync(gone);
  const partial = await runInspector(["stats", "traffic", "-f", out]);
  ok(
    partial.stdout.replace(/\s+/g, " ").includes(
      `file 2 of a recording is missing, with ${rows.toLocaleString("en")} packet${
        rows === 1 ? "" : "s"
      }`,
    ),
    partial.stdout,
  );
  deepEqual([...Deno.readDirSync(out)].filter(({ name }) => name.startsWith(".")), []);
});

Deno.test("record -G begins files on the clock, also without packets", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const process = await start(rig.b, directory, ["-G", "2s", "--hive"]);
  const host = directory.file("out/host=" + Deno.hostname());
  const names = () =>
    exists(host)
      ? [...Deno.readDirSync(host)].flatMap(({ name }) => [...Deno.readDirSync(join(host, name))])
        .map(({ name }) => name).sort()
      : [];
  // The first begins with the recording. A machine that has much to do begins some of the others late.
  const onTheClock = () => names().slice(1).filter((name) => sinceTheClockMs(name) < 500).length;
  await process.until("two files that begin on the clock", LIMIT_MS, () => onTheClock() >= 2);
  const report = await stop(process);
  equal(report.rows_written, 0);
  const days = [...Deno.readDirSync(host)].map(({ name }) => name);
  for (const day of days) match(day, /^date=\d{4}-\d\d-\d\d$/);
  equal(names().length, report.files);
});

/** Milliseconds from the last even second to the begin of a file, by its name. */
function sinceTheClockMs(name: string): number {
  const [, seconds, milliseconds] = /T\d{4}(\d\d)\.(\d{3})Z\.parquet$/.exec(name)!;
  return 1000 * (Number(seconds) % 2) + Number(milliseconds);
}

Deno.test("record removes the oldest of its files, and nobody else's", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const out = directory.file("out");
  Deno.mkdirSync(out);
  const fixture = join(PROJECT, "tests", "testdata", "complete.parquet");
  // Of an earlier recording, of another interface, of somebody else with such a name, and by another name.
  const kept = [
    "veth-c-20200101T000000.000Z.parquet",
    "veth-b-20200101T000001.000Z.parquet",
    "veth-b-20200101T000001Z.parquet",
    "traffic.parquet",
  ];
  const old = "veth-b-20200101T000000.000Z.parquet";
  for (const name of [old, ...kept]) Deno.copyFileSync(fixture, join(out, name));
  Deno.writeTextFileSync(join(out, kept[1]!), "somebody's notes");
  const process = await start(rig.b, directory, ["-W", "2", "-v"]);
  for (let round = 1; round <= 4; round++) {
    await ping(rig, 2, ["ipv4"]);
    const before = process.stderr.split("closed ").length;
    process.signal("SIGUSR2");
    await process.until("a closed file", LIMIT_MS, () => {
      return process.stderr.split("closed ").length > before;
    });
  }
  const report = await stop(process);
  deepEqual([report.files, report.rows_written], [5, 8]);
  const names = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
  deepEqual(names.filter((name) => kept.includes(name)), kept.toSorted());
  equal(names.length, kept.length + 2);
  ok(!names.includes(old));
  // The newest are left: the last two.
  const left = names.filter((name) => !kept.includes(name));
  const numbers = await Promise.all(left.map(async (name) => {
    return (await fileMetadata(join(out, name))).get("xdp_inspector.file_number");
  }));
  deepEqual(numbers, ["4", "5"]);
});

Deno.test("record --keep-size stays within its limit, with one file that is open", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const [limit, size, sent] = [600 * 1024, 100 * 1024, 500_000];
  const flags = ["-C", `${size / 1024}KiB`, "--keep-size", `${limit / 1024}KiB`];
  const process = await start(rig.b, directory, [...flags, "--flush-interval", "1s"]);
  let [largest, largestFile, looks] = [0, 0, 0];
  let there: readonly string[] = [];
  // Everything that is there counts, also what is hidden and being written.
  const watch = setInterval(() => {
    const found = sizesBelow(directory.file("out"));
    // Were a file removed or named meanwhile, this would be the sum of two moments.
    const again = sizesBelow(directory.file("out"));
    if (pathsOf(found) !== pathsOf(again)) return;
    looks++;
    const sum = found.reduce((all, [, bytes]) => all + bytes, 0);
    const closed = found.filter(([path]) => !path.includes("/.")).map(([, bytes]) => bytes);
    largestFile = Math.max(largestFile, ...closed);
    if (sum <= largest) return;
    largest = sum;
    there = found.map(([path, bytes]) => `${bytes} ${path}`);
  }, 0);
  try {
    await flood(rig, sent, 22);
  } finally {
    clearInterval(watch);
  }
  const report = await stop(process);
  equal(report.packets_seen, sent);
  ok(report.file_bytes > 1.3 * limit, `${report.file_bytes} bytes are too few for this test`);
  ok(looks > 100, `${looks} looks`);
  const left = filesIn(directory);
  ok(left.length >= 2 && left.length < report.files, `${left.length} files left`);
  const leftBytes = left.reduce((sum, file) => sum + Deno.statSync(file).size, 0);
  ok(leftBytes <= limit, `${leftBytes} bytes left`);
  ok(largest <= limit + largestFile, `${largest} bytes at one time:\n${there.join("\n")}`);
});

Deno.test("record brings each file onto the disk before it has its name, and then its name", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const trace = directory.file("trace");
  const calls = "trace=fsync,fdatasync,pwrite64,ftruncate,copy_file_range,?renameat,renameat2";
  // As a child of its own tracer it would not get the signals.
  const tracer = ["strace", "-D", "-f", "-y", "-o", trace, "-e", calls];
  const process = await start(rig.b, directory, ["-W", "1000"], tracer);
  for (let round = 1; round <= 2; round++) {
    await ping(rig, 2, ["ipv4"]);
    process.signal("SIGUSR2");
    await process.until("a file", LIMIT_MS, () => filesIn(directory).length === round);
  }
  await stop(process);
  const out = Deno.realPathSync(directory.file("out"));
  const lines = Deno.readTextFileSync(trace).split("\n").filter((line) => line.includes(out));
  const files = filesIn(directory);
  equal(files.length, 3);
  for (const [index, file] of files.entries()) {
    const part = `part-${String(index + 1).padStart(6, "0")}.`;
    const named = lines.findIndex((line) => line.includes(`"${basename(file)}"`));
    ok(
      named >= 0 && / rename/.test(lines[named]!) && lines[named]!.includes(`"${part}`),
      lines.join("\n"),
    );
    const [thread] = lines[named]!.split(" ");
    const last = (pattern: RegExp) => {
      return lines.slice(0, named).findLastIndex((line) => {
        return line.includes(`/${part}`) && pattern.test(line);
      });
    };
    const written = last(/ (pwrite64|ftruncate|copy_file_range)\(.*\.data>/);
    // Another thread's may be under way still.
    const synced = last(new RegExp(`^(${thread} +fsync\\(.*|.* fsync\\(.*= 0)$`));
    ok(written >= 0 && synced > written, `${file}: ${written} ${synced}\n${lines.join("\n")}`);
    const after = lines.slice(named);
    ok(after.some((line) => / fsync\(/.test(line) && line.includes(`<${out}>`)), after.join("\n"));
  }
});

function pathsOf(found: readonly (readonly [path: string, bytes: number])[]): string {
  return found.map(([path]) => path).sort().join();
}

/** All files below a directory that is being changed, with their bytes. */
function sizesBelow(directory: string): [path: string, bytes: number][] {
  try {
    return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) => {
      const path = join(directory, name);
      if (isDirectory) return sizesBelow(path);
      try {
        return [[path, Deno.statSync(path).size]];
      } catch {
        return []; // Gone meanwhile.
      }
    });
  } catch {
    return [];
  }
}

Deno.test("record --on-close runs a command for each file, and says when it fails", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const log = directory.file("log");
  Deno.writeTextFileSync(log, "");
  Deno.chmodSync(log, 0o666);
  Deno.chmodSync(directory.path, 0o755);
  // The last one is still at it when the recording has ended.
  const command =
    `sh -c 'sleep 0.5; echo "$(id -u) $1" >> ${log}; test "$(wc -l < ${log})" -ne 2' sh`;
  const process = await start(rig.b, directory, ["--on-close", command]);
  await ping(rig, 1, ["ipv4"]);
  process.signal("SIGUSR2");
  await process.until("the command", LIMIT_MS, () => Deno.readTextFileSync(log) !== "");
  process.signal("SIGINT");
  const { code, stderr } = await process.end(LIMIT_MS);
  equal(code, 0, stderr);
  const lines = Deno.readTextFileSync(log).trim().split("\n");
  deepEqual(
    lines.map((line) => line.split(" ")[1]),
    filesIn(directory).map((file) => Deno.realPathSync(file)),
  );
  // Root it is no more.
  ok(lines.every((line) => /^[1-9]\d* /.test(line)), lines.join("\n"));
  match(stderr, /^".*" for ".*\.parquet" ended with 1$/m);
});

Deno.test("record leaves the command of --on-close behind when a second signal comes", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const [begun, end] = [directory.file("begun"), directory.file("end")];
  Deno.writeTextFileSync(begun, "");
  Deno.chmodSync(begun, 0o666);
  Deno.chmodSync(directory.path, 0o755);
  const command = `echo > ${begun}; until [ -e ${end} ]; do sleep 0.1; done; true`;
  const process = await start(rig.b, directory, ["--on-close", command]);
  process.signal("SIGINT");
  await process.until("the command", LIMIT_MS, () => Deno.readTextFileSync(begun) !== "");
  ok(process.running);
  process.signal("SIGINT");
  await waitFor("the end of the recorder", LIMIT_MS, () => !process.running);
  // The command has its standard error still.
  Deno.writeTextFileSync(end, "");
  await process.end(LIMIT_MS);
  const [file, ...others] = filesIn(directory);
  deepEqual([await footerRowCount(file!), others], [0, []]);
});

Deno.test("recover finds every file of a killed series, and the place of each", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const sender = join(PROJECT, "tests", "support", "numbered_traffic.ts");
  rig.a.start(denoRun(sender, rig.b.ipv4, "2000"));
  let most = 0;
  // A slow machine takes some of it for the start.
  for (let afterMs = 5000; most < 4; afterMs *= 2) {
    const flags = ["--flush-interval", "1s", "-G", "1s"];
    const { files } = await killRound(rig.b, flags, "/", afterMs + 1000 * Math.random());
    most = Math.max(most, files);
    ok(afterMs < LIMIT_MS, `${most} files`);
  }
});

Deno.test("record makes several files in a directory only", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("x.parquet");
  const argv = inspector("record", "-i", rig.b.interface, "-o", output, "-G", "1h");
  const { code, stderr } = await rig.b.run(argv);
  equal(code, 1);
  ok(stderr.includes(`Cannot make several files of "${output}": it is no directory`), stderr);
  deepEqual(directory.list(), []);
});
