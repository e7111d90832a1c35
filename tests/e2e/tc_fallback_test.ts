/** Recording by clsact filters, as on kernels without TCX: forced here by an environment variable. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  addNeighbour,
  compileNeighbour,
  filters,
  hasClsact,
  neighbourHits,
} from "../support/clsact_state.ts";
import { waitFor } from "../support/deadline.ts";
import { inspector, type JsonReport, Recording, reportOf } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { query } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";
import { attachForeignXdp, heldLinks, xdpProgram } from "../support/xdp_state.ts";

const FORCED = { env: { XDP_INSPECTOR_FORCE_CLSACT: "1" } };
const DIRECTIONS = ["ingress", "egress"] as const;
/** FILTER_PRIORITY and FILTER_HANDLE in ffi/bpf/tc_filter.ts. */
const OUR_PRIORITY = 7;
const IN_OWN_QDISC = "0x58490001";
const IN_FOREIGN_QDISC = "0x58490002";

function start(end: NetnsEnd, directory: TempDirectory, ...args: string[]): Promise<Recording> {
  return Recording.start(end, directory.path, ["--json", ...args], FORCED);
}

/** Handles of our filters and of others, by direction. */
async function handles(end: NetnsEnd): Promise<string[][]> {
  const both = await Promise.all(DIRECTIONS.map((direction) => filters(end, direction)));
  return both.map((list) => list.map(({ handle }) => handle));
}

async function leavesNothing(end: NetnsEnd): Promise<void> {
  deepEqual(await handles(end), [[], []]);
  equal(await hasClsact(end), false);
}

/** Packets per direction in the report. */
function captured(report: JsonReport): Record<string, number> {
  const { interfaces } = report as unknown as {
    interfaces: { direction: string; packets_captured: number; hook: string; mode: string }[];
  };
  return Object.fromEntries(interfaces.map((it) => [it.direction, it.packets_captured]));
}

Deno.test("record records both directions by clsact filters and leaves nothing behind", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, "--mode", "tc");
  const [inward, outward] = await Promise.all(DIRECTIONS.map((it) => filters(rig.b, it)));
  deepEqual([inward, outward].map((list) => list!.map(({ pref, handle }) => [pref, handle])), [
    [[OUR_PRIORITY, IN_OWN_QDISC]],
    [[OUR_PRIORITY, IN_OWN_QDISC]],
  ]);
  deepEqual(heldLinks(recording.process.pid), []);
  await ping(rig, 5, ["ipv4"]);
  await flood(rig, 1000, 22);
  equal((await recording.stop("SIGTERM")).code, 0);
  await leavesNothing(rig.b);

  const rows = await query(
    recording.output,
    `SELECT direction, protocol, count(*)::INTEGER AS packets FROM packets
     WHERE protocol = 'UDP' OR icmp_type IN (0, 8) GROUP BY ALL ORDER BY ALL`,
  );
  deepEqual(rows, [
    { direction: "egress", protocol: "ICMP", packets: 5 },
    { direction: "ingress", protocol: "ICMP", packets: 5 },
    { direction: "ingress", protocol: "UDP", packets: 1000 },
  ]);
  const stderr = recording.process.stderr;
  for (const direction of DIRECTIONS) {
    const reason = `${rig.b.interface} ${direction}: a clsact filter in use, ` +
      "XDP_INSPECTOR_FORCE_CLSACT is set";
    ok(stderr.includes(`${reason}\n`), stderr);
  }
  match(stderr, /^recording veth-b ingress clsact, veth-b egress clsact to /m);
});

Deno.test("record uses clsact for egress only where XDP takes ingress, and says so in the report", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, "--mode", "native");
  await ping(rig, 3, ["ipv4"]);
  const report = await recording.stopWithReport();
  deepEqual(captured(report), { ingress: 3, egress: 3 });
  const hooks = (report as unknown as { interfaces: { hook: string; mode: string }[] }).interfaces
    .map(({ hook, mode }) => [hook, mode]);
  deepEqual(hooks, [["xdp", "native"], ["clsact", "clsact"]]);
  await leavesNothing(rig.b);
});

