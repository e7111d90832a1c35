/** Where the output goes, and what becomes of it when that place changes or is refused. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { check, run } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import {
  asNobody,
  binaryUnderTest,
  denoRun,
  exists,
  inspector,
  PROJECT,
  Recording,
} from "../support/inspector_cli.ts";
import { textOf } from "../support/file_text.ts";
import { NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { threadRights } from "../support/thread_rights.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

function mode(path: string): number {
  return Deno.lstatSync(path).mode! & 0o7777;
}

/** `argv` under a shell that first does something to itself. */
function after(commands: string, argv: readonly string[]): string[] {
  return ["sh", "-c", `${commands}; exec "$@"`, "sh", ...argv];
}

Deno.test("record makes everything for its owner alone, whatever the umask", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ready = directory.file("ready");
  // That of a recording before, which must not be taken for this one's.
  Deno.writeTextFileSync(ready, "1\n", { mode: 0o666 });
  const argv = inspector("record", "-i", rig.b.interface, "--ready-file", ready, "-d", "0");
  await using process = rig.b.start(after("umask 0", argv), { cwd: directory.path });
  // The old one goes in between.
  await process.until("the ready file", 60_000, () => textOf(ready) === `${process.pid}\n`);
  equal(mode(ready), 0o600);
  await ping(rig, 1, ["ipv4"]);
  process.signal("SIGUSR2");
  const work = directory.file(directory.list().find((name) => name.startsWith(".traffic"))!);
  const segment = join(work, "000001.parquet");
  await process.until("the closed segment", 60_000, () => exists(segment));
  deepEqual([mode(work), mode(segment)], [0o700, 0o600]);
  process.signal("SIGINT");
  equal((await process.end(60_000)).code, 0);
  equal(mode(directory.file("traffic.parquet")), 0o600);
});

Deno.test("record -o with a directory names the file by interface and start", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const argv = ["record", "-i", rig.b.interface, "-d", "0.2s", "--json", "--group-read"];
  for (const output of [`${directory.path}/`, directory.path]) {
    const { stdout, code, stderr } = await rig.b.run(inspector(...argv, "-o", output));
    equal(code, 0, stderr);
    const path: string = JSON.parse(stdout).output;
    match(path.slice(directory.path.length), /^\/veth-b-\d{8}T\d{6}Z(-2)?\.parquet$/);
    ok(stderr.includes(`to "${path}"`), stderr);
    equal(await footerRowCount(path) >= 0, true);
    equal(mode(path), 0o640);
  }
  equal(directory.list().length, 2);
});

Deno.test("record refuses a second recording to the same output at once, not after a killed one", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const first = await Recording.start(rig.b, directory.path, ["-d", "0"]);
  const argv = inspector("record", "-i", rig.b.interface, "-o", first.output, "-d", "0.2s");
  const second = await rig.b.run(argv);
  equal(second.code, 1);
  ok(second.stderr.includes("another recording is being written there"), second.stderr);
  await first.stop("SIGKILL");
  await untilNothingAttached(rig.b);
  const third = await rig.b.run(argv);
  equal(third.code, 0, third.stderr);
});

Deno.test("record refuses a ready file that is none, and leaves an old one when the output is refused", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const fifo = directory.file("fifo");
  await check(["mkfifo", fifo]);
  const argv = (...more: string[]) => inspector("record", "-i", rig.b.interface, ...more);
  const refused = await rig.b.run(argv("--ready-file", fifo), { cwd: directory.path });
  equal(refused.code, 1);
  ok(refused.stderr.includes(`Cannot create the ready file "${fifo}": it is a FIFO`));
  deepEqual(directory.list(), ["fifo"]);
  const old = directory.file("ready");
  Deno.writeTextFileSync(old, "12345\n");
  const missing = directory.file("missing/x.parquet");
  equal((await rig.b.run(argv("--ready-file", old, "-o", missing))).code, 1);
  equal(Deno.readTextFileSync(old), "12345\n");
  await untilNothingAttached(rig.b);
});

