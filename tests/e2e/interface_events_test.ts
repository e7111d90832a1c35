/** What happens to interfaces while they are recorded or waited for. */
import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { exists, inspector, runInspector } from "../support/inspector_cli.ts";
import {
  BEHIND,
  ended,
  type Happened,
  icmpRows,
  LATE,
  type LateReport,
  LIMIT_MS,
  line,
  makeLate,
  pingLate,
  startRecord,
  told,
} from "../support/late_interface.ts";
import { NetnsPair, untilLinkIs } from "../support/netns.ts";
import { fileMetadata } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { heldLinks } from "../support/xdp_state.ts";

Deno.test("record --wait ends by a signal with an empty file and exit code 0 when nothing ever came", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("a.parquet");
  const process = startRecord(rig, directory, ["-i", LATE, "--wait", "-o", output]);
  await line(process, /^recording late0 ingress \(not there yet\)/m);
  const { stderr, report } = await ended(process);
  match(stderr, /^0 packets captured$/m);
  match(stderr, /^late0 egress was not recorded: the interface never came$/m);
  deepEqual([report.rows_written, report.duration_seconds], [0, 0]);
  deepEqual(report.interfaces.map(({ hook, end_reason }) => [hook, end_reason]), [
    [null, "never_came"],
    [null, "never_came"],
  ]);
  const stats = await runInspector(["stats", "interfaces", "-f", output]);
  equal(stats.code, 0, stats.stderr);
  match(stats.stdout, /^late0 ingress was not recorded: the interface never came$/m);
  equal(exists(directory.file("ready")), false);
});

Deno.test("record --wait counts the duration from the first interface, and takes one that is down", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("a.parquet");
  const argv = inspector("record", "--json", "-d", "1s", "-i", LATE, "--wait", "-o", output);
  const process = rig.b.start(argv);
  await line(process, /^recording late0 ingress \(not there yet\)/m);
  // Longer than it is to last: it has not begun.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  ok(process.running);
  await rig.b.check(["ip", "link", "add", LATE, "type", "veth", "peer", "name", "late1"]);
  const result = await process.end(LIMIT_MS);
  equal(result.code, 0, result.stderr);
  const report = JSON.parse(result.stdout) as LateReport;
  ok(report.duration_seconds >= 1, result.stdout);
  deepEqual(told(report.interface_events), [`${LATE} came ingress tcx, egress tcx`]);

  // One that is there and down needs no waiting; without --wait that is an error.
  const flags = ["-i", LATE, "-d", "100ms", "-o", output];
  const down = await rig.b.run(inspector("record", ...flags));
  deepEqual([down.code, /the interface is down/.test(down.stderr)], [1, true]);
  const waited = await rig.b.run(inspector("record", ...flags, "--wait"));
  equal(waited.code, 0, waited.stderr);
});

Deno.test("record --wait records what the command makes that it runs", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const output = directory.file("a.parquet");
  // Traffic begins when the program is there, which a file tells.
  const script = [
    `ip link add ${LATE} type veth peer name behind0 netns ${rig.a.namespace}`,
    `ip address add 10.93.0.1/24 dev ${LATE}; ip link set ${LATE} up`,
    `ip netns exec ${rig.a.namespace} sh -ec ` +
    `'ip address add ${BEHIND}/24 dev behind0; ip link set behind0 up'`,
    `until [ -e "$0" ]; do sleep 0.1; done`,
    `ping -n -c 2 -i 0.05 -W 20 ${BEHIND} >/dev/null; exit 7`,
  ].join("\n");
  const ready = directory.file("ready");
  const argv = inspector(
    ...["record", "-i", LATE, "--wait", "--ready-file", ready, "-o", output],
    ...["--", "sh", "-c", script, ready],
  );
  const result = await rig.b.run(argv, { limitMs: LIMIT_MS });
  equal(result.code, 7, result.stderr);
  deepEqual(await icmpRows(output), { [`${LATE} egress`]: 2, [`${LATE} ingress`]: 2 });
});

