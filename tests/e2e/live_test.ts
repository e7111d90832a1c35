/**
 * `live` under real traffic: what it prints against the counters of the interface, its screen in a real
 * terminal, and the terminal afterwards.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { waitFor } from "../support/deadline.ts";
import { exists, inspector } from "../support/inspector_cli.ts";
import {
  countedBetween,
  inSilence,
  readInterfaceCounters,
  untilSilent,
} from "../support/interface_counters.ts";
import { iperf } from "../support/iperf.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { query } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { Tmux } from "../support/tmux.ts";
import { ping } from "../support/traffic.ts";

const LIMIT_MS = 120_000;

/** One object of `live --json`, as far as it is looked at. */
interface Interval {
  readonly packets_in: number;
  readonly bytes_in: number;
  readonly packets_out: number;
  readonly bytes_out: number;
  readonly others: { readonly packets: number };
  readonly seconds_left_out: number;
  readonly protocols: readonly Record<string, number>[];
  readonly conversations: readonly (Record<string, number> & {
    readonly client: string;
    readonly server_port: number | null;
  })[];
}

/** Waits until every program is attached. @returns the process id of the program */
function untilReady(ready: string): Promise<number> {
  return waitFor("the ready file", LIMIT_MS, () =>
    // It is there before there is something in it.
    exists(ready) && Number(Deno.readTextFileSync(ready)) || undefined);
}

Deno.test("live prints objects whose sums are the interface's own counters, and records at the same time", async () => {
  await using rig = await NetnsPair.create();
  using directory = TempDirectory.create();
  const [ready, file] = [directory.file("ready"), directory.file("a.parquet")];
  await untilSilent(rig.b);
  const flags = ["-i", rig.b.interface, "-o", file, "--ready-file", ready, "-n", "0"];
  const process = rig.b.start(inspector("live", ...flags, "--every", "2s"));
  await inSilence(rig.b, () => untilReady(ready));
  const before = await readInterfaceCounters(rig.b);
  await iperf(rig);
  await ping(rig, 10);
  // A port where nobody listens.
  await rig.a.run(["curl", "--silent", "--max-time", "5", `http://${rig.b.ipv4}:81/`]);
  const { ingress, egress } = countedBetween(before, await untilSilent(rig.b));
  Deno.kill(await untilReady(ready), "SIGTERM");
  const { code, stdout, stderr } = await process.end(LIMIT_MS);
  equal(code, 0, stderr);
  const intervals: Interval[] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  ok(intervals.length >= 2, stdout);
  const sum = (value: (interval: Interval) => number) =>
    intervals.reduce((total, interval) => total + value(interval), 0);
  deepEqual({
    packetsIn: sum((one) => one.packets_in),
    bytesIn: sum((one) => one.bytes_in),
    packetsOut: sum((one) => one.packets_out),
    bytesOut: sum((one) => one.bytes_out),
    others: sum((one) => one.others.packets + one.seconds_left_out),
  }, {
    packetsIn: ingress.packets,
    bytesIn: ingress.bytes,
    packetsOut: egress.packets,
    bytesOut: egress.bytes,
    others: 0,
  });
  const protocols = sum((one) =>
    one.protocols.reduce((total, row) => total + row.packets_in! + row.packets_out!, 0)
  );
  equal(protocols, ingress.packets + egress.packets);
  const conversations = intervals.flatMap((one) => one.conversations);
  const refused = conversations.filter((one) => one.refused! > 0);
  equal(refused.reduce((total, one) => total + one.refused!, 0), 1);
  equal(refused[0]!.client, rig.a.ipv4);
  equal(refused[0]!.server_port, 81);
  const [row] = await query(file, `SELECT count(*) AS n FROM '${file}'`);
  equal(Number(Object.values(row!)[0]), ingress.packets + egress.packets);
});

/** Starts `live` in a terminal, and waits for its screen. */
async function onScreen(tmux: Tmux, end: NetnsEnd, directory: TempDirectory, ...flags: string[]) {
  const ready = directory.file("ready");
  const settings = directory.file("before");
  await tmux.command(["sh", "-c", `stty -g >${settings}; echo what was there`]);
  await tmux.until("the words", (screen) => screen.includes("what was there"));
  const argv = inspector("live", "-i", end.interface, "--ready-file", ready, ...flags);
  await tmux.command(end.argv(argv));
  const pid = await untilReady(ready);
  await tmux.until("the screen", (screen) => screen.includes("1 conv"));
  equal(await tmux.state("alternate_on", "cursor_flag", "wrap_flag"), "1 0 0");
  return { pid, ready, settings };
}

/** Holds a terminal that was given back against what it was before. */
async function isAsBefore(tmux: Tmux, directory: TempDirectory): Promise<void> {
  await tmux.until("what was there before", (screen) => screen.includes("what was there"));
  await waitFor(
    "the terminal to be given back",
    LIMIT_MS,
    async () => await tmux.state("alternate_on", "cursor_flag", "wrap_flag") === "0 1 1",
  );
  // What is typed before belongs to the program that ends.
  await tmux.until("the prompt", (screen) => screen.trimEnd().endsWith("\n$"));
  const after = directory.file("after");
  await waitFor("the settings of before", LIMIT_MS, async () => {
    await tmux.command(["sh", "-c", `stty -g >${after}.new; mv ${after}.new ${after}`]);
    await waitFor("the settings", LIMIT_MS, () => exists(after));
    const text = Deno.readTextFileSync(after);
    Deno.removeSync(after);
    return text === Deno.readTextFileSync(directory.file("before"));
  });
}

