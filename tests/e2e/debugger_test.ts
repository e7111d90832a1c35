/** SIGUSR1 opens Deno's debugger, through which any local user would become the one that records. */
import { deepEqual, equal } from "node:assert/strict";
import { basename } from "node:path";
import type { BackgroundProcess } from "../support/child_process.ts";
import { denoRun, Recording } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";

/** State of a socket that listens, in hexadecimal: `TCP_LISTEN` in include/net/tcp_states.h. */
const LISTENING = "0A";

/** Bit of SIGUSR1 in a set of signals: signal(7), proc_pid_status(5). */
const SIGUSR1 = 1n << 9n;

/** When Deno begins to listen for the signal (denoland/deno#35738), with a margin, milliseconds. */
const GRACE_MS = 1_500;

/** Local addresses at which a process listens, by the table of the network namespace it is in. */
function listeners(pid: number): string[] {
  const own = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return "";
    }
  });
  return ["tcp", "tcp6"].flatMap((table) =>
    Deno.readTextFileSync(`/proc/${pid}/net/${table}`).split("\n").slice(1).flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const isOwn = own.includes(`socket:[${fields[9]}]`);
      return isOwn && fields[3] === LISTENING ? [fields[1]!] : [];
    })
  );
}

/** Milliseconds since a process was started: proc_pid_stat(5), field 22, in hundredths of a second. */
function ageMs(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const started = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]) * 10;
  return Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1000 - started;
}

/** Whether a process has a handler for SIGUSR1: until then the signal ends it. */
function catchesSigusr1(pid: number): boolean {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return (BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)![1]}`) & SIGUSR1) !== 0n;
}

/** Sends SIGUSR1 and then SIGQUIT until the counters have been printed so many times. */
async function signalRounds(process: BackgroundProcess, rounds: number): Promise<void> {
  await process.until("the age", 60_000, () => ageMs(process.pid) > GRACE_MS);
  for (let round = 0; round < rounds; round++) {
    const before = process.stderr.length;
    process.signal("SIGUSR1");
    process.signal("SIGQUIT");
    await process.until(
      "the counters",
      60_000,
      () => process.stderr.slice(before).includes(" packets"),
    );
  }
}

Deno.test("record opens no debugger on SIGUSR1 and goes on", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, []);
  const { process } = recording;
  await signalRounds(process, 20);
  deepEqual(listeners(process.pid), []);
  equal(process.stderr.includes("Debugger"), false, process.stderr);
  equal((await recording.stop()).code, 0);
});

Deno.test("listeners() finds the debugger of a program that leaves SIGUSR1 to Deno", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const script = directory.file("waits.ts");
  Deno.writeTextFileSync(script, "setInterval(() => {}, 1000);");
  const process = rig.b.start(denoRun(script));
  await process.until("Deno to listen for the signal", 60_000, () => {
    const program = basename(Deno.readLinkSync(`/proc/${process.pid}/exe`));
    return program.startsWith("deno") && catchesSigusr1(process.pid);
  });
  await process.until("the debugger", 60_000, () => {
    process.signal("SIGUSR1");
    return listeners(process.pid).length > 0;
  });
  deepEqual(listeners(process.pid), ["0100007F:240D"]);
});
