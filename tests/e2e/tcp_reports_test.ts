/**
 * The reports on TCP of real connections on a path that loses packets, and on one that reorders them as well:
 * recorded by the program and by tcpdump at one interface, and compared with what tshark says of what
 * tcpdump wrote.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { TCP } from "../../src/reports/tcp.ts";
import { check } from "../support/child_process.ts";
import { inspector, PROJECT, Recording } from "../support/inspector_cli.ts";
import { waitFor } from "../support/deadline.ts";
import { LatePath } from "../support/late_path.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { type ReportRow, SegmentRows } from "../support/segment_rows.ts";
import type { Endpoint, Segment } from "../support/tcp_reference.ts";
import { Tcpdump } from "../support/tcpdump.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { type ExpectedRow, readWithTshark } from "../support/tshark.ts";
import { type Marks, marksOfRow, tcpOf } from "../support/tshark_tcp.ts";

const PEER = join(PROJECT, "tests", "support", "tcp_peer.pl");
const LIMIT_MS = 240_000;

/** Ports of tcp_peer.pl. */
const SINK = 7001, SLOW = 7002, RESET = 7003, IDLE = 7004, CLOSED = 7009, SILENT = 7010;
/** Ports that nmap asks for. */
const SCANNED = 498;
const SCAN = `20001-${20_000 + SCANNED}`;

/** One packet in so many with payload for the sink is dropped behind the taps of side b. */
const LOSS = 11;

Deno.test("conversations, connections and tcp say what tshark says of real connections", async () => {
  await using rig = await NetnsPair.create();
  using directory = TempDirectory.create();
  await losePackets(rig);
  const server = rig.b.start(["perl", PEER, "serve", rig.b.ipv4, rig.b.ipv6]);
  await server.until("the servers", LIMIT_MS, (it) => it.stdout.includes("ready"));
  const recording = await Recording.start(rig.b, directory.path, ["--json"]);
  const dump = await Tcpdump.start(rig.b, directory.file("all.pcap"), "inout");

  await rig.a.check(["perl", PEER, "connect", rig.b.ipv4, rig.b.ipv6], { limitMs: LIMIT_MS });
  const scan = ["nmap", "-sS", "-Pn", "-n", "--max-retries", "3", "-p", SCAN, rig.b.ipv4];
  await rig.a.check(scan, { limitMs: LIMIT_MS });
  await connectionsEnd([rig.a, rig.b]);

  equal((await dump.stop()).dropped, 0);
  equal((await recording.stopWithReport()).packets_dropped, 0);
  const packets = await byTime(dump.path, directory);
  const { marks, streams } = await tcpOf(packets);
  const ours = (report: string, ...flags: string[]) => rowsOf(report, recording.output, ...flags);

  // The packets that tcpdump saw, with its times: whatever depends on these must be equal too.
  using copy = await SegmentRows.create();
  await copy.set((await readWithTshark(packets)).flatMap(segmentOf));
  compare(marksOf(await copy.ask(TCP)), marks);
  const lossy = [...marks].filter(([name]) => name.endsWith(`:${SINK}`)).map(([, one]) => one);
  equal(lossy.length, 2);
  for (const { retransmission, out_of_order } of lossy) {
    ok(retransmission + out_of_order > 5, `${retransmission} and ${out_of_order} late segments`);
  }
  ok(lossy.some(({ retransmission }) => retransmission > 0));

  compare(withoutOrder(marksOf(await ours("tcp"))), withoutOrder(marks));

  const states = new Map<string, string[]>();
  const connections = await ours("connections");
  equal(connections.length, streams.size);
  for (const { server_ip, server_port, state } of connections) {
    const family = String(server_ip).includes(":") ? 6 : 4;
    const key = Number(server_port) > 20_000 ? "scanned" : `${server_port} by ${family}`;
    states.set(key, [...new Set([...states.get(key) ?? [], String(state)])]);
  }
  const expected = [[SINK, "closed"], [SLOW, "closed"], [RESET, "reset"], [IDLE, "closed"], [
    CLOSED,
    "refused",
  ], [SILENT, "unanswered"]].flatMap(([port, state]) =>
    [4, 6].map((family): [string, string[]] => [`${port} by ${family}`, [String(state)]])
  );
  deepEqual(states, new Map([...expected, ["scanned", ["refused"]]]));

  const failed = await ours("connections", "--state", "failed");
  const scanned = failed.filter(({ server_port_count }) => server_port_count !== 1);
  deepEqual(
    scanned.map((row) => [row.client_ip, row.server_ip, row.state, row.server_port_count]),
    [
      [rig.a.ipv4, rig.b.ipv4, "refused", SCANNED + 1],
    ],
  );

  const bySize = (await ours("conversations")).filter(({ protocol }) => protocol === "TCP");
  const conversations = new Map(bySize.map((row) => [`${row.a_ip}:${row.a_port}`, row]));
  for (const [name, { packets, bytes }] of marks) {
    const [source, destination] = name.split(" > ") as [string, string];
    const [row, way] = conversations.has(source)
      ? [conversations.get(source)!, "a"]
      : [conversations.get(destination)!, "b"];
    deepEqual([name, row[`packets_from_${way}`], row[`bytes_from_${way}`]], [name, packets, bytes]);
  }

  // Of the recording and of tcpdump's times, which are taken a little later, and once in a while much later:
  // between the two a host may take the CPU away.
  const apart: string[] = [];
  const handshakes = connections.filter(({ handshake_seconds }) => handshake_seconds !== null);
  for (const { client_ip, client_port, handshake_seconds, syn_count } of handshakes) {
    if (syn_count !== 1) continue;
    const client = `${client_ip}:${client_port}`;
    const stream = [...streams.values()].find((one) => one.client === client)!;
    const difference = Math.abs(Number(handshake_seconds) - stream.initialRtt!);
    const told = `${client}: ${handshake_seconds} s, tshark ${stream.initialRtt} s`;
    ok(difference < 0.5, told);
    if (difference >= 0.05) apart.push(told);
  }
  ok(apart.length <= 1, apart.join("\n"));
  ok(handshakes.length >= 8, `${handshakes.length} handshakes`);
});