Deno.test("record --wait says why what has come cannot be recorded, once, and tries again", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const args = ["-i", `veth-b,${LATE}`, "--wait", "-o", directory.file("a.parquet")];
  const process = startRecord(rig, directory, args);
  await line(process, /late0 egress \(not there yet\)/);
  const altname = ["dev", "veth-b", "altname", LATE];
  await rig.b.check(["ip", "link", "property", "add", ...altname]);
  await line(
    process,
    /^late0: the interface has come, but it is recorded already, under another name; trying again$/m,
  );
  await rig.b.check(["ip", "link", "property", "del", ...altname]);
  await makeLate(rig);
  await line(process, /^late0: the interface has come, recording /m);
  const { stderr, report } = await ended(process);
  equal(stderr.match(/is recorded already/g)?.length, 1);
  const events = told(report.interface_events).filter((one) => !/ (up|down)\b/.test(one));
  deepEqual(events, [
    `${LATE} refused it is recorded already, under another name`,
    `${LATE} came ingress tcx, egress tcx`,
  ]);
});

Deno.test("record --wait refuses what no interface can be called", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  for (const name of ["a/b", "sixteen-letters-", "a b", ".."]) {
    const argv = inspector("record", "-i", name, "--wait");
    const { code, stderr } = await rig.b.run(argv, { cwd: directory.path });
    equal(code, 2, stderr);
    match(stderr, /^xdp-inspector: Cannot wait for ".*": no interface can be called that$/m);
  }
  deepEqual(directory.list(), []);
});

Deno.test("record says what happens to an interface, and goes on", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await makeLate(rig);
  // That is no news for the recording.
  await untilLinkIs(rig.b, LATE);
  const output = directory.file("a.parquet");
  const process = startRecord(rig, directory, ["-i", `${LATE},lo`, "-o", output]);
  await process.until("the ready file", LIMIT_MS, () => exists(directory.file("ready")));
  await pingLate(rig, 2);
  const set = (...words: string[]) => rig.b.check(["ip", "link", "set", ...words]);
  await set(LATE, "mtu", "1400");
  await line(process, /^late0: the MTU was changed from 1500 to 1400$/m);
  await rig.a.check(["ip", "link", "set", "behind0", "down"]);
  await line(process, /^late0: the interface has lost its carrier$/m);
  await rig.a.check(["ip", "link", "set", "behind0", "up"]);
  await line(process, /^late0: the interface is up$/m);
  // Sooner than anybody looks, and told all the same.
  await rig.b.check(["sh", "-ec", `ip link set ${LATE} down; ip link set ${LATE} up`]);
  await line(process, /^late0: the interface was set down\nlate0: the interface is up$/m);
  await set(LATE, "name", "other0");
  await line(
    process,
    /^late0: the interface was renamed to "other0", and is recorded as "late0"$/m,
  );
  await rig.b.check(["ping", "-n", "-c", "3", "-i", "0.05", "-W", "20", BEHIND]);
  const link = heldLinks(process.pid).find(({ type }) => type === "tcx");
  await rig.b.check(["ping", "-n", "-c", "1", "127.0.0.1"]);
  // bpftool 7.1 detaches by the number of a link, whatever its kind.
  await rig.b.check(["bpftool", "link", "detach", "id", String(link!.id)]);
  await line(
    process,
    /^late0 ingress: somebody has detached the program, its \d+ packets are kept$/m,
  );

  const { report } = await ended(process, "SIGINT", 1);
  const at = (name: string) => told(report.interface_events).filter((one) => one.startsWith(name));
  deepEqual(at(""), at(LATE));
  deepEqual(at(LATE), [
    `${LATE} mtu_changed from 1500 to 1400`,
    `${LATE} down no carrier`,
    `${LATE} up`,
    `${LATE} down set down`,
    `${LATE} up`,
    `${LATE} renamed to "other0"`,
    `${LATE} detached ingress`,
  ]);
  const times = report.interface_events.map(({ time }) => time);
  deepEqual(times, times.toSorted());
  deepEqual(await icmpRows(output), {
    [`${LATE} egress`]: 5,
    [`${LATE} ingress`]: 5,
    "lo ingress": 2,
  });
});

