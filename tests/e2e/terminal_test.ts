/** What `record` shows on a terminal while it runs, and only there. */
import { equal, ok } from "node:assert/strict";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { onTerminal, TERMINAL_COLUMNS, TERMINAL_ENV } from "../support/pseudo_terminal.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const LIMIT_MS = 60_000;

/** Carriage return, then erase to the end of the line (ECMA-48). */
const CLEAR_LINE = "\r\x1b[K";

/** Starts `record` on a terminal, one of its streams in a file; `end()` is Ctrl-C. */
async function recordOnTerminal(end: NetnsEnd, directory: TempDirectory, redirection: string) {
  const ready = directory.file("ready");
  const flags = ["-i", end.interface, "-o", directory.file("a.parquet"), "--ready-file", ready];
  const argv = onTerminal(inspector("record", ...flags, "-d", "60s"), redirection);
  const process = end.start(argv, { cwd: directory.path, env: TERMINAL_ENV });
  const pid = await process.until("the ready file", LIMIT_MS, () => {
    // It is there before there is something in it.
    return exists(ready) && Number(Deno.readTextFileSync(ready)) || undefined;
  });
  return {
    process,
    end: () => {
      Deno.kill(pid, "SIGINT");
      return process.end(LIMIT_MS);
    },
  };
}

Deno.test("record redraws one line of the terminal behind standard error until it ends", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { process, end } = await recordOnTerminal(rig.b, directory, ">out");
  const drawn = (text: string) =>
    text.split(CLEAR_LINE).slice(1).map((line) => line.split("\r\n")[0]!);
  const elapsed = (text: string) =>
    drawn(text).flatMap((line) => /^([\d.]+) s of 1 min 00 s {2}0 packets /.exec(line)?.[1] ?? []);
  await process.until("the line to change", LIMIT_MS, ({ stdout }) => {
    return new Set(elapsed(stdout)).size >= 2;
  });
  const { code, stdout } = await end();
  equal(code, 0, stdout);
  const seconds = elapsed(stdout).map(Number);
  ok(seconds[0]! >= 1 && seconds.at(-1)! > seconds[0]!, seconds.join());
  for (const line of drawn(stdout)) ok(line.length < TERMINAL_COLUMNS, line);
  // The line goes, then the report comes, and nothing is drawn over it.
  const behind = stdout.slice(stdout.lastIndexOf(CLEAR_LINE));
  ok(behind.startsWith(`${CLEAR_LINE}0 packets captured\r\n`), behind);
  equal(Deno.readTextFileSync(directory.file("out")), "");
});

Deno.test("record draws nothing where standard error is no terminal", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { end } = await recordOnTerminal(rig.b, directory, "-v 2>err");
  const errors = () => Deno.readTextFileSync(directory.file("err"));
  await waitFor("a line of the state", LIMIT_MS, () => /^[\d.]+ s of .*\n/m.test(errors()));
  const { code, stdout } = await end();
  equal(code, 0, errors());
  equal(stdout, "");
  ok(!errors().includes("\x1b") && !errors().includes("\r"), errors());
});