Deno.test("tcp says what tshark says of real connections whose segments come out of order", async () => {
  await using rig = await NetnsPair.create();
  await using path = await LatePath.create(rig);
  using directory = TempDirectory.create();
  const { a, b } = path;
  const server = b.start(["perl", PEER, "serve", b.ipv4, b.ipv6]);
  await server.until("the servers", LIMIT_MS, (it) => it.stdout.includes("ready"));
  const recording = await Recording.start(b, directory.path, ["--json"]);
  const dump = await Tcpdump.start(b, directory.file("all.pcap"), "inout");

  await a.check(["perl", PEER, "bulk", b.ipv4, b.ipv6], { limitMs: LIMIT_MS });
  await connectionsEnd([a, b]);
  const { behindOne, behindTwo, dropped } = await path.stop();

  equal((await dump.stop()).dropped, 0);
  equal((await recording.stopWithReport()).packets_dropped, 0);
  const packets = await byTime(dump.path, directory);
  const { marks } = await tcpOf(packets);
  ok(Math.min(behindOne, behindTwo, dropped) >= 10, `${behindOne}, ${behindTwo}, ${dropped}`);

  using copy = await SegmentRows.create();
  await copy.set((await readWithTshark(packets)).flatMap(segmentOf));
  compare(marksOf(await copy.ask(TCP)), marks);
  const recorded = marksOf(await rowsOf("tcp", recording.output));
  compare(withoutOrder(recorded), withoutOrder(marks));

  // Both ways over both families.
  equal(marks.size, 8);
  for (const found of [marks, recorded]) {
    const toSink = [...found].filter(([name]) => name.endsWith(`:${SINK}`)).map(([, one]) => one);
    const sum = (mark: keyof Marks) => toSink.reduce((sum, one) => sum + one[mark], 0);
    const late = sum("retransmission") + sum("out_of_order");
    ok(late >= behindOne + behindTwo, `${late} late segments of ${behindOne} and ${behindTwo}`);
    ok(sum("out_of_order") > 0);
  }
});

