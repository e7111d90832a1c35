/**
 * Interfaces whose packets have no Ethernet header, on tun devices between two namespaces, and on the
 * tunnels that this kernel has.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { REPORTS } from "../../src/reports/all.ts";
import { askReport } from "../support/ask_report.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { filler } from "../support/frames/octets.ts";
import { DESTINATION_PORT, PROTOCOL, udp } from "../support/frames/transport.ts";
import {
  inspector,
  type JsonReport,
  Recording,
  reportOf,
  runInspector,
} from "../support/inspector_cli.ts";
import { untilSilent } from "../support/interface_counters.ts";
import { NetnsPair } from "../support/netns.ts";
import { packetFileRows } from "../support/packet_file_rows.ts";
import { query, readRows, type Row } from "../support/parquet_rows.ts";
import { Tcpdump } from "../support/tcpdump.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { exchange, ping, startServers } from "../support/traffic.ts";
import { addTunnel, TUNNELS } from "../support/tunnels.ts";
import { TunPair } from "../support/tun_pair.ts";

const IPV4 = 0x0800;
const ARP = 0x0806;
const MPLS = 0x8847;

/** Columns that a packet file of tcpdump's does not have. */
const RECORDER_COLUMNS: readonly string[] = ["timestamp", "direction", "interface", "segments"];

interface Hook {
  readonly name: string;
  readonly direction: string;
  readonly hook: string;
  readonly packets_captured: number;
}

function hooks(report: JsonReport): Hook[] {
  return (report as unknown as { interfaces: Hook[] }).interfaces;
}

for (const env of [{}, { XDP_INSPECTOR_FORCE_CLSACT: "1" }]) {
  const hook = Object.keys(env).length > 0 ? "clsact" : "tcx";
  Deno.test(`record writes exactly what passes a tun device both ways (${hook})`, async () => {
    await using rig = await NetnsPair.create();
    await using tunnel = await TunPair.create(rig);
    using directory = TempDirectory.create();
    const recording = await Recording.start(tunnel.b, directory.path, ["--json"], { env });
    await ping(tunnel, 20);
    const report = await recording.stopWithReport();

    deepEqual(hooks(report).map((one) => [one.direction, one.hook]), [
      ["ingress", hook],
      ["egress", hook],
    ]);
    match(
      recording.process.stderr,
      /^tun-b ingress: .*in use, XDP is not for packets without an Ethernet header/m,
    );
    deepEqual(
      await query(
        recording.output,
        `SELECT direction, protocol, source_ip, packet_length, payload_length, ttl,
           count(*)::INTEGER AS packets,
           count(coalesce(source_mac, destination_mac, ethertype::VARCHAR))::INTEGER AS links
         FROM packets WHERE protocol = 'ICMP' OR icmp_type IN (128, 129) GROUP BY ALL ORDER BY ALL`,
      ),
      [
        ["egress", "ICMP", tunnel.b.ipv4, 84, 64],
        ["egress", "ICMPv6", tunnel.b.ipv6, 104, 64],
        ["ingress", "ICMP", tunnel.a.ipv4, 84, 33],
        ["ingress", "ICMPv6", tunnel.a.ipv6, 104, 33],
      ].map(([direction, protocol, source_ip, packet_length, ttl]) => ({
        ...{ direction, protocol, source_ip, packet_length },
        ...{ payload_length: 56, ttl, packets: 20, links: 0 },
      })),
    );
  });
}

Deno.test("record agrees with tcpdump's file of the same tun device in every column", async () => {
  await using rig = await NetnsPair.create();
  await using tunnel = await TunPair.create(rig);
  using directory = TempDirectory.create();
  const recording = await Recording.start(tunnel.b, directory.path, ["--json"]);
  await startServers(tunnel);
  // The recording begins before and ends after, with nothing in between.
  await untilSilent(tunnel.b);
  const dump = await Tcpdump.start(tunnel.b, directory.file("both.pcap"), "inout");
  const dumpedFromNs = BigInt(Date.now()) * 1_000_000n;
  await exchange(tunnel, 12);
  await ping(tunnel, 4);
  await untilSilent(tunnel.b);
  equal((await dump.stop()).dropped, 0);
  await recording.stopWithReport();

  const theirs = (await packetFileRows(dump.path)).map(untold).sort();
  const rows = await readRows(recording.output);
  const ours = rows.filter(({ timestamp }) => timestamp as bigint >= dumpedFromNs).map(untold);
  deepEqual(without(theirs, ours), []);
  deepEqual(without(ours, theirs), []);
  for (const kind of ["TCP 4", "TCP 6", "UDP 4", "UDP 6"]) {
    ok(rows.some((row) => `${row.protocol} ${row.ip_version}` === kind), kind);
  }
  for (const version of [4, 6]) {
    ok(rows.some((row) => row.is_fragment === true && row.ip_version === version));
  }
});