Deno.test("record leaves other clsact filters alone, and all of them see every packet", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using objects = TempDirectory.create();
  const object = await compileNeighbour(objects);
  await rig.b.check(["tc", "qdisc", "add", "dev", rig.b.interface, "clsact"]);
  for (const direction of DIRECTIONS) {
    for (const priority of [1, 50]) await addNeighbour(rig.b, direction, priority, object);
  }
  const before = await handles(rig.b);

  const recording = await start(rig.b, directory, "--mode", "tc");
  for (const direction of DIRECTIONS) {
    const list = await filters(rig.b, direction);
    deepEqual(list.map(({ pref }) => pref), [1, OUR_PRIORITY, 50]);
    equal(list[1]?.handle, IN_FOREIGN_QDISC);
  }
  await ping(rig, 10, ["ipv4"]);
  deepEqual(captured(await recording.stopWithReport()), { ingress: 10, egress: 10 });

  for (const direction of DIRECTIONS) {
    for (const { programId } of await filters(rig.b, direction)) {
      equal(await neighbourHits(programId), 10);
    }
  }
  deepEqual(await handles(rig.b), before);
  equal(await hasClsact(rig.b), true);
});

Deno.test("record leaves a qdisc that it made to others who use it by then", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using objects = TempDirectory.create();
  const recording = await start(rig.b, directory, "--mode", "native");
  await addNeighbour(rig.b, "ingress", 1, await compileNeighbour(objects));
  await recording.stopWithReport();
  equal(await hasClsact(rig.b), true);
  deepEqual((await handles(rig.b)).map((list) => list.length), [1, 0]);
});

Deno.test("record leaves an empty clsact qdisc that was there before it", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await rig.b.check(["tc", "qdisc", "add", "dev", rig.b.interface, "clsact"]);
  await (await start(rig.b, directory)).stopWithReport();
  equal(await hasClsact(rig.b), true);
  deepEqual(await handles(rig.b), [[], []]);
});

Deno.test("record replaces the filters that a killed run left behind", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const killed = await start(rig.b, directory, "--mode", "tc");
  equal((await killed.stop("SIGKILL")).signal, "SIGKILL");
  const leftovers = await filters(rig.b, "egress");
  deepEqual(leftovers.map(({ handle }) => handle), [IN_OWN_QDISC]);

  const next = await start(rig.b, directory, "-Q", "out");
  const [filter, ...more] = await filters(rig.b, "egress");
  deepEqual(more, []);
  ok(filter !== undefined && filter.programId !== leftovers[0]?.programId);
  // That direction is not recorded now; a filter there would cost every packet for ever.
  deepEqual(await filters(rig.b, "ingress"), []);
  await ping(rig, 4, ["ipv4"]);
  deepEqual(captured(await next.stopWithReport()), { egress: 4 });
  await leavesNothing(rig.b);
});

Deno.test("record removes the filters of a killed run also where it has no use for clsact", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await (await start(rig.b, directory, "--mode", "native")).stop("SIGKILL");
  equal((await filters(rig.b, "egress")).length, 1);
  const next = await Recording.start(rig.b, directory.path, ["-Q", "in"]);
  await leavesNothing(rig.b);
  equal((await next.stop()).code, 0);
});

Deno.test("record takes no filter for its own that only looks like it", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using objects = TempDirectory.create();
  const object = await compileNeighbour(objects);
  await rig.b.check(["tc", "qdisc", "add", "dev", rig.b.interface, "clsact"]);
  await rig.b.check([
    ...["tc", "filter", "add", "dev", rig.b.interface, "egress", "pref", String(OUR_PRIORITY)],
    ...["handle", IN_OWN_QDISC, "bpf", "direct-action", "obj", object, "sec", "tc"],
  ]);
  const before = await filters(rig.b, "egress");
  await (await start(rig.b, directory, "-Q", "in")).stop();
  deepEqual(await filters(rig.b, "egress"), before);
});

