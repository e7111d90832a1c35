/** Recording without root: with file capabilities, and as the systemd unit example does. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { check } from "../support/child_process.ts";
import { NotifyListener } from "../support/notify_listener.ts";
import { waitFor } from "../support/deadline.ts";
import { compiledProgram, PROJECT } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { footerRowCount } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { threadRights } from "../support/thread_rights.ts";
import { ping } from "../support/traffic.ts";
import { heldLinks } from "../support/xdp_state.ts";

/** The recipe of the README. */
const FILE_CAPABILITIES = "cap_bpf,cap_perfmon,cap_net_admin+p";

const NOBODY = 65534;
const AS_NOBODY = [
  "setpriv",
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
];
const ENV = { clearEnv: true, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } };

/** A copy of the program that any user may run, in a directory that belongs to nobody. */
function copyForNobody(directory: TempDirectory): string {
  Deno.chmodSync(directory.path, 0o755);
  const copy = directory.file("xdp-inspector");
  Deno.copyFileSync(compiledProgram(), copy);
  Deno.chmodSync(copy, 0o755);
  const output = directory.file("output");
  Deno.mkdirSync(output);
  Deno.chownSync(output, NOBODY, NOBODY);
  return copy;
}

function record(copy: string, end: NetnsEnd, output: string): string[] {
  const ready = join(output, "ready");
  return [
    copy,
    "record",
    "-i",
    end.interface,
    "-d",
    "0",
    "-o",
    join(output, "x.parquet"),
    "--ready-file",
    ready,
  ];
}

Deno.test("the binary records for a user without privilege when it has file capabilities", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const copy = copyForNobody(directory);
  const output = directory.file("output");

  const argv = [...AS_NOBODY, ...record(copy, rig.b, output)];
  const refused = rig.b.start(argv, ENV);
  const { code, stderr } = await refused.end(60_000);
  equal(code, 3);
  match(stderr, /CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN missing/);

  await check(["setcap", FILE_CAPABILITIES, copy]);
  const recording = rig.b.start(argv, ENV);
  await recording.until("the ready file", 60_000, () => {
    return [...Deno.readDirSync(output)].some(({ name }) => name === "ready");
  });
  const threads = threadRights(recording.pid);
  ok(threads.length > 3);
  for (const { effective, permitted, inheritable, ambient, noNewPrivileges } of threads) {
    deepEqual([effective, permitted, inheritable, ambient], [0n, 0n, 0n, 0n]);
    equal(noNewPrivileges, true);
  }
  await ping(rig, 3, ["ipv4"]);
  recording.signal("SIGINT");
  const ended = await recording.end(60_000);
  equal(ended.code, 0, ended.stderr);
  equal(await footerRowCount(join(output, "x.parquet")), 6);
  equal(Deno.statSync(join(output, "x.parquet")).uid, NOBODY);
});

/** Values of a key of the unit. Words that systemd replaces are not replaced. */
function unitValue(unit: string, key: string): string {
  const value = new RegExp(`^${key}=(.*)$`, "m").exec(unit)?.[1];
  ok(value, `${key} is missing`);
  return value;
}

Deno.test("the systemd unit example records with the capabilities that it asks for", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const copy = copyForNobody(directory);
  const output = directory.file("output");
  const unit = Deno.readTextFileSync(join(PROJECT, ".github/examples/xdp-inspector@.service"));

  const capabilities = unitValue(unit, "AmbientCapabilities").split(" ");
  deepEqual(unitValue(unit, "CapabilityBoundingSet").split(" "), capabilities);
  const set = `-all,${capabilities.map((name) => name.toLowerCase().replace("cap_", "+")).join()}`;
  // The shell puts the variable in, as systemd does.
  const command = `exec ${unitValue(unit, "ExecStart")}`
    .replaceAll("%i", rig.b.interface)
    .replaceAll("%%", "%")
    .replaceAll("$$", "$")
    .replace("/usr/local/bin/xdp-inspector", copy);
  equal(unitValue(unit, "Type"), "notify");
  using manager = new NotifyListener(directory.file("notify"));
  const service = rig.b.start([
    ...AS_NOBODY,
    "--no-new-privs",
    ...[`--inh-caps=${set}`, `--ambient-caps=${set}`, `--bounding-set=${set}`],
    ...["/bin/sh", "-c", command],
  ], {
    ...ENV,
    env: { ...ENV.env, STATE_DIRECTORY: output, NOTIFY_SOCKET: directory.file("notify") },
  });
  await waitFor("the unit to be ready", 60_000, () => manager.heard().includes("READY=1"));
  await waitFor("both programs to be attached", 60_000, () => heldLinks(service.pid).length === 2);
  await service.until("the rights to be given up", 60_000, ({ pid }) => {
    return threadRights(pid).every(({ permitted, ambient }) => (permitted | ambient) === 0n);
  });
  await ping(rig, 3, ["ipv4"]);
  service.signal("SIGTERM");
  const ended = await service.end(60_000);
  equal(ended.code, 0, ended.stderr);
  deepEqual(manager.heard(), ["READY=1", "STOPPING=1"]);
  // One; two when an hour of the clock begins meanwhile.
  const files = [...Deno.readDirSync(output)].map(({ name }) => name);
  ok(files.length === 1 || files.length === 2, files.join());
  let rows = 0;
  for (const file of files) {
    match(file, new RegExp(`^${rig.b.interface}-\\d{8}T\\d{6}\\.\\d{3}Z\\.parquet$`));
    rows += await footerRowCount(join(output, file));
  }
  equal(rows, 6);
});