Deno.test("record gives each file of a series what happened in its time", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const out = directory.file("out");
  Deno.mkdirSync(out);
  const flags = ["-i", `${rig.b.interface},${LATE}`, "--wait", "-o", `${out}/`, "-W", "1000"];
  const process = startRecord(rig, directory, flags);
  const files = () =>
    [...Deno.readDirSync(out)].map(({ name }) => name).filter((name) => name.endsWith(".parquet"))
      .sort().map((name) => `${out}/${name}`);
  const rotate = async () => {
    const count = files().length;
    process.signal("SIGUSR2");
    await process.until("another file", LIMIT_MS, () => files().length > count);
  };
  await line(process, /^recording .* \(not there yet\)/m);
  await rotate();
  await makeLate(rig);
  await line(process, /^late0: the interface has come, /m);
  await pingLate(rig, 2);
  await rotate();
  await rig.b.check(["ip", "link", "del", LATE]);
  await line(process, /^late0: the interface has disappeared, /m);
  await rotate();
  await makeLate(rig);
  await line(process, /^late0: the interface is back /m);
  await pingLate(rig, 3);
  const { report } = await ended(process);
  const metadata = await Promise.all(files().map(fileMetadata));
  const happened = metadata.map((one) => {
    const events = JSON.parse(one.get("xdp_inspector.interface_events") ?? "[]") as Happened[];
    return told(events).filter((one) => !/ (up|down)\b/.test(one)).map((one) => one.split(" ")[1]);
  });
  deepEqual(happened, [[], ["came"], ["deleted"], ["came_back"]]);
  const kinds = report.interface_events.map(({ event }) => event);
  deepEqual(kinds.filter((kind) => kind !== "up" && kind !== "down"), [
    "came",
    "deleted",
    "came_back",
  ]);
  interface Written {
    readonly interface: string;
    readonly hook: string | null;
    readonly end_reason: string;
    readonly counters: { readonly packets_captured: number };
  }
  const late = metadata.map((one) => {
    const all = JSON.parse(one.get("xdp_inspector.attachments")!) as Written[];
    const { hook, end_reason, counters } = all.find((each) => each.interface === LATE)!;
    return [hook, end_reason, counters.packets_captured > 0];
  });
  deepEqual(late, [
    [null, "never_came", false],
    ["tcx", "stopped", true],
    ["tcx", "interface_gone", late[2]![2]],
    ["tcx", "stopped", true],
  ]);
  const stats = await runInspector(["stats", "loss", "-f", out]);
  equal(stats.code, 0, stats.stderr);
  doesNotMatch(stats.stdout, /does not follow|missing/);
});

/** Kinds of interfaces that stand on another one, and how they are made. */
const STACKED = [
  ["vlan", `ip link add link veth-b name up0 type vlan id 5`],
  ["bond", `ip link add up0 type bond; ip link set veth-b down; ip link set veth-b master up0`],
  ["bridge", `ip link add up0 type bridge; ip link set veth-b master up0`],
] as const;

for (const [kind, make] of STACKED) {
  Deno.test(`record --wait takes a ${kind} when it comes, and again when it is back`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    const probe = await rig.b.run(["sh", "-ec", make]);
    if (probe.code !== 0) {
      // There is none in this kernel: it knows no such kind, whatever is asked of it.
      match(probe.stderr, /Unknown device type|Operation not supported/);
      const bare = ["ip", "link", "add", "bare0", ...["type", kind, "help"]];
      ok((await rig.b.run(bare)).code !== 0);
      const links = await rig.b.check(["ip", "-d", "link", "show"]);
      ok(!links.includes(` ${kind} `), links);
      return;
    }
    await rig.b.check(["ip", "link", "del", "up0"]);
    const output = directory.file("a.parquet");
    const process = startRecord(rig, directory, ["-i", "veth-b,up0", "--wait", "-o", output]);
    await line(process, /^recording .*up0 egress \(not there yet\)/m);
    for (const pattern of [/^up0: the interface has come, /m, /^up0: the interface is back /m]) {
      await rig.b.check(["sh", "-ec", `${make}; ip link set veth-b up; ip link set up0 up`]);
      await line(process, pattern);
      await rig.b.check(["ip", "link", "del", "up0"]);
      const times = pattern.source.includes("back") ? 2 : 1;
      await process.until("it to be gone", LIMIT_MS, ({ stderr }) => {
        return (stderr.match(/^up0: the interface has disappeared, /gm)?.length ?? 0) === times;
      });
    }
    const { report } = await ended(process);
    const up = report.interface_events.filter((one) => one.interface === "up0")
      .map(({ event }) => event).filter((event) => event !== "up" && event !== "down");
    deepEqual(up, ["came", "deleted", "came_back", "deleted"]);
    equal(report.interfaces.find(({ name }) => name === "veth-b")?.end_reason, "stopped");
  });
}
