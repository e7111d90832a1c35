/**
 * Outputs that fail while they are written, and threads that fail: for one file and for several, with
 * `--on-error stop` and `drop`. What was closed stays, and every packet is in the report, as a row or as
 * not written.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { brokenRecorder, type BrokenThread } from "../support/broken_recorder.ts";
import { type BackgroundProcess, check } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import {
  diskWithoutInodes,
  diskWithQuota,
  failingDevice,
  type FaultyDisk,
  fullDisk,
  hasBtrfs,
  readOnlyDisk,
} from "../support/faulty_disk.ts";
import {
  binaryUnderTest,
  exists,
  inspector,
  type JsonReport,
  runInspector,
} from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { threadRights } from "../support/thread_rights.ts";
import { flood } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

const LIMIT_MS = 60_000;
/** Packets before the fault, while there is one, and at a time afterwards. */
const [BEFORE, DURING, AFTER] = [1000, 25_000, 500];

const POLICIES = ["stop", "drop"] as const;

/** Something that goes wrong. */
interface Fault {
  readonly name: string;
  /** Whether this kernel has what it takes; without it every kernel has. */
  readonly isPossible?: () => boolean;
  /** What is said about it. */
  readonly reason: string;
  /** What is said to do about it when it ends a series; without it nothing special. */
  readonly hint?: string;
  makeDisk(path: string): Promise<FaultyDisk>;
  /** Lets it go wrong for one recorder. */
  break(one: Case): Promise<void>;
  /** null = it is not mended. */
  readonly mend: ((one: Case) => Promise<void>) | null;
  /** The program; null = as it is. */
  readonly thread: BrokenThread | null;
  /** Whether a segment that was closed is left, of one file. */
  readonly keepsSegment: boolean;
  /** As `--flush-interval` takes it. */
  readonly flushInterval: string;
  /** Whether `recover` can make a file of what is left, once the disk is mended. */
  readonly isRecoverable: boolean;
}

/** A recorder with a disk of its own. */
interface Case {
  readonly id: string;
  readonly isSeries: boolean;
  readonly policy: (typeof POLICIES)[number];
  readonly disk: FaultyDisk;
  readonly directory: string;
  readonly trigger: string;
  readonly process: BackgroundProcess;
}

const ON_DISK = {
  break: ({ disk }: Case) => disk.break(),
  thread: null,
  flushInterval: "1s",
  keepsSegment: true,
  isRecoverable: true,
} as const;

const mendDisk = ({ disk }: Case) => disk.mend!();

