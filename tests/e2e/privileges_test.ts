/** What a recording, and a report, may still do while they run. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { BackgroundProcess, run } from "../support/child_process.ts";
import { exists, inspector, Recording } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { onTerminal, TERMINAL_ENV } from "../support/pseudo_terminal.ts";
import { waitsInWrite } from "../support/stalled_output.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { type ThreadRights, threadRights } from "../support/thread_rights.ts";
import { ping } from "../support/traffic.ts";
import { hasClsact } from "../support/clsact_state.ts";

const NOBODY = 65534;
const CALLER = 4321;
const CALLER_GROUP = 4322;
const AS_CALLER = { env: { SUDO_UID: String(CALLER), SUDO_GID: String(CALLER_GROUP) } };
const AS_ROOT = { env: { SUDO_UID: "", SUDO_GID: "" } };

/** Bits: include/uapi/linux/capability.h. */
const DAC_READ_SEARCH = 1n << 2n;
const FILES = 1n << 0n | 1n << 1n | 1n << 3n; // CHOWN, DAC_OVERRIDE, FOWNER
const NET_ADMIN = 1n << 12n;

/** Threads that the runtime starts when it writes in the background. */
const BACKGROUND = "tokio-runtime-w";

/**
 * Expects that no thread has any right, but that the main thread may raise some, and what the runtime has
 * started from there since then.
 */
function expectNothing(
  threads: readonly ThreadRights[],
  user: number,
  group: number,
  raisable: bigint,
) {
  // Main thread, drain worker, writer worker, and some of the runtime's.
  ok(threads.length > 3, `${threads.length} threads`);
  threads.forEach((one, index) => {
    // A thread that has just begun has the name of its maker.
    const isBackground = [BACKGROUND, threads[0]!.name].includes(one.name);
    deepEqual(one, {
      thread: one.thread,
      name: one.name,
      users: [user, user, user, user],
      groups: [group, group, group, group],
      supplementary: [],
      effective: 0n,
      permitted: index === 0 || (isBackground && one.permitted !== 0n) ? raisable : 0n,
      inheritable: 0n,
      ambient: 0n,
      bounding: 0n,
      noNewPrivileges: true,
    });
  });
}

/** The threads once the main thread has put to rest what it raised to write the ready file. */
async function restingRights({ process }: Recording): Promise<ThreadRights[]> {
  return await process.until("the rights to be at rest", 60_000, ({ pid }) => {
    const threads = threadRights(pid);
    return threads[0]!.effective === 0n && threads;
  });
}

async function finish(rig: NetnsPair, recording: Recording): Promise<Deno.FileInfo> {
  await ping(rig, 3, ["ipv4"]);
  const { code, stderr } = await recording.stop();
  equal(code, 0, stderr);
  equal(await footerRowCount(recording.output), 6);
  return Deno.statSync(recording.output);
}

/** A directory that belongs to a user. */
function directoryOf(user: number, group: number): TempDirectory {
  const directory = TempDirectory.create();
  Deno.chownSync(directory.path, user, group);
  return directory;
}

function start(
  end: NetnsEnd,
  directory: TempDirectory,
  args: string[],
  env: Record<string, string>,
) {
  return Recording.start(end, directory.path, args, { env });
}

Deno.test("record by sudo goes on as its caller, who may do nothing else", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = directoryOf(CALLER, CALLER_GROUP);
  const recording = await start(rig.b, directory, [], AS_CALLER.env);
  await recording.process.until("the rights to be given up", 60_000, ({ pid }) => {
    return threadRights(pid)[0]!.permitted === 0n;
  });
  expectNothing(threadRights(recording.process.pid), CALLER, CALLER_GROUP, 0n);
  const file = await finish(rig, recording);
  deepEqual([file.uid, file.gid], [CALLER, CALLER_GROUP]);
  deepEqual(directory.list().filter((name) => !name.startsWith("ready-")), ["traffic.parquet"]);
});

Deno.test("record by sudo writes where only root can, by a right of the main thread alone", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, [], AS_CALLER.env);
  expectNothing(await restingRights(recording), CALLER, CALLER_GROUP, FILES);
  const file = await finish(rig, recording);
  deepEqual([file.uid, file.gid], [CALLER, CALLER_GROUP]);
  deepEqual(directory.list().filter((name) => !name.startsWith("ready-")), ["traffic.parquet"]);
});