/** A row as text, without what no packet tells. */
function untold(row: Row): string {
  return Object.entries(row).filter(([name]) => !RECORDER_COLUMNS.includes(name)).join(" ");
}

/** The members of `all` that are not in `taken`, each as often as it is there too many. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const left = Map.groupBy(taken, (text) => text);
  return all.filter((text) => left.get(text)?.pop() === undefined);
}

Deno.test("record writes a packet of a tun device that is no IP, is cut, or lies in pages", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  await using tunnel = await TunPair.create(rig);
  using directory = TempDirectory.create();
  const datagram = (bytes: number) => ipv4({ protocol: PROTOCOL.UDP }, udp(filler(bytes)));
  const recording = await Recording.start(tunnel.b, directory.path, ["--json", "-Q", "in"]);
  await tunnel.inject(datagram(5), IPV4);
  await tunnel.inject(datagram(6), MPLS);
  await tunnel.inject(datagram(7), ARP);
  await tunnel.inject(datagram(8).subarray(0, 19), IPV4);
  // Of these only the first bytes can be read in place.
  for (const linear of [1, 20, 24]) await tunnel.inject(datagram(6000), IPV4, linear);
  // What was written before has come in.
  await ping(tunnel, 1, ["ipv4"]);
  const report = await recording.stopWithReport();

  equal(report.packets_captured, 8);
  const rows = await readRows(recording.output);
  deepEqual(
    rows.slice(0, 7).map((row) => [
      ...[row.packet_length, row.protocol, row.destination_port, row.payload_length],
      ...[row.ethertype, row.source_mac],
    ]),
    [
      [33, "UDP", DESTINATION_PORT, 5, null, null],
      [34, null, null, null, null, null],
      [35, null, null, null, null, null],
      [19, null, null, null, null, null],
      ...Array(3).fill([6028, "UDP", DESTINATION_PORT, 6000, null, null]),
    ],
  );
});

Deno.test("filters select packets of a tun device, and none by what they do not have", async () => {
  await using rig = await NetnsPair.create();
  await using tunnel = await TunPair.create(rig);
  for (
    const [words, captured] of [
      [`icmp and src host ${tunnel.a.ipv4}`, 5],
      ["ip6 and icmp6[icmp6type] == icmp6-echo", 5],
      ["ip and net 10.92.0.0/16", 10],
      [`ether host ${rig.a.mac}`, 0],
      ["ether proto 0x0800 or vlan or broadcast", 0],
      [`not ether host ${rig.a.mac} and (icmp or icmp6[icmp6type] >= icmp6-echo)`, 20],
    ] as const
  ) {
    using directory = TempDirectory.create();
    const flags = ["--json", "--filter", words];
    const recording = await Recording.start(tunnel.b, directory.path, flags);
    await ping(tunnel, 5);
    const report = await recording.stopWithReport();
    equal(report.packets_captured, captured, words);
    ok(report.packets_filtered >= 20 - captured, words);
    equal(report.packets_seen, report.packets_captured + report.packets_filtered);
  }
});

Deno.test("record -i any takes a tun device too, and XDP is refused there", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  await using tunnel = await TunPair.create(rig);
  using directory = TempDirectory.create();
  const recording = await Recording.start(
    { ...rig.b, interface: "any" },
    directory.path,
    ["--json"],
  );
  await ping(tunnel, 3, ["ipv4"]);
  await ping(rig, 2, ["ipv4"]);
  const report = await recording.stopWithReport();
  deepEqual(
    hooks(report).filter(({ name }) => name !== "lo").map((one) =>
      `${one.name} ${one.direction} ${one.packets_captured}`
    ).sort(),
    ["tun-b egress 3", "tun-b ingress 3", "veth-b egress 2", "veth-b ingress 2"],
  );

  for (const mode of ["native", "generic"]) {
    const file = directory.file(`${mode}.parquet`);
    const words = ["record", "-i", "tun-b", "--mode", mode, "-o", file];
    const { code, stderr } = await tunnel.b.run(inspector(...words));
    equal(code, 1);
    equal(
      stderr,
      `xdp-inspector: Cannot attach to "tun-b" in ${mode} mode: XDP is not for packets without an ` +
        'Ethernet header\n  Use "--mode auto" or "--mode tc"\n',
    );
  }
  // What goes out is recorded at TC whatever the mode.
  const out = [..."record -i tun-b -Q out --mode native -d 1s --json -o".split(" ")];
  const only = reportOf(await tunnel.b.run(inspector(...out, directory.file("out.parquet"))));
  deepEqual(hooks(only).map((one) => [one.direction, one.hook]), [["egress", "tcx"]]);
});

Deno.test("check and record -D say how a tun device is recorded", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  await using tunnel = await TunPair.create(rig);
  using directory = TempDirectory.create();
  const options = { cwd: directory.path };
  const checked = await tunnel.b.check(inspector("check", "--json", "-i", "tun-b"), options);
  const found: { check: string; interface: string | null; status: string; message: string }[] = JSON
    .parse(checked);
  const ours = found.filter((one) => one.interface === "tun-b");
  deepEqual(ours.map((one) => [one.check, one.status]), [
    ["interface", "ok"],
    ["ingress_hook", "ok"],
    ["egress_hook", "ok"],
    ["lro", "ok"],
    ["gro", "ok"],
    ["tso_gso", "ok"],
  ]);
  equal(
    ours[1]!.message,
    "record takes TC: XDP is not for packets without an Ethernet header",
  );
  const listed = JSON.parse(await tunnel.b.check(inspector("record", "-D", "--json")));
  deepEqual(
    listed.find(({ name }: { name: string }) => name === "tun-b").auto_ingress,
    { hook: "tc", reason: "XDP is not for packets without an Ethernet header" },
  );
});

Deno.test("live counts the packets of a tun device", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  await using tunnel = await TunPair.create(rig);
  using directory = TempDirectory.create();
  const ready = directory.file("ready");
  const flags = ["-i", "tun-b", "--ready-file", ready, "-n", "0", "--every", "1s"];
  const process = tunnel.b.start(inspector("live", ...flags));
  await process.until("the ready file", 60_000, () => directory.list().includes("ready"));
  await ping(tunnel, 7, ["ipv4"]);
  process.signal("SIGTERM");
  const { code, stdout, stderr } = await process.end();
  equal(code, 0, stderr);
  const intervals = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const sum = (name: string) => intervals.reduce((all, one) => all + one[name], 0);
  deepEqual(["packets_in", "bytes_in", "packets_out", "bytes_out"].map(sum), [7, 588, 7, 588]);
});

Deno.test("every command that reads takes a recording of a tun device", async () => {
  await using rig = await NetnsPair.create();
  await using tunnel = await TunPair.create(rig);
  using directory = TempDirectory.create();
  const recording = await Recording.start(tunnel.b, directory.path, ["--json"]);
  await startServers(tunnel);
  await exchange(tunnel, 3);
  await tunnel.inject(new Uint8Array(30), MPLS);
  await ping(tunnel, 2);
  await recording.stopWithReport();
  const file = recording.output;
  const told = async (...words: string[]) => {
    const { code, stdout, stderr } = await runInspector(words);
    equal(code, 0, `${words.join(" ")}: ${stderr}`);
    return stdout;
  };
  for (const { name } of REPORTS) ok(await askReport([name], [file]), name);
  match(await told("stats", "-f", file), new RegExp(tunnel.a.ipv6));
  const macs = JSON.parse(await told("stats", "top", "--by", "mac", "-f", file, "--json"));
  deepEqual(macs.map(({ mac }: { mac: string | null }) => mac), [null]);
  const packets = (await readRows(file)).length;
  for (const ending of ["parquet", "arrow", "csv", "ndjson"]) {
    const copy = directory.file(`copy.${ending}`);
    await told("convert", "-f", file, "-o", copy);
    if (ending !== "parquet") continue;
    deepEqual(await readRows(copy), await readRows(file));
  }
  const sql = "SELECT count(*) AS packets, count(source_mac) AS macs FROM packets";
  deepEqual(JSON.parse(await told("sql", "-f", file, "--json", sql)), [{ packets, macs: 0 }]);
  await told("report", "-f", file, "-o", directory.file("page.html"));
});

for (const tunnel of TUNNELS) {
  Deno.test(`record writes exactly what passes a tunnel (${tunnel.kind}, where the kernel has it)`, async () => {
    await using rig = await NetnsPair.create();
    const ends = await addTunnel(rig, tunnel);
    if (ends === null) return;
    using directory = TempDirectory.create();
    const recording = await Recording.start(ends.b, directory.path, ["--json"]);
    await ping(ends, 10, tunnel.families);
    await recording.stopWithReport();
    deepEqual(
      await query(
        recording.output,
        `SELECT direction, ip_version, packet_length, payload_length, count(*)::INTEGER AS packets
         FROM packets WHERE protocol = 'ICMP' OR icmp_type IN (128, 129) GROUP BY ALL ORDER BY ALL`,
      ),
      ["egress", "ingress"].flatMap((direction) =>
        tunnel.families.map((family) => ({
          direction,
          ip_version: family === "ipv4" ? 4 : 6,
          packet_length: family === "ipv4" ? 84 : 104,
          payload_length: 56,
          packets: 10,
        }))
      ),
    );
  });
}
