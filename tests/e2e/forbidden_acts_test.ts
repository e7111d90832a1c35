/** Twenty-five things that root can do, tried from inside the threads of a process that has given up. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { BackgroundProcess, check } from "../support/child_process.ts";
import { type ActsOn, forbiddenActs } from "../support/forbidden_acts.ts";
import { denoRun, PROJECT } from "../support/inspector_cli.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const NOBODY = 65534;
const NOTHING = { main: [], worker: [], other: [], started: [], runtime: [] };
const PROBE = join(PROJECT, "tests/support/privilege_probe.ts");

/** Where what root can do there changes nothing outside. */
const ISOLATED = ["unshare", "--net", "--mount", "--uts"];

async function probe(
  mode: string,
  command: (directory: TempDirectory) => Promise<string[]> | string[],
): Promise<Record<string, string[]>> {
  using directory = TempDirectory.create();
  Deno.chmodSync(directory.path, 0o755);
  const on: ActsOn = {
    secrets: directory.file("secrets"),
    own: directory.file("own"),
    victim: 0,
  };
  Deno.mkdirSync(on.secrets, { mode: 0o700 });
  Deno.writeTextFileSync(join(on.secrets, "secret"), "secret", { mode: 0o600 });
  Deno.mkdirSync(on.own);
  Deno.chownSync(on.own, NOBODY, NOBODY);
  await using victim = BackgroundProcess.start(["sleep", "120"]);
  const argv = [...await command(directory), mode, JSON.stringify({ ...on, victim: victim.pid })];
  const output = await check([...ISOLATED, ...argv], { limitMs: 60_000 });
  const answer = JSON.parse(output.split("\n").findLast((line) => line.startsWith("{"))!);
  if (mode !== "none") {
    equal(Deno.readTextFileSync(join(on.secrets, "secret")), "secret");
    deepEqual([...Deno.readDirSync(on.secrets)].map(({ name }) => name), ["secret"]);
  }
  return answer;
}

const ignore = Deno.build.arch !== "x86_64";

Deno.test({
  name: "the acts are all possible for root, in each thread",
  ignore,
  fn: async () => {
    const answer = await probe("none", () => denoRun(PROBE));
    const all = Object.keys(forbiddenActs({ secrets: "/", own: "/", victim: 0 }));
    ok(all.length >= 20);
    const { main, worker, started, runtime } = answer;
    // Who traces a process keeps others from tracing it.
    const traced = "trace a process of root's";
    const impossible = (names: string[]) =>
      all.filter((name) => name !== traced && !names.includes(name));
    const threads = [main!, worker!, answer.other!, started!];
    deepEqual(threads.map(impossible), [[], [], [], []]);
    ok(threads.flat().includes(traced));
    equal(runtime!.length, 5);
  },
});

Deno.test({
  name: "giveUpPrivileges() leaves no thread of root a single act when it becomes another user",
  ignore,
  fn: async () => deepEqual(await probe(String(NOBODY), () => denoRun(PROBE)), NOTHING),
});

Deno.test({
  name: "giveUpPrivileges() leaves no thread of a user with file capabilities a single act",
  ignore,
  fn: async () => {
    for (const flags of ["p", "ep"]) {
      const answer = await probe("keep", (directory) => withFileCapabilities(directory, flags));
      deepEqual(answer, NOTHING, flags);
    }
  },
});

/** A copy of Deno with the capabilities of the README, and of what it runs, for nobody. */
async function withFileCapabilities(directory: TempDirectory, flags: string): Promise<string[]> {
  const copy = directory.file("deno");
  Deno.copyFileSync(Deno.execPath(), copy);
  Deno.chmodSync(copy, 0o755);
  const sources = directory.file("sources");
  Deno.mkdirSync(join(sources, "tests"), { recursive: true });
  for (const part of ["ffi", "src", "tests/support"]) {
    await check(["cp", "-r", join(PROJECT, part), join(sources, part)]);
  }
  Deno.copyFileSync(join(PROJECT, "deno.json"), join(sources, "deno.json"));
  await check(["chmod", "-R", "go+rX", sources]);
  const home = directory.file("home");
  Deno.mkdirSync(home);
  Deno.chownSync(home, NOBODY, NOBODY);
  await check(["setcap", `cap_bpf,cap_perfmon,cap_net_admin+${flags}`, copy]);
  return [
    ...["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
    ...["env", `DENO_DIR=${home}`, `HOME=${home}`, copy, "run", "-A", "--quiet", "--no-config"],
    join(sources, "tests/support/privilege_probe.ts"),
  ];
}
