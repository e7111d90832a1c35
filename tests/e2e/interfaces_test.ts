/** Several interfaces in one recording: how they are named, chosen, listed, and what if one goes. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import {
  asNobody,
  inspector,
  type JsonReport,
  Recording,
  reportOf,
  runInspector,
} from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair, untilLinkIs } from "../support/netns.ts";
import { footerRowCount, query } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { ping } from "../support/traffic.ts";
import {
  attachForeignXdp,
  heldLinks,
  untilNothingAttached,
  xdpProgram,
} from "../support/xdp_state.ts";

/** Limit for a recording to notice and end by itself, milliseconds. */
const NOTICE_LIMIT_MS = 60_000;

interface InterfaceReport {
  readonly name: string;
  readonly direction: string;
  readonly hook: string;
  readonly mode: string;
  readonly packets_captured: number;
  readonly end_reason: string;
}

interface Event {
  readonly interface: string;
  readonly event: string;
}

function hooks(report: JsonReport): InterfaceReport[] {
  return (report as unknown as { interfaces: InterfaceReport[] }).interfaces;
}

/** Adds a second veth pair, both ends on this side, up: `extra0` and `extra1`. */
async function addPair(end: NetnsEnd): Promise<void> {
  await end.check(["ip", "link", "add", "extra0", "type", "veth", "peer", "name", "extra1"]);
  const names = ["extra0", "extra1"];
  for (const name of names) await end.check(["ip", "link", "set", name, "up"]);
  // Or a recording that begins before sees them come up.
  for (const name of names) await untilLinkIs(end, name);
}

Deno.test("record -i lo counts a packet once, and both ways where asked to, which stats says", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const twice = "lo in both directions: each of its packets counts twice";
  for (const [flags, packets, first] of [[[], 4, true], [["-Q", "both"], 8, false]] as const) {
    using directory = TempDirectory.create();
    const [ready, output] = [directory.file("ready"), directory.file("a.parquet")];
    const argv = ["record", "-i", "lo", "--json", "-o", output, "--ready-file", ready, "-d", "0"]
      .concat(flags);
    const process = rig.b.start(inspector(...argv));
    await process.until("the ready file", 60_000, () => directory.list().includes("ready"));
    await rig.b.check(["ping", "-n", "-c", "2", "-i", "0.05", "127.0.0.1"]);
    process.signal("SIGINT");
    equal(reportOf(await process.end()).packets_captured, packets);
    equal(process.stderr.startsWith("lo: incoming only, each packet passes both ways"), first);
    const stats = await runInspector(["stats", "-f", output]);
    equal(stats.code, 0, stats.stderr);
    equal(stats.stdout.includes(twice), !first, stats.stdout);
  }
});

Deno.test("record -i any records every interface that is up into one file", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await addPair(rig.b);
  await rig.b.check(["ip", "link", "set", "extra1", "down"]);
  const argv = ["--json", "-d", "0", "-o", directory.file("any.parquet"), "--ready-file"];
  const ready = directory.file("ready");
  const process = rig.b.start(inspector("record", "-i", "any", ...argv, ready));
  await process.until("the ready file", 60_000, () => directory.list().includes("ready"));
  await ping(rig, 3, ["ipv4"]);
  await rig.b.check(["ping", "-n", "-c", "2", "-i", "0.05", "127.0.0.1"]);
  process.signal("SIGINT");
  const report = reportOf(await process.end());

  const used = hooks(report).map(({ name, direction, hook, mode }) =>
    `${name} ${direction} ${hook}/${mode}`
  );
  deepEqual(used.sort(), [
    "extra0 egress tcx/tcx",
    "extra0 ingress tcx/tcx",
    "lo egress tcx/tcx",
    "lo ingress tcx/tcx",
    "veth-b egress tcx/tcx",
    "veth-b ingress tcx/tcx",
  ]);
  deepEqual(
    await query(
      report.output,
      `SELECT interface, direction, count(*)::INTEGER AS packets FROM packets
       WHERE protocol = 'ICMP' GROUP BY ALL ORDER BY ALL`,
    ),
    [
      { interface: "lo", direction: "egress", packets: 4 },
      { interface: "lo", direction: "ingress", packets: 4 },
      { interface: "veth-b", direction: "egress", packets: 3 },
      { interface: "veth-b", direction: "ingress", packets: 3 },
    ],
  );
  match(
    process.stderr,
    /^lo ingress: TCX in use, native XDP is not possible: the driver has none$/m,
  );
  match(
    process.stderr,
    /^(veth-b, extra0|extra0, veth-b) ingress: TCX in use, native XDP would switch off TSO and GSO /m,
  );
});

