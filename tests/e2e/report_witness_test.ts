/**
 * Reports against what tshark counts in the same packets: HTTP, UDP, ping and a scan between two network
 * namespaces, captured by tcpdump, and made into a recording by tshark's own reading of them.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { askReport } from "../support/ask_report.ts";
import { check } from "../support/child_process.ts";
import { type FixturePacket, START_NS } from "../support/fixture_packets.ts";
import { NetnsPair } from "../support/netns.ts";
import { writeRecording } from "../support/parquet_fixture.ts";
import { iso } from "../support/report_reference.ts";
import { Tcpdump } from "../support/tcpdump.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { exchange, ping, startServers } from "../support/traffic.ts";
import { readWithTshark } from "../support/tshark.ts";

/** Ports where nobody listens, below those that the kernel gives clients. */
const SCANNED = { from: 10_000, to: 10_497 };
const SCAN_LIMIT_MS = 60_000;
const TSHARK_LIMIT_MS = 60_000;

/**
 * Rows of one of tshark's tables: words of the lines that begin with an address. Datagrams are not put
 * together, so that their first fragments have ports.
 */
async function table(pcap: string, what: string): Promise<string[][]> {
  const apart = ["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"];
  const argv = ["tshark", "-n", "-q", ...apart, "-r", pcap, "-z", what];
  const text = await check(argv, { limitMs: TSHARK_LIMIT_MS });
  return text.split("\n").filter((line) => /^[0-9a-f]+[.:][0-9a-f.:]+ /.test(line))
    .map((line) => line.trim().split(/\s+/));
}

/**
 * Packets and bytes of an address that tshark's table of IPv6 leaves out, of all, sent and received: those
 * of later fragments.
 */
function uncounted(packets: readonly FixturePacket[], address: string): number[] {
  const later = packets.filter((packet) =>
    packet.ip_version === 6 && packet.is_fragment === true && packet.source_port === undefined
  );
  const sent = later.filter((packet) => packet.source_ip === address);
  const received = later.filter((packet) => packet.destination_ip === address);
  const bytes = (of: readonly FixturePacket[]) =>
    of.reduce((sum, packet) => sum + Number(packet.packet_length), 0);
  return [[...sent, ...received], sent, received].flatMap((of) => [of.length, bytes(of)]);
}

/** Connects from a to each port of b that is scanned; all are refused. */
async function scan(rig: NetnsPair): Promise<void> {
  const loop = `for port in $(seq ${SCANNED.from} ${SCANNED.to}); do
    (exec 3<>/dev/tcp/${rig.b.ipv4}/$port) 2>/dev/null && exit 1; done; exit 0`;
  await rig.a.check(["bash", "-c", loop], { limitMs: SCAN_LIMIT_MS });
}

/** Packets of one direction, the first packet of all at a whole second, as tshark's intervals begin. */
async function rowsOf(pcap: string, direction: string, first: bigint): Promise<FixturePacket[]> {
  return (await readWithTshark(pcap)).map(({ timestamp, values }) => {
    const known = Object.entries(values).filter(([, value]) => value !== null);
    return {
      ...Object.fromEntries(known),
      timestamp: timestamp - first + START_NS,
      direction,
      interface: "eth0",
      segments: 1,
    };
  });
}