/** `12.3M` as a number. */
function amount(text: string): number {
  const factors: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9 };
  return parseFloat(text) * (factors[text.at(-1)!] ?? 1);
}

Deno.test("live shows rates within 2 % of the interface's counters, follows keys and sizes, and gives the terminal back", async () => {
  await using rig = await NetnsPair.create({ ipv6: false, offloads: false });
  await using tmux = await Tmux.start(80, 24);
  using directory = TempDirectory.create();
  await onScreen(tmux, rig.b, directory);
  const server = rig.b.start(["iperf3", "--server", "--forceflush"]);
  await server.until("iperf3 to listen", LIMIT_MS, (it) => it.stdout.includes("Server listening"));
  // For longer than any of this takes; it ends with the rig.
  const sending = ["--udp", "--bitrate", "4M", "--length", "1000", "--time", "600"];
  rig.a.start(["iperf3", "--client", rig.b.ipv4, ...sending]);
  rig.a.start(["ping", "-n", "-i", "0.1", "-c", "6000", rig.b.ipv4]);

  const row = new RegExp(`${rig.a.ipv4} > ${rig.b.ipv4}:5201 UDP +[\\d.]+\\w? +([\\d.]+\\w?) `);
  await tmux.until("the row", (screen) => row.test(screen));
  const readings: { readonly atMs: number; readonly bytes: number }[] = [];
  let told = "";
  await waitFor("10 s that are within 2 % of the counters", LIMIT_MS, async () => {
    const atMs = performance.now();
    readings.push({ atMs, bytes: (await readInterfaceCounters(rig.b)).ingress.bytes });
    const screen = await tmux.screen();
    const first = readings.findLast((one) => one.atMs <= atMs - 10_000);
    if (first === undefined) return false;
    const { bytes } = readings.at(-1)!;
    // The pings are 84 bytes and an Ethernet header, ten times a second.
    const wanted = 8 * (bytes - first.bytes) / (atMs - first.atMs) * 1000 - 8 * 98 * 10;
    const shown = amount(row.exec(screen)?.[1] ?? "0");
    told = `${shown} for ${wanted}`;
    return Math.abs(shown / wanted - 1) < 0.02;
  }).catch((error) => {
    throw new Error(`Cannot see the rate: ${told}`, { cause: error });
  });

  await tmux.keys("4");
  await tmux.until("protocols", (screen) => /^[* ] ?ICMP/m.test(screen) && /^.UDP/m.test(screen));
  await tmux.keys("/");
  await tmux.keys("-l", "icmpp");
  await tmux.keys("Enter");
  await tmux.until("why not", (screen) => screen.includes('unknown word "icmpp"'));
  await tmux.keys("BSpace", "Enter");
  await tmux.until("ICMP alone", (screen) => {
    return screen.includes("only icmp") && /^.ICMP +[1-9]/m.test(screen) && !/^.UDP/m.test(screen);
  });
  await tmux.keys("b");
  await tmux.until(
    "all again",
    (screen) => screen.includes("all packets") && /^.UDP/m.test(screen),
  );
  // What belongs to the row that is chosen.
  await tmux.keys("1");
  await tmux.keys("Down");
  await tmux.keys("Enter");
  await tmux.until(
    "one conversation",
    (screen) => screen.includes("only host") && screen.includes("1 conversations "),
  );
  await tmux.resize(60, 15);
  const small = await tmux.until("the small screen", (screen) => screen.includes("1 convs"));
  equal(small.trimEnd().split("\n").length, 15);
  await tmux.keys("C-z");
  await tmux.until("no stop", (screen) => screen.includes("Ctrl-Z would lose packets"));
  await tmux.keys("?");
  await tmux.until("the help", (screen) => screen.includes("any key: back"));
  await tmux.keys("q");
  await tmux.until("the report", (screen) => screen.includes("packets captured"));
  await isAsBefore(tmux, directory);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGABRT", "SIGKILL"] as const) {
  Deno.test(`live gives the terminal back after ${signal}`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    await using tmux = await Tmux.start(80, 24);
    using directory = TempDirectory.create();
    const { pid } = await onScreen(tmux, rig.b, directory);
    Deno.kill(pid, signal);
    await isAsBefore(tmux, directory);
  });
}

Deno.test("live gives the terminal back after whoever would have done it was killed", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  await using tmux = await Tmux.start(80, 24);
  using directory = TempDirectory.create();
  const { pid } = await onScreen(tmux, rig.b, directory);
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  equal(children.length, 1);
  Deno.kill(Number(children[0]), "SIGKILL");
  // It goes on, and answers keys.
  await tmux.keys("?");
  await tmux.until("the help", (screen) => screen.includes("any key: back"));
  await tmux.keys("q");
  await tmux.until("the report", (screen) => screen.includes("packets captured"));
  await isAsBefore(tmux, directory);
});

Deno.test("live gives the terminal back when its interface disappears", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  await using tmux = await Tmux.start(80, 24);
  using directory = TempDirectory.create();
  await onScreen(tmux, rig.b, directory);
  await rig.b.check(["ip", "link", "delete", rig.b.interface]);
  await isAsBefore(tmux, directory);
});