Deno.test("record takes an interface by its alternative name and number, and records its name", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  const name = rig.b.interface;
  await rig.b.check(["ip", "link", "property", "add", "dev", name, "altname", "uplink"]);
  for (const spelling of ["uplink", "12"]) {
    using directory = TempDirectory.create();
    const end = { ...rig.b, interface: spelling };
    const recording = await Recording.start(end, directory.path, ["--json", "-Q", "in"]);
    await ping(rig, 1, ["ipv4"]);
    deepEqual(hooks(await recording.stopWithReport()).map((hook) => hook.name), [name]);
    const rows = await query(recording.output, "SELECT DISTINCT interface FROM packets");
    deepEqual(rows, [{ interface: name }]);
  }
});

Deno.test("record refuses two spellings of one interface", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const name = rig.b.interface;
  await rig.b.check(["ip", "link", "property", "add", "dev", name, "altname", "uplink"]);
  for (const other of ["uplink", "12"]) {
    const argv = inspector("record", "-i", `${name},${other}`);
    const result = await rig.b.run(argv, { cwd: directory.path });
    equal(result.code, 2, result.stderr);
    equal(
      result.stderr,
      `xdp-inspector: Cannot record on "${name}" and "${other}": they are the same interface\n` +
        "  Name each interface once\n",
    );
  }
  deepEqual(directory.list(), []);
});

Deno.test("record knows no interface of another network namespace", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const argv = inspector("record", "-i", `${rig.b.interface},${rig.a.interface}`);
  const result = await rig.b.run(argv, { cwd: directory.path });
  equal(result.code, 1);
  ok(result.stderr.includes(`Cannot record on "${rig.a.interface}": no such interface here`));
});

/** Makes the tun device of its first argument one of the link type ARPHRD_CAN: linux/if_tun.h, TUNSETLINK. */
const MAKE_CAN = `open(my $tun, '+<', '/dev/net/tun') or die $!;
  ioctl($tun, 0x400454ca, my $request = pack('a16 S x22', $ARGV[0], 0x1001)) or die $!;
  ioctl($tun, 0x400454cd, 280) or die $!;`;

Deno.test("record refuses an interface that is neither Ethernet nor IP, and any leaves it out", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await rig.b.check(["ip", "tuntap", "add", "dev", "tun0", "mode", "tun"]);
  await rig.b.check(["perl", "-e", MAKE_CAN, "tun0"]);
  await rig.b.check(["ip", "link", "set", "tun0", "up"]);
  const refused = await rig.b.run(inspector("record", "-i", "tun0"), { cwd: directory.path });
  equal(refused.code, 1);
  const reason = "its packets are neither Ethernet nor IP";
  ok(refused.stderr.includes(`"tun0": ${reason} (link type 280)`), refused.stderr);
  const argv = inspector("record", "-i", "any", "-d", "100ms");
  const { code, stderr } = await rig.b.run(argv, { cwd: directory.path });
  equal(code, 0, stderr);
  match(stderr, new RegExp(`^tun0: left out, ${reason}$`, "m"));
  const listed = JSON.parse(await rig.b.check(inspector("record", "-D", "--json")));
  deepEqual(
    listed.find(({ name }: { name: string }) => name === "tun0").auto_ingress,
    { hook: null, reason },
  );
});

Deno.test("record attaches nothing when one of two interfaces refuses", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using elsewhere = TempDirectory.create();
  await addPair(rig.b);
  const occupied = { ...rig.b, interface: "extra0" };
  const programId = await attachForeignXdp(occupied, elsewhere);
  for (const env of [{}, { XDP_INSPECTOR_FORCE_CLSACT: "1" }]) {
    const argv = inspector("record", "-i", `${rig.b.interface},extra0`);
    const result = await rig.b.run(argv, { cwd: directory.path, env });
    equal(result.code, 1);
    ok(result.stderr.includes(`"extra0"`) && result.stderr.includes(`${programId}`), result.stderr);
    await untilNothingAttached(rig.b);
    ok(!(await rig.b.check(["tc", "qdisc", "show"])).includes("clsact"));
    equal(await xdpProgram(occupied), programId);
    deepEqual(directory.list(), []);
  }
});

