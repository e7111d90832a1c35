/** Nobody reads what `record` says: what it does goes on, and ends. */
import { equal, match } from "node:assert/strict";
import type { BackgroundProcess } from "../support/child_process.ts";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { onTerminal, TERMINAL_ENV } from "../support/pseudo_terminal.ts";
import { StalledPipe, waitsInWrite } from "../support/stalled_output.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood } from "../support/traffic.ts";
import { untilNothingAttached } from "../support/xdp_state.ts";

const LIMIT_MS = 60_000;

/** What Ctrl-S sends: the terminal takes no more output (termios(3), VSTOP). */
const CTRL_S = "\x13";

/** Starts `record` with shell redirections, which may name files in `directory`. */
function start(
  rig: NetnsPair,
  directory: TempDirectory,
  redirections: string,
  flags: readonly string[],
): BackgroundProcess {
  const argv = inspector("record", "-i", rig.b.interface, "-Q", "in", "--ready-file", "ready");
  const script = `exec "$@" ${redirections}`;
  return rig.b.start(["bash", "-c", script, "bash", ...argv, ...flags], { cwd: directory.path });
}

/** Process id of the `record` that has written its ready file. */
function untilReady(process: BackgroundProcess, directory: TempDirectory): Promise<number> {
  const ready = directory.file("ready");
  // It is there before there is something in it.
  return process.until(
    "the ready file",
    LIMIT_MS,
    () => exists(ready) && Number(Deno.readTextFileSync(ready)) || undefined,
  );
}

/** Sends a signal again and again, each later than a second after the last. */
async function insist(process: BackgroundProcess, signal: Deno.Signal): Promise<number> {
  let last = -Infinity;
  let sent = 0;
  await waitFor("the end of the process", LIMIT_MS, () => {
    if (!process.running) return true;
    if (performance.now() - last < 1500) return false;
    last = performance.now();
    process.signal(signal);
    sent++;
    return false;
  });
  return sent;
}

Deno.test("record on a terminal stopped by Ctrl-S ends after its duration", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  // What takes longer than the shortest on a machine that has much to do says nothing.
  for (const seconds of [6, 30, 180]) {
    using directory = TempDirectory.create();
    using keyboard = await StalledPipe.create(directory.file("keyboard"));
    const flags = ["-i", rig.b.interface, "-Q", "in", "-o", directory.file("a.parquet")];
    const argv = onTerminal(
      inspector("record", ...flags, "--ready-file", directory.file("ready"), "-d", `${seconds}s`),
    );
    const start = performance.now();
    const process = rig.b.start(
      ["bash", "-c", 'exec "$@" < "$0"', keyboard.path, ...argv],
      { cwd: directory.path, env: TERMINAL_ENV },
    );
    const pid = await untilReady(process, directory);
    Deno.writeTextFileSync(keyboard.path, CTRL_S);
    await waitFor("a status line that cannot be written", LIMIT_MS, () => {
      return waitsInWrite(pid, 2) || !process.running;
    });
    await flood(rig, 20, 22);
    const isInTime = performance.now() - start < 1000 * seconds;
    const ended = await process.end(LIMIT_MS + 1000 * seconds);
    equal(ended.code, 0, ended.stdout);
    if (!isInTime) continue;
    equal(await footerRowCount(directory.file("a.parquet")), 20);
    return;
  }
  throw new Error("Cannot send anything in time");
});

Deno.test("record -v into a pipe that nobody reads ends by SIGTERM", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using pipe = await StalledPipe.create(directory.file("pipe"));
  await pipe.fill();
  const process = start(rig, directory, "2> pipe", ["-v", "-o", "a.parquet", "-d", "0"]);
  await untilReady(process, directory);
  await flood(rig, 20, 22);
  process.signal("SIGTERM");
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 0);
  equal(await footerRowCount(directory.file("a.parquet")), 20);
});

Deno.test("record says its error, also into a pipe that nobody reads, and ends", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using pipe = await StalledPipe.create(directory.file("pipe"));
  await pipe.fill();
  const process = start(rig, directory, "2> pipe", ["-o", "missing/a.parquet"]);
  equal((await process.end(LIMIT_MS)).code, 1);
});

Deno.test("record --json ends by a signal when nobody reads the report", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using pipe = await StalledPipe.create(directory.file("pipe"));
  await pipe.fill();
  const process = start(rig, directory, "> pipe", ["--json", "-o", "a.parquet", "-d", "1s"]);
  await process.until("the file", LIMIT_MS, () => exists(directory.file("a.parquet")));
  await process.until("the report to wait", LIMIT_MS, () => waitsInWrite(process.pid, 1));
  process.signal("SIGTERM");
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 130, ended.stderr);
  match(ended.stderr, /^0 packets captured$/m);
});

Deno.test("record -o - with no reader ends by a second SIGTERM, before and after its first packet", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  for (const isFull of [true, false]) {
    using directory = TempDirectory.create();
    using pipe = await StalledPipe.create(directory.file("pipe"));
    if (isFull) await pipe.fill();
    const process = start(rig, directory, "> pipe", ["-o", "-", "-d", "0"]);
    if (!isFull) {
      await untilReady(process, directory);
      // Several times what a pipe holds.
      await flood(rig, 20_000, 22);
    }
    await process.until("the stream to wait", LIMIT_MS, () => waitsInWrite(process.pid, 1));
    const sent = await insist(process, "SIGTERM");
    const ended = await process.end(LIMIT_MS);
    equal(ended.code, 130, ended.stderr);
    equal(ended.signal, null);
    equal(sent >= 2, true, `${sent} signals`);
    await untilNothingAttached(rig.b);
  }
});

Deno.test("record -o - refuses a standard output that is closed", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const process = start(rig, directory, ">&-", ["-o", "-", "-d", "1s"]);
  const ended = await process.end(LIMIT_MS);
  equal(ended.code, 1, ended.stderr);
  match(ended.stderr, /Cannot write to standard output: it is closed$/m);
});