Deno.test("record by root goes on as nobody and gives the file to root", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, [], AS_ROOT.env);
  expectNothing(await restingRights(recording), NOBODY, NOBODY, FILES);
  const file = await finish(rig, recording);
  deepEqual([file.uid, file.gid], [0, 0]);
});

Deno.test("record --user goes on as that user", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  // A user of every Debian: base-passwd.
  const recording = await start(rig.b, directory, ["-Z", "daemon"], AS_CALLER.env);
  expectNothing(await restingRights(recording), 1, 1, FILES);
  const file = await finish(rig, recording);
  deepEqual([file.uid, file.gid], [1, 1]);
});

Deno.test("record -Z root stays root without a capability but those for its file", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, ["--user", "root"], AS_CALLER.env);
  const threads = await restingRights(recording);
  const own = threads[0]!.supplementary;
  expectNothing(threads.map((one) => ({ ...one, supplementary: [] })), 0, 0, FILES);
  ok(threads.every(({ supplementary }) => String(supplementary) === String(own)));
  equal((await finish(rig, recording)).uid, 0);
});

Deno.test("record --user with a name that nobody has changes nothing", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("x.parquet");
  const argv = inspector("record", "-i", rig.b.interface, "-o", output, "--user", "no-such-user");
  const { code, stderr } = await rig.b.run(argv);
  equal(code, 1, stderr);
  match(stderr, /Cannot become user "no-such-user": there is no such user/);
  deepEqual(directory.list(), []);
});

/** A recording of root's own that is to be replaced. */
function putOldRecording(directory: TempDirectory): void {
  const old = directory.file("traffic.parquet");
  Deno.copyFileSync("tests/testdata/complete.parquet", old);
  Deno.chmodSync(old, 0o600);
}

Deno.test("record replaces a file of root's, whoever it goes on as, in whosever directory", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  for (const [env, owner] of [[AS_ROOT.env, 0], [AS_CALLER.env, CALLER]] as const) {
    for (const mode of [0o755, 0o1777]) {
      using directory = directoryOf(CALLER, CALLER_GROUP);
      Deno.chmodSync(directory.path, mode);
      putOldRecording(directory);
      const file = await finish(rig, await start(rig.b, directory, [], env));
      equal(file.uid, owner, `${owner} in ${mode.toString(8)}`);
    }
  }
});

Deno.test("record refuses an output that a recording writes which has become another user", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, ["-Z", "daemon"], AS_ROOT.env);
  const argv = inspector("record", "-i", rig.a.interface, "-o", recording.output);
  const { code, stderr } = await rig.a.run(argv, AS_ROOT);
  equal(code, 1, stderr);
  match(stderr, /: another recording is being written there$/m);
  await finish(rig, recording);
});

Deno.test("record may remove its clsact filter, and only the main thread may", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = directoryOf(CALLER, CALLER_GROUP);
  const env = { ...AS_CALLER.env, XDP_INSPECTOR_FORCE_CLSACT: "1" };
  const recording = await start(rig.b, directory, ["--mode", "tc"], env);
  await recording.process.until("the rights to be given up", 60_000, ({ pid }) => {
    return (threadRights(pid)[0]!.permitted & FILES) === 0n;
  });
  expectNothing(threadRights(recording.process.pid), CALLER, CALLER_GROUP, NET_ADMIN);
  await finish(rig, recording);
  equal(await hasClsact(rig.b), false);
});

for (
  const [name, env, user, group] of [
    ["root", AS_ROOT.env, NOBODY, NOBODY],
    ["sudo", AS_CALLER.env, CALLER, CALLER_GROUP],
  ] as const
) {
  Deno.test(`stats by ${name} becomes a user who has only the right to read files`, async () => {
    const argv = inspector("stats", "-f", "tests/testdata/complete.parquet").map((word) =>
      `'${word}'`
    );
    // A full pipe holds it while it prints.
    const script = `(head -c 65536 /dev/zero; exec ${argv.join(" ")}) | sleep 120`;
    await using shell = BackgroundProcess.start(["sh", "-c", script], { env });
    const seen = await shell.until("stats to print, as whom it has become", 60_000, ({ pid }) => {
      const threads = printingStats(pid);
      return threads.length > 3 && threads;
    });
    for (const child of childrenOf(shell.pid)) Deno.kill(child, "SIGKILL");
    for (const { effective, permitted, inheritable, ambient, bounding, ...rest } of seen) {
      deepEqual([effective, permitted], [DAC_READ_SEARCH, DAC_READ_SEARCH]);
      deepEqual([inheritable, ambient, bounding], [0n, 0n, 0n]);
      deepEqual(rest.users, [user, user, user, user]);
      deepEqual(rest.groups, [group, group, group, group]);
      deepEqual(rest.supplementary, []);
      equal(rest.noNewPrivileges, true);
    }
  });
}