for (const how of ["deleted", "moved to another namespace"] as const) {
  for (const env of [{}, { XDP_INSPECTOR_FORCE_CLSACT: "1" }]) {
    const hook = Object.keys(env).length > 0 ? "clsact" : "TCX";
    Deno.test(`record goes on with the others when an interface is ${how} (${hook})`, async () => {
      await using rig = await NetnsPair.create({ ipv6: false });
      using directory = TempDirectory.create();
      await addPair(rig.b);
      const args = ["--json", "-i", "extra0"];
      const recording = await Recording.start(rig.b, directory.path, args, { env });
      await ping(rig, 2, ["ipv4"]);
      await rig.b.check(
        how === "deleted"
          ? ["ip", "link", "del", "extra0"]
          : ["ip", "link", "set", "extra0", "netns", rig.a.namespace],
      );
      const line = await recording.process.until(
        "the report of the loss",
        NOTICE_LIMIT_MS,
        ({ stderr }) => /^extra0: .*\n/m.exec(stderr)?.[0],
      );
      const what = how === "deleted" ? "disappeared" : "moved to another network namespace";
      match(line, new RegExp(`^extra0: the interface has ${what}, its \\d+ packets are kept\\n$`));
      if (how !== "deleted") equal(await xdpProgram({ ...rig.a, interface: "extra0" }), null);
      await ping(rig, 2, ["ipv4"]);
      const ended = await recording.stop();
      // The rest is complete, but not all was recorded that was asked for.
      equal(ended.code, 1, ended.stderr);
      match(ended.stderr, /^extra0 egress ended early at \S+ \S+ UTC: the interface disappeared$/m);
      const report = JSON.parse(ended.stdout) as JsonReport;
      const reasons = hooks(report).map(({ name, end_reason }) => `${name} ${end_reason}`);
      deepEqual(reasons.sort(), [
        ...Array(2).fill("extra0 interface_gone"),
        ...Array(2).fill(`${rig.b.interface} stopped`),
      ]);
      const stats = await runInspector(["stats", "-f", recording.output]);
      match(
        stats.stdout,
        /^extra0 ingress ended early at \S+ \S+ UTC: the interface disappeared$/m,
      );
      doesNotMatch(stats.stdout, /capture complete/);
      const counts = hooks(report).filter(({ name }) => name === rig.b.interface);
      deepEqual(counts.map(({ packets_captured }) => packets_captured), [4, 4]);
      equal(await footerRowCount(recording.output), report.rows_written);
      equal(recording.process.stderr.match(/has (disappeared|moved)/g)?.length, 1);
      const { interface_events: events } = report as unknown as { interface_events: Event[] };
      const event = how === "deleted" ? "deleted" : "moved";
      deepEqual(events.map((one) => `${one.interface} ${one.event}`), [`extra0 ${event}`]);
    });
  }
}

Deno.test("record says which hook was detached by somebody else, and ends with 1", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--json", "--mode", "generic"]);
  await ping(rig, 2, ["ipv4"]);
  const link = heldLinks(recording.process.pid).find(({ type }) => type === "xdp");
  await rig.b.check(["bpftool", "link", "detach", "id", String(link!.id)]);
  // Asked for the end at once: what has gone since the last look is said as well.
  const ended = await recording.stop();
  equal(ended.code, 1, ended.stderr);
  const text = /^veth-b ingress ended early at \S+ \S+ UTC: somebody detached the program$/m;
  match(ended.stderr, text);
  const reasons = hooks(JSON.parse(ended.stdout)).map(({ end_reason }) => end_reason);
  deepEqual(reasons, ["detached", "stopped"]);
  const summary = await runInspector(["stats", "--json", "-f", recording.output]);
  equal(JSON.parse(summary.stdout).capture_complete, false);
  match(summary.stderr, text);
});

Deno.test("record ends with a complete file and exit code 1 when no interface is left", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--json"]);
  await ping(rig, 5, ["ipv4"]);
  await rig.b.check(["ip", "link", "del", rig.b.interface]);
  const ended = await recording.process.end(NOTICE_LIMIT_MS);
  equal(ended.code, 1, ended.stderr);
  match(ended.stderr, /^veth-b: the interface has disappeared, its 10 packets are kept\n/m);
  match(ended.stderr, /^10 packets captured$/m);
  equal(JSON.parse(ended.stdout).packets_captured, 10);
  equal(await footerRowCount(recording.output), 10);
});

