/** How far long commands are: on a terminal, and only there. */
import { equal, match, ok } from "node:assert/strict";
import { BackgroundProcess, run } from "../support/child_process.ts";
import { inspector } from "../support/inspector_cli.ts";
import { pcapFile, udpFrame } from "../support/pcap.ts";
import { onTerminal, TERMINAL_COLUMNS, TERMINAL_ENV } from "../support/pseudo_terminal.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { Tmux } from "../support/tmux.ts";

const LIMIT_MS = 60_000;

/** Carriage return, then erase to the end of the line (ECMA-48). */
const CLEAR_LINE = "\r\x1b[K";

/** A line is shown after a second. */
const PATIENCE_MS = 1100;

/** Enough to be at it when it is stopped. */
const PACKETS = 800_000;

function writePackets(path: string): void {
  const frame = udpFrame({
    destinationMac: "02:00:00:00:00:01",
    sourceMac: "02:00:00:00:00:02",
    source: "10.0.0.1",
    destination: "10.0.0.2",
    sourcePort: 1024,
    destinationPort: 9,
    payload: new Uint8Array(18),
  });
  Deno.writeFileSync(path, pcapFile(new Array<Uint8Array>(PACKETS).fill(frame)));
}

/**
 * The command line, which tells its process id in a file first. It is not the child of script(1), which
 * stops with its child.
 */
function tellingPid(path: string, argv: readonly string[]): string[] {
  const tell = `echo $$ >'${path}.new' && mv '${path}.new' '${path}' && exec "$@"`;
  return ["sh", "-c", '"$@"; exit $?', "sh", "sh", "-c", tell, "sh", ...argv];
}

Deno.test("convert shows on a terminal how far it is, and nothing elsewhere", async () => {
  using directory = TempDirectory.create();
  const pidFile = directory.file("pid");
  writePackets(directory.file("a.pcap"));
  const argv = (output: string) => inspector("convert", "a.pcap", "-o", output);
  const options = { env: { ...TERMINAL_ENV, LC_ALL: "C" }, cwd: directory.path };
  const process = BackgroundProcess.start(
    onTerminal(tellingPid(pidFile, argv("a.parquet"))),
    options,
  );
  try {
    await process.until(
      "the format",
      LIMIT_MS,
      ({ stdout }) => stdout.includes(" is a packet file"),
    );
    const pid = Number(Deno.readTextFileSync(pidFile));
    // So that it takes a while on any machine.
    Deno.kill(pid, "SIGSTOP");
    await new Promise((resume) => setTimeout(resume, PATIENCE_MS));
    Deno.kill(pid, "SIGCONT");
    const { code, stdout } = await process.end(LIMIT_MS);
    equal(code, 0, stdout);
    const drawn = stdout.split(CLEAR_LINE).slice(1).map((text) => text.split("\r\n")[0]!);
    const reading = drawn.filter((text) => text.startsWith('reading "'));
    for (const text of drawn) ok([...text].length <= TERMINAL_COLUMNS, text);
    // Before a hundredth is read nobody knows how much is left.
    const whole = /^reading "a\.pcap": \d+ % [#.]{8,} {2}[\d.,]+ [KM]iB\/s {2}.* left$/;
    ok(reading.some((text) => whole.test(text)), stdout);
    // It is gone before the result is said.
    match(drawn.at(-1)!, /^"a\.parquet": 800,000 packets, /);
  } finally {
    process.signal("SIGKILL");
  }
  const elsewhere = await run(argv("b.parquet"), options);
  match(elsewhere.stderr, /^"b\.parquet": 800,000 packets, .*\ncapture loss unknown\n$/);
});

Deno.test("sql shows how much a query has read, as wide as the window, and Ctrl-C takes it away", async () => {
  using directory = TempDirectory.create();
  writePackets(directory.file("a.pcap"));
  const convert = await run(inspector("convert", "a.pcap", "-o", "a.parquet"), {
    cwd: directory.path,
  });
  equal(convert.code, 0, convert.stderr);
  await using tmux = await Tmux.start(80, 24);
  // Takes long, and reads all the time.
  const slow = "SELECT count(*) FROM packets WHERE list_sum(list_transform(range(200), " +
    "lambda x: hash(x + epoch_ns(timestamp)) % 7)) = 1";
  await tmux.command(["cd", directory.path]);
  await tmux.command(inspector("sql", "-f", "a.parquet", slow));
  const line = /^querying: \d+ % .*packets\/s .* left$/m;
  const wide = await tmux.until("the bar", (screen) => line.test(screen));
  ok(line.exec(wide)![0].length > 57, wide);
  await tmux.resize(60, 15);
  await tmux.until("the bar in the small window", (screen) => {
    return line.test(screen) && line.exec(screen)![0].length <= 57;
  });
  await tmux.keys("C-c");
  const ended = await tmux.until("the end", (screen) => screen.includes("Ended by SIGINT"));
  ok(!/left\n.*Ended by/.test(ended), "the line is still there:\n" + ended);
});