/** The threads of the program that reads, among the children of a shell, once its answer is under way. */
function printingStats(shell: number): ThreadRights[] {
  return childrenOf(shell).flatMap((child) => {
    try {
      const line = Deno.readTextFileSync(`/proc/${child}/cmdline`);
      const isStats = line.includes("stats\0") && !line.startsWith("sh\0");
      return isStats && waitsInWrite(child, 1) ? threadRights(child) : [];
    } catch {
      return [];
    }
  });
}

function childrenOf(pid: number): number[] {
  const text = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return text.split(" ").filter((word) => word !== "").map(Number);
}

Deno.test("stats by sudo reads a file that only root may", async () => {
  using directory = TempDirectory.create();
  const file = directory.file("x.parquet");
  Deno.copyFileSync("tests/testdata/complete.parquet", file);
  Deno.chmodSync(file, 0o600);
  Deno.chownSync(file, CALLER, CALLER_GROUP);
  Deno.chownSync(directory.path, CALLER, CALLER_GROUP);
  Deno.chmodSync(directory.path, 0o700);
  const { code, stdout, stderr } = await run(inspector("stats", "-f", file), AS_CALLER);
  equal(code, 0, stderr);
  match(stdout, /^Packets +36 /m);
});

/** Runs a report by sudo into a directory, and looks at the file. */
async function reportInto(directory: string) {
  const output = `${directory}/out.csv`;
  const flags = ["-f", "tests/testdata/complete.parquet", "--force", "-o", output];
  const { code, stderr } = await run(inspector("stats", "flows", ...flags), AS_CALLER);
  equal(code, 0, stderr);
  const { uid, gid, mode } = Deno.statSync(output);
  deepEqual([uid, gid, mode! & 0o7777], [CALLER, CALLER_GROUP, 0o600]);
  match(Deno.readTextFileSync(output), /^direction,source_ip,/);
  deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["out.csv"]);
}

Deno.test("stats -o by sudo makes the caller's file, where only the caller may and where root may", async () => {
  using directory = TempDirectory.create();
  await reportInto(directory.path);
  // The same name again: the file is the caller's now.
  await reportInto(directory.path);
  const own = directory.file("own");
  Deno.mkdirSync(own);
  Deno.chownSync(own, CALLER, CALLER_GROUP);
  Deno.chmodSync(own, 0o700);
  await reportInto(own);
  const sticky = directory.file("sticky");
  Deno.mkdirSync(sticky);
  Deno.chmodSync(sticky, 0o1777);
  Deno.chownSync(sticky, NOBODY, NOBODY);
  await reportInto(sticky);
});

for (const view of ["a screen", "lines"] as const) {
  Deno.test(`live by sudo goes on as its caller with ${view}, who may do nothing else`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const ready = directory.file("ready");
    const argv = inspector("live", "-i", rig.b.interface, "--ready-file", ready);
    const process = rig.b.start(view === "lines" ? argv : onTerminal(argv), {
      env: { ...AS_CALLER.env, ...TERMINAL_ENV },
    });
    const pid = await process.until(
      "the ready file",
      60_000,
      () => exists(ready) && Number(Deno.readTextFileSync(ready)) || undefined,
    );
    await process.until("the view", 60_000, ({ stdout }) => /conv|"to":/.test(stdout));
    await process.until("the rights to be given up", 60_000, () => {
      return threadRights(pid)[0]!.permitted === 0n;
    });
    expectNothing(threadRights(pid), CALLER, CALLER_GROUP, 0n);
    const children = childrenOf(pid);
    // What gives the terminal back if this one cannot.
    equal(children.length, view === "lines" ? 0 : 1);
    for (const child of children) {
      const [rights] = threadRights(child);
      deepEqual(rights!.users, [CALLER, CALLER, CALLER, CALLER]);
      deepEqual(rights!.groups, [CALLER_GROUP, CALLER_GROUP, CALLER_GROUP, CALLER_GROUP]);
      deepEqual([rights!.effective, rights!.permitted, rights!.inheritable], [0n, 0n, 0n]);
      equal(rights!.noNewPrivileges, true);
    }
    Deno.kill(pid, "SIGINT");
    const { code, stdout, stderr } = await process.end(60_000);
    equal(code, 0, stdout + stderr);
  });
}
