/** `record -- command`: what is recorded, as whom the command runs, and what its end means. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { inspector } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { readRows } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const CALLER = { SUDO_UID: "4321", SUDO_GID: "4322" };
const LIMIT_MS = 60_000;

async function recordProgram(
  rig: NetnsPair,
  output: string,
  words: readonly string[],
  flags: readonly string[] = [],
  env: Record<string, string> = { SUDO_UID: "", SUDO_GID: "" },
) {
  const argv = inspector("record", "-i", rig.a.interface, "-o", output, ...flags, "--", ...words);
  return await rig.a.run(argv, { env, limitMs: LIMIT_MS });
}

Deno.test("record -- command records while it runs, and its streams are its own", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("x.parquet");
  const ping = ["ping", "-q", "-c", "3", "-i", "0.2", rig.b.ipv4];
  const { code, stdout, stderr } = await recordProgram(rig, output, ping);
  equal(code, 0, stderr);
  match(stdout, /3 packets transmitted, 3 received/);
  match(stderr, /^recording .* while "ping" runs$/m);
  const echoes = (await readRows(output)).filter(({ protocol }) => protocol === "ICMP");
  equal(echoes.length, 6);
});

Deno.test("record -- command passes the exit code on, and knows the caller's umask and user", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  Deno.chownSync(directory.path, 4321, 4322);
  const output = directory.file("x.parquet");
  const script = "umask; id -u; id -g; exit 7";
  const seen = await recordProgram(rig, output, ["sh", "-c", script], ["--json"], CALLER);
  equal(seen.code, 7, seen.stderr);
  const [umask, user, group, report] = seen.stdout.split("\n");
  deepEqual([user, group], ["4321", "4322"]);
  equal(Number.parseInt(umask!, 8), Deno.umask());
  equal(JSON.parse(report!).output, output);
  const root = await recordProgram(rig, output, ["sh", "-c", "id -u; kill -TERM $$"], ["--force"]);
  deepEqual([root.code, root.stdout], [128 + 15, "0\n"], root.stderr);
});

Deno.test("record -- command leaves nothing behind when there is no such command", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const { code, stderr } = await recordProgram(rig, directory.file("x.parquet"), ["no-such-thing"]);
  equal(code, 1);
  match(stderr, /Cannot run the command "no-such-thing": there is none/);
  deepEqual([...Deno.readDirSync(directory.path)], []);
});

Deno.test("record -d -- command publishes at the limit and waits for the command", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("x.parquet");
  // It ends because it sees the published file.
  const script = `until test -e ${output}; do sleep 0.1; done; exit 5`;
  const { code, stderr } = await recordProgram(rig, output, ["sh", "-c", script], ["-d", "500ms"]);
  equal(code, 5, stderr);
  ok(Deno.statSync(output).isFile);
});