/** Until then one of two witnesses may see a packet after the end of the other. */
async function connectionsEnd(ends: readonly NetnsEnd[]): Promise<void> {
  for (const end of ends) {
    await waitFor("the end of all connections", LIMIT_MS, async () => {
      const sockets = (await end.check(["ss", "-Htan"])).split("\n").filter(Boolean);
      return sockets.every((line) => /^(LISTEN|TIME-WAIT)/.test(line));
    });
  }
}

/** The report takes packets by their times; what two CPUs hand to tcpdump may be a place off. */
async function byTime(path: string, directory: TempDirectory): Promise<string> {
  const sorted = directory.file("sorted.pcap");
  await check(["reordercap", path, sorted]);
  return sorted;
}

/** One after the other: the difference of a thousand at once takes minutes to work out. */
function compare<T>(found: ReadonlyMap<string, T>, expected: ReadonlyMap<string, T>): void {
  for (const [name, values] of expected) deepEqual([name, found.get(name)], [name, values]);
  equal(found.size, expected.size);
}

/** Side b drops some payload for the sink, and all for the port that does not answer. */
async function losePackets({ b }: NetnsPair): Promise<void> {
  await b.check([
    "nft",
    [
      "add table inet loss",
      "add chain inet loss input { type filter hook input priority 0 ; }",
      `add rule inet loss input tcp dport ${SINK} meta length > 200 numgen inc mod ${LOSS} 0 drop`,
      `add rule inet loss input tcp dport ${SILENT} drop`,
    ].join("; "),
  ]);
}

async function rowsOf(report: string, file: string, ...flags: string[]): Promise<ReportRow[]> {
  const argv = inspector("stats", report, "-f", file, "--json", "-n", "0", ...flags);
  return JSON.parse(await check(argv, { limitMs: LIMIT_MS })) as ReportRow[];
}

/** A packet of tshark's as one of the reports; none if it is not of TCP. */
function segmentOf({ timestamp, values }: ExpectedRow): Segment[] {
  if (values.tcp_flags === null) return [];
  const [source, destination] = (["source", "destination"] as const).map((end) => ({
    ip: String(values[`${end}_ip`]),
    port: Number(values[`${end}_port`]),
  })) as [Endpoint, Endpoint];
  return [{
    time: timestamp,
    interface: "eth0",
    direction: "ingress",
    source,
    destination,
    flags: Number(values.tcp_flags),
    seq: Number(values.tcp_sequence),
    ack: Number(values.tcp_acknowledgment),
    window: Number(values.tcp_window),
    length: Number(values.payload_length),
    wire: 1,
    bytes: Number(values.packet_length),
  }];
}

/** Rows of `tcp` by `10.0.0.1:80 > 10.0.0.2:51000`. */
function marksOf(rows: readonly ReportRow[]): Map<string, Marks> {
  return new Map(
    rows.filter(({ source_ip }) => source_ip !== null).map((row) => {
      const source = `${row.source_ip}:${row.source_port}`;
      return [`${source} > ${row.destination_ip}:${row.destination_port}`, marksOfRow(row)];
    }),
  );
}

/**
 * What does not depend on the times of a witness. What is late may be reordered for one and retransmitted for
 * the other. And between the hook and the tap a CPU may do something else for long: then an acknowledgment
 * that comes in is before what is sent again at that moment for one, and behind it for the other.
 */
function withoutOrder(marks: ReadonlyMap<string, Marks>) {
  return new Map([...marks].map(([name, one]) => {
    const {
      retransmission,
      out_of_order,
      fast_retransmission: _,
      spurious_retransmission: __,
      ...rest
    } = one;
    return [name, { ...rest, late: retransmission + out_of_order }];
  }));
}