Deno.test("record says that its directory was removed, and that it was renamed", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const [here, there] = [directory.file("here"), directory.file("there")];
  Deno.mkdirSync(here);
  // Nothing is written there by itself, while it is removed or before it is renamed.
  const flags = ["-Q", "in", "--flush-interval", "0"];
  const removed = await Recording.start(rig.b, here, flags);
  await ping(rig, 1, ["ipv4"]);
  Deno.removeSync(here, { recursive: true });
  const gone = await removed.stop();
  equal(gone.code, 1);
  ok(
    gone.stderr.includes(`Cannot write "${here}/traffic.parquet": its directory "${here}" was rem`),
    gone.stderr,
  );
  ok(!gone.stderr.includes("defect"), gone.stderr);

  // Who cannot be asked where a directory is now writes on through its descriptor.
  Deno.mkdirSync(here);
  const moving = await Recording.start(rig.b, here, flags);
  await ping(rig, 2, ["ipv4"]);
  Deno.renameSync(here, there);
  const whole = await moving.stop();
  equal(whole.code, 1);
  ok(
    whole.stderr.includes(
      `Cannot write "${here}/traffic.parquet": its directory "${here}" was moved meanwhile`,
    ),
    whole.stderr,
  );
  const complete = join(there, "traffic.parquet");
  ok(whole.stderr.includes(`The complete recording is "${complete}"`), whole.stderr);
  equal(await footerRowCount(complete), 2);
  Deno.removeSync(there, { recursive: true });

  Deno.chmodSync(directory.path, 0o755);
  Deno.mkdirSync(here);
  const renamed = await Recording.start(rig.b, here, flags);
  await ping(rig, 2, ["ipv4"]);
  renamed.process.signal("SIGUSR2");
  const work = Array.from(Deno.readDirSync(here), ({ name }) => name)
    .find((name) => name.startsWith(".traffic"))!;
  await renamed.process.until("the closed segment", 60_000, () => {
    return exists(join(here, work, "000001.parquet"));
  });
  await ping(rig, 1, ["ipv4"]);
  Deno.renameSync(here, there);
  const moved = await renamed.stop();
  equal(moved.code, 1);
  ok(
    moved.stderr.includes(
      `Cannot write "${here}/traffic.parquet": its directory "${here}" was moved meanwhile`,
    ),
    moved.stderr,
  );
  // Of what could still be written there is a file.
  ok(moved.stderr.includes(`The complete recording is "${complete}"`), moved.stderr);
  match(moved.stderr, /^1 packet not written, the output failed/m);
  equal(await footerRowCount(complete), 2);
});

Deno.test("record says that a file has become too large, and makes one of what came before", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const ready = directory.file("ready");
  const flags = ["--ready-file", ready, "-Q", "in", "-d", "0", "--flush-interval", "0"];
  const argv = inspector("record", "-i", rig.b.interface, ...flags);
  // Run from sources, the runtime would write larger files to its own cache, at any time.
  if (binaryUnderTest() === null) argv.splice(argv.indexOf("run") + 1, 0, "--no-code-cache");
  await using process = rig.b.start(argv, { cwd: directory.path });
  await process.until("the ready file", 60_000, () => exists(ready));
  const [user] = threadRights(process.pid)[0]!.users;
  const [group] = threadRights(process.pid)[0]!.groups;
  const asItsUser = ["setpriv", `--reuid=${user}`, `--regid=${group}`, "--clear-groups"];
  await check([...asItsUser, "prlimit", "--pid", String(process.pid), "--fsize=32768"]);
  await ping(rig, 5, ["ipv4"]);
  process.signal("SIGUSR2");
  const work = directory.file(directory.list().find((name) => name.startsWith(".traffic"))!);
  await waitFor("the closed segment", 60_000, () => {
    return Promise.resolve(exists(join(work, "000001.parquet")) || undefined);
  });
  await flood(rig, 50_000, 22);
  process.signal("SIGINT");
  const { code, stderr } = await process.end(60_000);
  equal(code, 1, stderr);
  match(stderr, /^xdp-inspector: Cannot write ".*": file too large$/m);
  match(stderr, /^ {2}Raise the limit of the size of files \(ulimit -f\)$/m);
  match(stderr, /^50,000 packets not written, the output failed/m);
  equal(await footerRowCount(directory.file("traffic.parquet")), 5);
  ok(!exists(work));
});

