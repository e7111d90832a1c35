/**
 * The task `demo`: records real traffic between two network namespaces of its own and shows what
 * `stats` says about it. Needs root; touches no interface of the machine; leaves the recording behind.
 *
 * @module
 */
import { dirname, join, relative } from "node:path";
import { check } from "../support/child_process.ts";
import { exists, inspector, PROJECT, Recording } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { complain, say } from "../support/print.ts";
import { DEMO_NEEDS, ensurePackages } from "../support/system_packages.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { exchange, ping, startServers } from "../support/traffic.ts";

/** Longest time that the recording may take if the demo does not end it, as `record -d` reads it. */
const RECORDING_LIMIT = "15s";
const REQUESTS = 25;
const PINGS = 5;

/** Names tried for the recording that is kept; more than these are not looked for. */
const KEPT_NAMES = [
  "traffic.parquet",
  ...Array.from({ length: 99 }, (_, n) => `traffic-${n + 1}.parquet`),
];

/** Where the demo was called: a task runs in the project's directory, whoever called it from where. */
const CALLED_FROM = Deno.env.get("INIT_CWD") ?? Deno.cwd();

/** @returns path of the recording that is kept */
async function demo(): Promise<string> {
  if (Deno.uid() !== 0) {
    throw new Error('The demo needs root for its network namespaces: run "sudo deno task demo"');
  }
  ensurePackages(DEMO_NEEDS);
  // Inside the namespaces there is no network: everything must be in the cache before.
  await check([Deno.execPath(), "install", "--quiet", "--frozen"], {
    cwd: PROJECT,
    limitMs: 300_000,
  });

  using directory = TempDirectory.create();
  await using rig = await NetnsPair.create({ neighbours: false, offloads: true });
  say(`two network namespaces, joined by a veth pair: ${rig.a.ipv4} and ${rig.b.ipv4}`);
  say(`                                               ${rig.a.ipv6} and ${rig.b.ipv6}`);

  const recording = await Recording.start(rig.b, directory.path, ["-d", RECORDING_LIMIT]);
  say(`$ xdp-inspector record -i ${rig.b.interface} -d ${RECORDING_LIMIT} -o traffic.parquet`);
  await startServers(rig);
  for (const line of await exchange(rig, REQUESTS)) say(`  traffic: ${line}`);
  await ping(rig, PINGS);
  say(`  traffic: ${PINGS} pings over IPv4 and over IPv6`);

  const ended = await recording.stop();
  say(indented(ended.stderr));
  if (ended.code !== 0) throw new Error(`Cannot record: exit code ${ended.code}`);
  if (!exists(recording.output)) throw new Error(`Cannot find the file "${recording.output}"`);

  say("$ xdp-inspector stats");
  const stats = inspector("stats");
  say(indented(await check(stats, { cwd: dirname(recording.output) })));
  return keep(recording.output);
}

/** Copies the recording to where the demo was called, under a name that is free. */
function keep(recording: string): string {
  const bytes = Deno.readFileSync(recording);
  for (const name of KEPT_NAMES) {
    const path = join(CALLED_FROM, name);
    try {
      Deno.writeFileSync(path, bytes, { createNew: true, mode: 0o600 });
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) continue;
      break;
    }
    return giveToCaller(path);
  }
  const path = Deno.makeTempFileSync({ prefix: "traffic-", suffix: ".parquet" });
  Deno.writeFileSync(path, bytes);
  return giveToCaller(path);
}

/** sudo(8) names who called it. */
function giveToCaller(path: string): string {
  const [user, group] = [Deno.env.get("SUDO_UID"), Deno.env.get("SUDO_GID")].map(Number);
  if (user && group) Deno.chownSync(path, user, group);
  return path;
}

function indented(text: string): string {
  return text.trimEnd().split("\n").map((line) => line === "" ? "" : `  ${line}`).join("\n");
}

if (import.meta.main) {
  const start = performance.now();
  try {
    const kept = await demo();
    say(`\ndone in ${((performance.now() - start) / 1000).toFixed(1)} s; the recording is kept:`);
    say(`  ${kept}`);
    const program = relative(CALLED_FROM, join(PROJECT, "src", "main.ts"));
    const file = dirname(kept) === CALLED_FROM ? relative(CALLED_FROM, kept) : kept;
    say(`next, try: deno run -A ${program} stats flows "${file}"`);
  } catch (error) {
    complain(`demo: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