Deno.test("hosts, ports, top, timeline and scans are what tshark counts in the same packets", async () => {
  await using rig = await NetnsPair.create();
  using directory = TempDirectory.create();
  const dumps = [
    await Tcpdump.start(rig.b, directory.file("in.pcap"), "in"),
    await Tcpdump.start(rig.b, directory.file("out.pcap"), "out"),
  ] as const;
  await startServers(rig);
  await exchange(rig, 12);
  await ping(rig, 4);
  await scan(rig);
  for (const dump of dumps) equal((await dump.stop()).dropped, 0);
  const pcap = directory.file("all.pcap");
  await check(["mergecap", "-w", pcap, ...dumps.map(({ path }) => path)]);
  const first = (await readWithTshark(pcap))[0]!.timestamp;
  const packets = [
    ...await rowsOf(dumps[0].path, "ingress", first),
    ...await rowsOf(dumps[1].path, "egress", first),
  ];
  const files = [directory.file("all.parquet")];
  await writeRecording(files[0]!, packets, {});

  const hosts = new Map((await askReport(["hosts"], files)).map((row) => [row.host, row]));
  const endpoints = [...await table(pcap, "endpoints,ip"), ...await table(pcap, "endpoints,ipv6")];
  ok(endpoints.length >= 4);
  deepEqual([...hosts.keys()].sort(), endpoints.map(([address]) => address).sort());
  for (const [address, ...counts] of endpoints) {
    const {
      packet_count,
      total_bytes,
      packets_sent,
      bytes_sent,
      packets_received,
      bytes_received,
    } = hosts.get(address!)!;
    deepEqual(
      [packet_count, total_bytes, packets_sent, bytes_sent, packets_received, bytes_received],
      counts.map((count, index) => Number(count) + uncounted(packets, address!)[index]!),
    );
  }

  for (const protocol of ["TCP", "UDP"]) {
    const ends = await table(pcap, `endpoints,${protocol.toLowerCase()}`);
    const ports = new Map<number, number[]>();
    for (const [, port, ...counts] of ends) {
      const [packets = 0, bytes = 0] = ports.get(Number(port)) ?? [];
      ports.set(Number(port), [packets + Number(counts[0]), bytes + Number(counts[1])]);
    }
    const top = (await askReport(["top", "--by", "port"], files))
      .filter((row) => row.protocol === protocol && row.port !== null);
    deepEqual(
      new Map(
        top.map(({ port, packet_count, total_bytes }) => [port, [packet_count, total_bytes]]),
      ),
      ports,
    );
    // Of two ports, one is the server's; all clients here have ports of the kernel's choice.
    const served = (await askReport(["ports"], files))
      .filter((row) => row.protocol === protocol && row.port !== null);
    ok(served.length >= 1 && served.length < ports.size);
    for (const { port, packet_count, total_bytes } of served) {
      deepEqual([packet_count, total_bytes], ports.get(Number(port)), `${protocol} ${port}`);
    }
  }

  const text = await check(["tshark", "-n", "-q", "-r", pcap, "-z", "io,stat,0.5"], {
    limitMs: TSHARK_LIMIT_MS,
  });
  // `|  0.000 <>  0.500 |     78 |  70112 |`; the end of the last one is that of the capture.
  const intervals = text.split("\n").map((line) =>
    /^\|\s*([\d.]+)\s*<>\s*(?:[\d.]+|Dur)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|/.exec(line)
  ).filter((match) => match !== null).map(([, start, packets, bytes]) => [
    iso(START_NS + BigInt(Math.round(Number(start) * 1000)) * 1_000_000n),
    Number(packets),
    Number(bytes),
  ]);
  ok(intervals.length >= 2);
  const timeline = await askReport(["timeline", "--every", "500ms"], files);
  deepEqual(
    timeline.map(({ bucket_start, packet_count, total_bytes }) => [
      bucket_start,
      packet_count,
      total_bytes,
    ]),
    intervals,
  );

  const count = SCANNED.to - SCANNED.from + 1;
  const scans = await askReport(["scans"], files);
  equal(scans.length, 1);
  const { duration_seconds, first_packet: _, last_packet: __, ...found } = scans[0]!;
  ok(Number(duration_seconds) > 0);
  // The port of the HTTP server was tried by the same address, and answered.
  deepEqual(found, {
    source_ip: rig.a.ipv4,
    kind: "port-scan",
    target_count: 1,
    port_count: count + 1,
    attempt_count: count + 1,
    answered_count: 1,
    refused_count: count,
    unanswered_count: 0,
  });
});