Deno.test("record attaches generic XDP to a bridge and its port, in whichever order they are named", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  // Below an interface with an XDP program none is allowed (net/core/dev.c, dev_xdp_attach).
  await addPair(rig.b);
  await rig.b.check(["ip", "link", "add", "bridge0", "type", "bridge"]);
  await rig.b.check(["ip", "link", "set", "extra0", "master", "bridge0"]);
  await rig.b.check(["ip", "link", "set", "bridge0", "up"]);
  for (const names of [["bridge0", "extra0"], ["extra0", "bridge0"]]) {
    using directory = TempDirectory.create();
    const end = { ...rig.b, interface: names.join(",") };
    const args = ["--json", "-Q", "in", "--mode", "generic"];
    const recording = await Recording.start(end, directory.path, args);
    const used = hooks(await recording.stopWithReport()).map(({ name, mode }) => [name, mode]);
    deepEqual(used, names.map((name) => [name, "generic"]));
  }
});

Deno.test("record says why XDP is refused below an interface that has a program, and auto goes to TC", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using elsewhere = TempDirectory.create();
  // An XDP program on a bridge bars its ports from having one (net/core/dev.c, dev_xdp_attach).
  await addPair(rig.b);
  const above = "bridge0";
  await rig.b.check(["ip", "link", "add", above, "type", "bridge"]);
  await rig.b.check(["ip", "link", "set", "extra0", "master", above]);
  for (const name of ["extra0", above]) await rig.b.check(["ip", "link", "set", name, "up"]);
  await attachForeignXdp({ ...rig.b, interface: above }, elsewhere);

  const end = { ...rig.b, interface: "extra0" };
  for (const mode of ["native", "generic"]) {
    const argv = inspector("record", "-i", "extra0", "--mode", mode);
    const result = await rig.b.run(argv, { cwd: directory.path });
    equal(result.code, 1, result.stderr);
    match(
      result.stderr,
      /"extra0" in \w+ mode: an interface above this one .* has an XDP program\n/,
    );
  }
  const recording = await Recording.start(end, directory.path, ["--json", "-Q", "in"]);
  const { hook, mode } = hooks(await recording.stopWithReport())[0]!;
  deepEqual([hook, mode], ["tcx", "tcx"]);
});

Deno.test("record -D lists interfaces and what is attached, and records nothing", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using elsewhere = TempDirectory.create();
  const programId = await attachForeignXdp(rig.b, elsewhere);
  await rig.b.check(["ip", "link", "property", "add", "dev", "veth-b", "altname", "uplink"]);
  const recording = await Recording.start(rig.b, directory.path, ["--mode", "tc"]);
  const listed = await rig.b.run(inspector("record", "-D", "--json"), { cwd: directory.path });
  deepEqual([listed.code, listed.stderr], [0, ""]);
  const veth = JSON.parse(listed.stdout).find((one: { name: string }) => one.name === "veth-b");
  const tcx = veth.tcx_programs.map((program: { direction: string }) => program.direction);
  deepEqual(tcx, ["ingress", "egress"]);
  deepEqual({ ...veth, tcx_programs: null }, {
    index: 12,
    name: "veth-b",
    alternative_names: ["uplink"],
    up: true,
    state: "up",
    mtu: 1500,
    driver: "veth",
    native_xdp: true,
    xdp_program: { id: programId, mode: veth.xdp_program.mode },
    tcx_programs: null,
    clsact_programs: [],
    auto_ingress: { hook: null, reason: "another XDP program is attached" },
  });
  ok(["native", "generic"].includes(veth.xdp_program.mode));

  const table = await rig.b.run(inspector("record", "-D"), { cwd: directory.path });
  equal(table.code, 0);
  match(table.stdout, /^ *# +Name +State +MTU +Driver +Native XDP +XDP program +TC programs$/m);
  match(table.stdout, /^ *1 +lo +up +65536 +- +no +- +-$/m);
  match(
    table.stdout,
    /^12 +veth-b, uplink +up +1500 +veth +yes +id \d+ \w+ +tcx ingress id \d+, /m,
  );
  match(
    table.stdout,
    /^--mode auto on lo takes tc: native XDP is not possible: the driver has none$/m,
  );
  match(table.stdout, /^--mode auto on veth-b takes nothing: another XDP program is attached$/m);
  equal((await recording.stop()).code, 0);
});

Deno.test("record -D needs no privilege and tells what it cannot see", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--mode", "native"], {
    env: { XDP_INSPECTOR_FORCE_CLSACT: "1" },
  });
  const listed = await rig.b.run(asNobody(inspector("record", "-D")), { cwd: "/" });
  equal(listed.code, 0, listed.stderr);
  match(
    listed.stdout,
    /^12 +veth-b +up +1500 +veth +yes +id \d+ native +tcx unknown, clsact egress id \d+$/m,
  );
  await recording.stop();
});