Deno.test("a second record on the same clsact direction is refused and does not disturb the first", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const first = await start(rig.b, directory, "-Q", "out");
  const before = await filters(rig.b, "egress");
  const argv = inspector("record", "-i", rig.b.interface, "-Q", "out", "-o", "second.parquet");
  const second = await rig.b.run(argv, { cwd: directory.path, ...FORCED });
  equal(second.code, 1);
  ok(second.stderr.includes('"veth-b" at TC egress: another xdp-inspector records there'));
  deepEqual(await filters(rig.b, "egress"), before);
  await ping(rig, 2, ["ipv4"]);
  deepEqual(captured(await first.stopWithReport()), { egress: 2 });
  await leavesNothing(rig.b);
});

Deno.test("record names the obstacle when filters of another protocol have its priority", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using objects = TempDirectory.create();
  const object = await compileNeighbour(objects);
  await rig.b.check(["tc", "qdisc", "add", "dev", rig.b.interface, "clsact"]);
  await rig.b.check([
    ...["tc", "filter", "add", "dev", rig.b.interface, "egress", "pref", String(OUR_PRIORITY)],
    ...["protocol", "ip", "bpf", "direct-action", "obj", object, "sec", "tc"],
  ]);
  const argv = inspector("record", "-i", rig.b.interface, "--mode", "native");
  const result = await rig.b.run(argv, { cwd: directory.path, ...FORCED });
  equal(result.code, 1, result.stderr);
  ok(result.stderr.includes("priority 7 belongs to filters of another"), result.stderr);
  equal(await xdpProgram(rig.b), null); // ingress was attached before egress failed
  deepEqual(directory.list(), []);
});

Deno.test("record does not take an ingress qdisc for clsact", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  await rig.b.check(["tc", "qdisc", "add", "dev", rig.b.interface, "ingress"]);
  const argv = inspector("record", "-i", rig.b.interface);
  const result = await rig.b.run(argv, { cwd: directory.path, ...FORCED });
  equal(result.code, 1, result.stderr);
  ok(result.stderr.includes('its "ingress" qdisc leaves no place'), result.stderr);
  const recording = await start(rig.b, directory, "-Q", "in", "--mode", "tc");
  await ping(rig, 2, ["ipv4"]);
  const listed = JSON.parse(await rig.b.check(inspector("record", "-D", "--json"))) as {
    name: string;
    clsact_programs: { direction: string }[];
  }[];
  const programs = listed.find(({ name }) => name === rig.b.interface)?.clsact_programs;
  deepEqual(programs?.map(({ direction }) => direction), ["ingress"]);
  deepEqual(captured(await recording.stopWithReport()), { ingress: 2 });
  match(await rig.b.check(["tc", "qdisc", "show", "dev", rig.b.interface]), /qdisc ingress/);
});

Deno.test("record notices that its clsact filter was removed by somebody", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const recording = await start(rig.b, directory, "-Q", "out");
  await ping(rig, 1, ["ipv4"]);
  await rig.b.check(["tc", "filter", "del", "dev", rig.b.interface, "egress"]);
  const ended = await recording.process.end(60_000);
  equal(ended.code, 1, ended.stderr);
  ok(
    ended.stderr.includes(
      "veth-b egress: somebody has detached the program, its 1 packet is kept\n",
    ),
    ended.stderr,
  );
});

Deno.test("record --mode tc leaves another XDP program alone with clsact too", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using elsewhere = TempDirectory.create();
  const programId = await attachForeignXdp(rig.b, elsewhere);
  const recording = await start(rig.b, directory, "--mode", "tc", "-d", "1s");
  reportOf(await recording.process.end(60_000));
  await waitFor("the other program", 60_000, async () => await xdpProgram(rig.b) === programId);
  await leavesNothing(rig.b);
});
