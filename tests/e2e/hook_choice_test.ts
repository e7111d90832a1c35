/** Which hook `record` takes by itself, what that leaves as it was, and what the other ones cost. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { inspector, Recording } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { ping } from "../support/traffic.ts";

interface Hook {
  readonly direction: string;
  readonly hook: string;
  readonly mode: string;
  readonly packets_captured: number;
}

/** Every feature of the interface of `end`, as ethtool prints it. */
function features(end: NetnsEnd): Promise<string> {
  return end.check(["ethtool", "-k", end.interface]);
}

function isOn(list: string, feature: string): boolean {
  const value = new RegExp(`^${feature}: (on|off)`, "m").exec(list)?.[1];
  if (value === undefined) throw new Error(`No feature "${feature}" in\n${list}`);
  return value === "on";
}

for (const env of [{}, { XDP_INSPECTOR_FORCE_CLSACT: "1" }]) {
  const hook = Object.keys(env).length > 0 ? "clsact" : "tcx";
  Deno.test(`record takes TC on a veth, says why, and switches no offload off (${hook})`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false, offloads: true });
    using directory = TempDirectory.create();
    const before = await Promise.all([features(rig.a), features(rig.b)]);
    ok(isOn(before[0]!, "tcp-segmentation-offload"));
    const recording = await Recording.start(rig.b, directory.path, ["--json"], { env });
    const during = await Promise.all([features(rig.a), features(rig.b)]);
    await ping(rig, 3, ["ipv4"]);
    const report = await recording.stopWithReport();

    deepEqual(during, before);
    const { interfaces } = report as unknown as { interfaces: Hook[] };
    deepEqual(interfaces.map((one) => [one.direction, one.hook, one.packets_captured]), [
      ["ingress", hook, 3],
      ["egress", hook, 3],
    ]);
    const { stderr } = recording.process;
    match(
      stderr,
      /^veth-b ingress: .* in use, native XDP would switch off TSO and GSO at the other end/m,
    );
    match(stderr, new RegExp(`^recording veth-b ingress ${hook}, veth-b egress ${hook} to `, "m"));
  });
}

Deno.test("record --mode native names what it costs on a veth, and gives it back", async () => {
  await using rig = await NetnsPair.create({ ipv6: false, offloads: true });
  using directory = TempDirectory.create();
  const before = await features(rig.a);
  const recording = await Recording.start(rig.b, directory.path, ["--mode", "native"]);
  // What the message says is so.
  ok(!isOn(await features(rig.a), "tcp-segmentation-offload"));
  equal((await recording.stop()).code, 0);
  match(
    recording.process.stderr,
    /^veth-b ingress: native XDP in use, it switches off TSO and GSO at the other end$/m,
  );
  equal(await features(rig.a), before);
});

Deno.test("record and check name the limit of open files where it is too low", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  for (const limit of ["24", "32", "40"]) {
    const limited = (argv: readonly string[]) =>
      rig.b.run(["sh", "-c", 'ulimit -n "$0" && exec "$@"', limit, ...argv], {
        cwd: directory.path,
      });
    const recorded = await limited(inspector("record", "-i", rig.b.interface, "-d", "100ms"));
    equal(recorded.code, 1, recorded.stderr);
    match(
      recorded.stderr,
      new RegExp(
        `Cannot record with 2 programs: that takes \\d+ open files, the limit is ${limit}\n` +
          '  Raise it with "ulimit -n 1024", or LimitNOFILE= of the systemd unit\n$',
      ),
    );
    const checked = await limited(inspector("check", "--json", "-i", rig.b.interface));
    equal(checked.code, 3, checked.stderr);
    const findings: { check: string; status: string; message: string }[] = JSON.parse(
      checked.stdout,
    );
    const found = (name: string) => findings.find((one) => one.check === name)!;
    equal(found("open_files").status, "fail");
    match(found("open_files").message, new RegExp(`^recording takes \\d+, the limit is ${limit}$`));
    equal(found("ring_buffer").message, "not tried: too few open files are allowed");
  }
  deepEqual(directory.list(), []);
});

/** Pairs of interfaces, all of them on one side. */
const PAIRS = 12;

Deno.test("record needs few open files for each of many interfaces", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const commands = Array.from({ length: PAIRS }, (_, index) => [
    `ip link add p${index} type veth peer name q${index}`,
    `ip link set p${index} up`,
    `ip link set q${index} up`,
  ]).flat();
  await rig.b.check(["sh", "-ec", commands.join("\n")]);
  // With lo and veth-b: 52 programs. One that kept all that it was loaded with would hold ten.
  const limit = "200";
  const argv = inspector("record", "-i", "any", "-d", "200ms", "--json", "-o", "any.parquet");
  const result = await rig.b.run(["sh", "-c", 'ulimit -n "$0" && exec "$@"', limit, ...argv], {
    cwd: directory.path,
  });
  equal(result.code, 0, result.stderr);
  const { interfaces } = JSON.parse(result.stdout) as { interfaces: Hook[] };
  equal(interfaces.length, 2 * (2 * PAIRS + 2));
});