/** A directory on the disk of the machine. */
function plainDirectory(path: string): Promise<FaultyDisk> {
  Deno.mkdirSync(path);
  return Promise.resolve({
    path,
    break: () => Promise.resolve(),
    mend: null,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** Removes a directory in which somebody may be making files at this moment. */
async function removeInUse(path: string): Promise<void> {
  await waitFor(`"${path}" to go`, LIMIT_MS, async () => {
    await Deno.remove(path, { recursive: true }).catch(() => {});
    return !exists(path);
  });
}

/** Sets the largest size that a process may give its files, as its own user may. */
async function limitFiles({ process: { pid } }: Case, bytes: number | "unlimited"): Promise<void> {
  const { users: [user], groups: [group] } = threadRights(pid)[0]!;
  await check([
    ...["setpriv", `--reuid=${user}`, `--regid=${group}`, "--clear-groups"],
    ...["prlimit", "--pid", String(pid), `--fsize=${bytes}:unlimited`],
  ]);
}

const FAULTS: readonly Fault[] = [
  {
    ...ON_DISK,
    name: "its disk is full",
    reason: "no space left on device",
    makeDisk: fullDisk,
    mend: mendDisk,
  },
  {
    ...ON_DISK,
    name: "its disk takes no more files",
    reason: "no space left on device",
    hint: "Remove files there: it can hold no more of them",
    makeDisk: diskWithoutInodes,
    mend: mendDisk,
  },
  {
    ...ON_DISK,
    name: "its quota is used up",
    isPossible: hasBtrfs,
    reason: "disk quota exceeded",
    makeDisk: diskWithQuota,
    mend: mendDisk,
  },
  {
    ...ON_DISK,
    name: "its disk is read-only",
    reason: "read-only file system",
    makeDisk: readOnlyDisk,
    mend: mendDisk,
    // No file may be open for writing when it happens.
    flushInterval: "0",
  },
  {
    ...ON_DISK,
    name: "the device fails",
    reason: "input/output error",
    makeDisk: failingDevice,
    mend: null,
    isRecoverable: false,
  },
  {
    ...ON_DISK,
    name: "its directory is removed",
    reason: "was removed",
    makeDisk: plainDirectory,
    break: ({ directory }) => removeInUse(directory),
    mend: null,
    keepsSegment: false,
    isRecoverable: false,
  },
  {
    ...ON_DISK,
    name: "a file becomes too large",
    reason: "file too large",
    makeDisk: plainDirectory,
    break: (one) => limitFiles(one, 16 * 1024),
    mend: (one) => limitFiles(one, "unlimited"),
  },
  ...(["writer", "drain"] as const).map((thread): Fault => ({
    ...ON_DISK,
    name: `its ${thread} fails by a defect`,
    reason: `a defect of the ${thread}`,
    makeDisk: plainDirectory,
    break: ({ trigger }) => Deno.writeTextFile(trigger, ""),
    mend: null,
    thread,
  })),
];

async function start(
  rig: NetnsPair,
  temporary: TempDirectory,
  { makeDisk, thread, flushInterval }: Fault,
  isSeries: boolean,
  policy: Case["policy"],
): Promise<Case> {
  const id = `${isSeries ? "several" : "one"}-${policy}`;
  const disk = await makeDisk(temporary.file(id));
  try {
    const directory = join(disk.path, "out");
    Deno.mkdirSync(directory);
    const [ready, trigger] = [temporary.file(`${id}.ready`), temporary.file(`${id}.break`)];
    const args = [
      ...["record", "-i", rig.b.interface, "-Q", "in", "-d", "0", "--json", "--mode", "tc"],
      ...["--on-error", policy, "--flush-interval", flushInterval, "--min-free", "0"],
      ...["--ready-file", ready, "-o", isSeries ? `${directory}/` : join(directory, "x.parquet")],
      ...isSeries ? ["-G", "1d"] : [],
    ];
    const argv = thread === null ? inspector(...args) : brokenRecorder(thread, trigger, ...args);
    // Run from sources, the runtime would write larger files to its own cache, at any time.
    if (binaryUnderTest() === null) argv.splice(argv.indexOf("run") + 1, 0, "--no-code-cache");
    const process = rig.b.start(argv, { cwd: temporary.path });
    await process.until("the ready file", LIMIT_MS, () => exists(ready));
    return { id, isSeries, policy, disk, directory, trigger, process };
  } catch (error) {
    await disk[Symbol.asyncDispose]();
    throw error;
  }
}

function namesIn(directory: string): string[] {
  return exists(directory) ? [...Deno.readDirSync(directory)].map(({ name }) => name) : [];
}

function recordingsIn(directory: string): string[] {
  return namesIn(directory).filter((name) => name.endsWith(".parquet") && !name.startsWith("."))
    .map((name) => join(directory, name));
}

async function rowsIn(directory: string): Promise<number> {
  const counts = await Promise.all(recordingsIn(directory).map(footerRowCount));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Waits until packets are in a file that is closed, or in a closed segment. @returns their number */
async function untilClosed({ isSeries, directory, process }: Case): Promise<number> {
  return await process.until("what is closed", LIMIT_MS, () => {
    if (isSeries && recordingsIn(directory).length === 0) return undefined;
    const hidden = namesIn(directory).find((name) => name.includes(".xdp-inspector-")) ?? "?";
    const work = join(directory, hidden);
    if (!isSeries) return exists(join(work, "000001.parquet"));
    // It is finished when nothing is said of it any more.
    const state = JSON.parse(Deno.readTextFileSync(join(work, "recording.json")));
    return state.parts.every(({ number }: { number: number }) => number !== 1);
  }).then(async () => {
    if (isSeries) return await rowsIn(directory);
    const hidden = namesIn(directory).find((name) => name.includes(".xdp-inspector-"))!;
    return await footerRowCount(join(directory, hidden, "000001.parquet"));
  });
}

/** Looks at what a recorder has said and left. */
async function checkCase(one: Case, fault: Fault, closed: number, sent: number, result: {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}): Promise<void> {
  const { code, stdout, stderr } = result;
  const isMended = one.policy === "drop" && fault.mend !== null;
  equal(code, isMended ? 0 : 1, stderr);
  ok(stderr.includes(fault.reason), stderr);
  // Of one file what is left is said instead.
  if (one.policy === "stop" && one.isSeries) ok(stderr.includes(fault.hint ?? ""), stderr);
  // Everything that the kernel has seen is accounted for, whatever happened.
  const report: JsonReport = JSON.parse(stdout);
  equal(report.packets_seen, report.packets_captured + report.packets_dropped);
  equal(report.rows_written, report.packets_captured);
  const { not_written: lost = 0, ring_full: full = 0, queue_full: late = 0 } = report.drops;
  equal(lost + full + late, report.packets_dropped);
  // Who is to stop may have done so before the next packet came.
  ok(lost > 0 || (one.policy === "stop" && report.packets_seen === BEFORE), stdout);
  if (one.policy === "drop" && fault.thread === null) equal(report.packets_seen, sent);
  const keeps = one.isSeries || fault.keepsSegment ? closed : 0;
  ok(report.rows_written >= keeps + (isMended ? AFTER : 0), `${one.id}: ${stdout}`);
  if (!exists(one.directory)) return;

  // What is closed is complete, and what is not can be had.
  if (fault.mend !== null && one.policy === "stop") await fault.mend(one).catch(() => {});
  if (fault.isRecoverable) {
    const recovered = await runInspector(["recover", one.directory]);
    equal(recovered.code, 0, recovered.stderr);
    deepEqual(namesIn(one.directory).filter((name) => name.startsWith(".")), []);
    equal(await rowsIn(one.directory), report.rows_written, one.id);
  } else ok(await rowsIn(one.directory) >= (one.isSeries ? closed : 0));
}

for (const fault of FAULTS) {
  const name = `record accounts for every packet, and keeps what was closed, when ${fault.name}`;
  const ignore = fault.isPossible?.() === false;
  Deno.test(name, { ignore }, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using temporary = TempDirectory.create();
    Deno.chmodSync(temporary.path, 0o755);
    await using disks = new AsyncDisposableStack();
    const cases = await Promise.all(
      [false, true].flatMap((isSeries) =>
        POLICIES.map(async (policy) => {
          const one = await start(rig, temporary, fault, isSeries, policy);
          disks.use(one.disk);
          return one;
        })
      ),
    );
    await flood(rig, BEFORE, 22);
    for (const one of cases) one.process.signal("SIGUSR2");
    const closed = new Map(
      await Promise.all(cases.map(async (one) => [one, await untilClosed(one)] as const)),
    );
    for (const rows of closed.values()) ok(rows > 0);
    for (const one of cases) await fault.break(one);
    await flood(rig, DURING, 22);
    for (const one of cases) cut(one);
    let sent = BEFORE + DURING;
    // Who is to stop, and who has lost a thread, ends by itself.
    const [ending, going] = [cases.filter(endsItself), cases.filter((one) => !endsItself(one))];
    for (const one of ending) {
      await checkCase(one, fault, closed.get(one)!, sent, await one.process.end(LIMIT_MS));
    }
    for (const { process } of going) {
      await process.until("the trouble", LIMIT_MS, ({ stderr }) => stderr.includes(fault.reason));
    }
    if (fault.mend !== null) {
      for (const one of going) await fault.mend(one);
      for (const { process } of going) {
        const end = performance.now() + LIMIT_MS;
        while (!process.stderr.includes("is written again")) {
          ok(process.running && performance.now() < end, process.stderr);
          await flood(rig, AFTER, 22);
          sent += AFTER;
          for (const one of going) cut(one);
        }
      }
      await flood(rig, AFTER, 22);
      sent += AFTER;
    }
    for (const one of going) one.process.signal("SIGINT");
    for (const one of going) {
      await checkCase(one, fault, closed.get(one)!, sent, await one.process.end(LIMIT_MS));
    }
    await untilNothingAttached(rig.b);

    /** Has what came written, where nothing else does that. */
    function cut({ process }: Case): void {
      if (fault.flushInterval === "0") process.signal("SIGUSR2");
    }

    function endsItself({ policy }: Case): boolean {
      return policy === "stop" || fault.thread !== null;
    }
  });
}
