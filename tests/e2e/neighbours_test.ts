/** Other tools' programs on the same interface: all see what they should, and nobody is disturbed. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { inspector, type JsonReport, Recording } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { query } from "../support/parquet_rows.ts";
import { compileNeighbours, programHits, TcxNeighbour } from "../support/tcx_neighbour.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { flood, ping } from "../support/traffic.ts";
import { attachForeignXdp, xdpProgram } from "../support/xdp_state.ts";

const DIRECTIONS = ["ingress", "egress"] as const;
type Direction = (typeof DIRECTIONS)[number];

/** Most programs at one TCX hook: bpf_mprog_max() in include/linux/bpf_mprog.h. */
const MOST_PROGRAMS = 63;

/** Ids of the programs at the TCX hooks of the interface, in the order in which they run. */
async function tcxPrograms(end: NetnsEnd): Promise<Record<Direction, number[]>> {
  type Listed = { name: string; tcx_programs: { direction: Direction; id: number }[] };
  const listed: Listed[] = JSON.parse(await end.check(inspector("record", "-D", "--json")));
  const programs = listed.find(({ name }) => name === end.interface)!.tcx_programs;
  const ids = (wanted: Direction) =>
    programs.filter(({ direction }) => direction === wanted).map(({ id }) => id);
  return { ingress: ids("ingress"), egress: ids("egress") };
}

/** Packets that were captured in each direction. */
function captured(report: JsonReport): Record<string, number> {
  const { interfaces } = report as unknown as {
    interfaces: { direction: string; packets_captured: number }[];
  };
  return Object.fromEntries(interfaces.map((it) => [it.direction, it.packets_captured]));
}

/** Rows of each direction and protocol. */
async function rows(path: string): Promise<string[]> {
  const counts = await query(
    path,
    `SELECT direction || ' ' || protocol || ' ' || count(*) AS line FROM packets
     GROUP BY direction, protocol ORDER BY line`,
  );
  return counts.map(({ line }) => line as string);
}

const DATAGRAMS = 20;

/** Datagrams to a port of side b where nothing listens, then five pings. */
async function pingAndFlood(rig: NetnsPair): Promise<void> {
  await flood(rig, DATAGRAMS, 22);
  await ping(rig, 5, ["ipv4"]);
}

/** A program at each of the TCX hooks of side b, behind what is there. */
async function startBoth(rig: NetnsPair, object: string): Promise<Record<Direction, TcxNeighbour>> {
  return {
    ingress: await TcxNeighbour.start(rig.b, object, "ingress"),
    egress: await TcxNeighbour.start(rig.b, object, "egress"),
  };
}

for (const mode of ["native", "tc"]) {
  Deno.test(`record --mode ${mode} and TCX programs before and behind it see every packet`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    using output = TempDirectory.create();
    const object = await compileNeighbours(directory);
    const before = await startBoth(rig, object);
    const recording = await Recording.start(rig.b, output.path, ["--json", "--mode", mode]);
    const behind = await startBoth(rig, object);
    const chain = await tcxPrograms(rig.b);
    for (const direction of DIRECTIONS) {
      const ids = chain[direction];
      equal(ids.length, direction === "ingress" && mode === "native" ? 2 : 3);
      equal(ids[0], before[direction].programId);
      equal(ids.at(-1), behind[direction].programId);
    }
    await ping(rig, 20, ["ipv4"]);
    const report = await recording.stopWithReport();

    deepEqual(captured(report), { ingress: 20, egress: 20 });
    // Ours is gone, theirs are where they were and go on.
    const left = await tcxPrograms(rig.b);
    await ping(rig, 5, ["ipv4"]);
    for (const direction of DIRECTIONS) {
      const both = [before[direction], behind[direction]];
      deepEqual(left[direction], both.map(({ programId }) => programId));
      deepEqual(await Promise.all(both.map((neighbour) => neighbour.hits())), [25, 25]);
    }
  });
}

Deno.test("record sees what a TCX program behind it drops, and not what one before it drops", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const object = await compileNeighbours(directory);
  for (const place of ["before", "behind"]) {
    using output = TempDirectory.create();
    const attach = () => TcxNeighbour.start(rig.b, object, "ingress", { program: "drop_udp" });
    const first = place === "before" ? await attach() : undefined;
    const recording = await Recording.start(rig.b, output.path, ["--json", "--mode", "tc"]);
    const neighbour = first ?? await attach();
    await pingAndFlood(rig);
    const report = await recording.stopWithReport();

    equal(await neighbour.hits(), 5 + DATAGRAMS);
    const seen = place === "before" ? [] : [`ingress UDP ${DATAGRAMS}`];
    deepEqual(await rows(recording.output), ["egress ICMP 5", "ingress ICMP 5", ...seen]);
    // What we are not given is not a loss.
    equal(report.packets_seen, 10 + (place === "before" ? 0 : DATAGRAMS));
    equal(report.packets_dropped, 0);
    await neighbour.stop();
  }
});