Deno.test("record and stats refuse file names that are not UTF-8", async () => {
  using directory = TempDirectory.create();
  for (const command of ["record -o", "stats -f"]) {
    const script = `exec "$@" "$(printf 'a\\377.parquet')"`;
    const argv = ["sh", "-c", script, "sh", ...inspector(...command.split(" "))];
    const { code, stderr } = await run(argv, { cwd: directory.path });
    if (binaryUnderTest() === null) {
      equal(code, 2, stderr);
      ok(stderr.includes("it is not UTF-8"), stderr);
    } else {
      // The runtime of compiled programs gives up before ours begins: see KNOWN_ISSUES.md.
      equal(code, 101, stderr);
      ok(stderr.includes("parquet"), stderr);
    }
  }
  deepEqual(directory.list(), []);
});

Deno.test("OutputFile.prepare() refuses a file that a user other than root could not replace", async () => {
  using directory = TempDirectory.create();
  const [output, older] = [directory.file("x.parquet"), "tests/testdata/empty.parquet"];
  Deno.chmodSync(directory.path, 0o1777);
  Deno.copyFileSync(join(PROJECT, older), output);
  const probe = join(PROJECT, "tests", "support", "publish_probe.ts");
  const { code, stderr } = await run(asNobody(denoRun(probe, output)));
  equal(code, 1);
  ok(stderr.includes(`Cannot write "${output}": it belongs to another user`), stderr);
  deepEqual(directory.list(), ["x.parquet"]);
});

/** A publication under strace(1), which may let a system call fail. */
async function traced(directory: TempDirectory, ...options: string[]) {
  const trace = directory.file("trace");
  const probe = join(PROJECT, "tests", "support", "publish_probe.ts");
  const output = directory.file("x.parquet");
  const said = await check([
    ...[
      "strace",
      "-f",
      "-y",
      "-o",
      trace,
      "-e",
      "trace=fsync,fdatasync,?renameat,renameat2",
      ...options,
    ],
    ...denoRun(probe, output),
  ]);
  const calls = Deno.readTextFileSync(trace).split("\n").filter((line) => {
    return line.includes(directory.path) && / = /.test(line);
  });
  return { said, calls, output };
}

Deno.test("OutputFile.publish() brings the file onto the disk, then its name", async () => {
  using directory = TempDirectory.create();
  const { said, calls } = await traced(directory);
  equal(said.trim(), "null");
  equal(calls.length, 4, calls.join("\n"));
  const work = `${directory.path}/\\.x\\.parquet\\.xdp-inspector-[0-9a-f]{8}`;
  // The first is that of a segment.
  match(calls[0]!, new RegExp(`fsync\\(\\d+<${work}/complete.parquet>\\) += 0`));
  match(calls[1]!, new RegExp(`fsync\\(\\d+<${work}/complete.parquet>\\) += 0`));
  match(calls[2]!, new RegExp(`renameat2?\\(\\d+<${work}>, "complete.parquet"`));
  match(calls[3]!, new RegExp(`fsync\\(\\d+<${directory.path}>\\) += 0`));
});

Deno.test("OutputFile.publish() says when the disk refuses the file, or its name", async () => {
  using directory = TempDirectory.create();
  const file = await traced(directory, "-e", "inject=fsync:error=EIO:when=2");
  match(file.said, new RegExp(`^Cannot write "${file.output}": input/output error$`, "m"));
  ok(!exists(file.output));
  const name = await traced(directory, "-e", "inject=fsync:error=EIO:when=3");
  match(
    name.said,
    new RegExp(`^Cannot bring "${name.output}" onto the disk: input/output error$`, "m"),
  );
  deepEqual(directory.list(), ["trace", "x.parquet"]);
});