Deno.test("record at XDP sees what a TCX program drops afterwards", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using output = TempDirectory.create();
  const object = await compileNeighbours(directory);
  const neighbour = await TcxNeighbour.start(rig.b, object, "ingress", { program: "drop_udp" });
  const recording = await Recording.start(rig.b, output.path, ["--json", "--mode", "native"]);
  await pingAndFlood(rig);
  await recording.stopWithReport();
  equal(await neighbour.hits(), 5 + DATAGRAMS);
  const lines = await rows(recording.output);
  deepEqual(lines, ["egress ICMP 5", "ingress ICMP 5", `ingress UDP ${DATAGRAMS}`]);
});

Deno.test("record sees at egress what a TCX program redirects there from ingress", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const object = await compileNeighbours(directory);
  const { ifindex } = JSON.parse(
    await rig.b.check(["ip", "-json", "link", "show", "dev", rig.b.interface]),
  )[0];
  const redirect = { program: "redirect_udp", parameter: ifindex } as const;
  for (const place of ["before", "behind"]) {
    using output = TempDirectory.create();
    const attach = () => TcxNeighbour.start(rig.b, object, "ingress", redirect);
    const first = place === "before" ? await attach() : undefined;
    const recording = await Recording.start(rig.b, output.path, ["--json", "--mode", "tc"]);
    const neighbour = first ?? await attach();
    const watcher = await TcxNeighbour.start(rig.b, object, "egress");
    await pingAndFlood(rig);
    await recording.stopWithReport();

    equal(await neighbour.hits(), 5 + DATAGRAMS);
    equal(await watcher.hits(), 5 + DATAGRAMS);
    const seen = place === "before" ? [] : [`ingress UDP ${DATAGRAMS}`];
    deepEqual(await rows(recording.output), [
      ...["egress ICMP 5", `egress UDP ${DATAGRAMS}`, "ingress ICMP 5"],
      ...seen,
    ]);
    await neighbour.stop();
    await watcher.stop();
  }
});

Deno.test("record --mode tc works beside the XDP program of another tool", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using output = TempDirectory.create();
  const object = await compileNeighbours(directory);
  await rig.b.check([
    ...["ip", "link", "set", "dev", rig.b.interface, "xdp", "obj", object, "sec", "xdp"],
  ]);
  const programId = (await xdpProgram(rig.b))!;
  const recording = await Recording.start(rig.b, output.path, ["--json", "--mode", "tc"]);
  await pingAndFlood(rig);
  const report = await recording.stopWithReport();
  equal(await programHits(programId), 5 + DATAGRAMS);
  equal(captured(report).ingress, 5 + DATAGRAMS);
  equal(await xdpProgram(rig.b), programId);
  await ping(rig, 1, ["ipv4"]);
  equal(await programHits(programId), 6 + DATAGRAMS);
});

Deno.test("record leaves nothing attached when TCX refuses after XDP was attached", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using output = TempDirectory.create();
  const object = await compileNeighbours(directory);
  const neighbour = await TcxNeighbour.start(rig.b, object, "egress", { count: MOST_PROGRAMS });
  const full = await tcxPrograms(rig.b);
  equal(full.egress.length, MOST_PROGRAMS);

  const argv = inspector("record", "-i", rig.b.interface, "--mode", "native");
  const result = await rig.b.run(argv, { cwd: output.path });
  equal(result.code, 1, result.stderr);
  ok(result.stderr.includes(`Cannot attach to "${rig.b.interface}" at TC egress: `), result.stderr);
  equal(await xdpProgram(rig.b), null);
  deepEqual(await tcxPrograms(rig.b), full);
  deepEqual(output.list(), []);
  // It was the full hook and nothing else.
  const recording = await Recording.start(rig.b, output.path, ["--json", "-Q", "in"]);
  await ping(rig, 3, ["ipv4"]);
  deepEqual(captured(await recording.stopWithReport()), { ingress: 3 });
  equal(await neighbour.hits(), 3);
});

Deno.test("record leaves nothing attached when XDP refuses after TCX was attached", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  using output = TempDirectory.create();
  await rig.b.check(["ip", "link", "add", "extra0", "type", "veth", "peer", "name", "extra1"]);
  for (const name of ["extra0", "extra1"]) await rig.b.check(["ip", "link", "set", name, "up"]);
  const occupied = { ...rig.b, interface: "extra0" };
  const programId = await attachForeignXdp(occupied, directory);
  const object = await compileNeighbours(directory);
  const neighbour = await TcxNeighbour.start(rig.b, object, "egress");

  // Both programs of the first interface are attached before the second one refuses.
  const argv = inspector("record", "-i", `${rig.b.interface},extra0`);
  const result = await rig.b.run(argv, { cwd: output.path });
  equal(result.code, 1, result.stderr);
  ok(result.stderr.includes(`program id ${programId}`), result.stderr);
  deepEqual(await tcxPrograms(rig.b), { ingress: [], egress: [neighbour.programId] });
  deepEqual(await tcxPrograms(occupied), { ingress: [], egress: [] });
  equal(await xdpProgram(rig.b), null);
  equal(await xdpProgram(occupied), programId);
  deepEqual(output.list(), []);
});
