/**
 * The counts of a recording against those of the interface itself (`ip -s -s link`), for ping, HTTP,
 * and bulk TCP and UDP in both directions over IPv4 and IPv6.
 *
 * What equals what, on a veth pair:
 *  - Packets: a row is what the interface counts as a packet: a socket buffer. With segmentation
 *    offload that is up to 64 KiB that a wire would carry in `segments` packets; without, it is one
 *    packet on the wire.
 *  - Bytes sent, and bytes received at generic XDP and TC: the sum of `packet_length`.
 *  - Bytes received at native XDP: the same less 14 for each packet. In that mode the driver counts
 *    behind the Ethernet header (veth_xdp_rcv() in drivers/net/veth.c, after eth_type_trans()).
 *  - The sum of `segments`: TCP segments of the sender. XDP cannot know them and says 1. With native
 *    XDP on the receiving end a veth pair takes no segmented buffers, so that 1 is right there.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { type JsonReport, Recording } from "../support/inspector_cli.ts";
import {
  countedBetween,
  inSilence,
  type InterfaceCounters,
  readInterfaceCounters,
  readSentSegments,
  untilSilent,
} from "../support/interface_counters.ts";
import { iperf } from "../support/iperf.ts";
import { NetnsPair } from "../support/netns.ts";
import { query } from "../support/parquet_rows.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { exchange, ping, startServers } from "../support/traffic.ts";

const ETHERNET_HEADER_BYTES = 14;
/** Ethernet header and MTU. */
const LONGEST_WIRE_PACKET = 14 + 1500;

/** Counts of one direction, from the rows. */
interface Recorded {
  readonly packets: number;
  readonly bytes: number;
  readonly longest: number;
  readonly mostSegments: number;
  readonly tcpSegments: number;
}

/** The part of the report that is about one direction. */
interface DirectionReport {
  readonly direction: string;
  readonly packets_seen: number;
  readonly packets_captured: number;
  readonly packets_dropped: number;
  readonly packets_sampled_out: number;
  readonly packets_filtered: number;
  readonly bytes_captured: number;
}

interface Case {
  readonly mode: "native" | "generic" | "tc";
  readonly offloads: boolean;
  /** Whether buffers of several segments reach the hook of the receiver. */
  readonly mergedIngress: boolean;
  /** Whether they leave. */
  readonly mergedEgress: boolean;
}

const CASES: readonly Case[] = [
  { mode: "native", offloads: false, mergedIngress: false, mergedEgress: false },
  { mode: "tc", offloads: false, mergedIngress: false, mergedEgress: false },
  { mode: "native", offloads: true, mergedIngress: false, mergedEgress: true },
  { mode: "generic", offloads: true, mergedIngress: true, mergedEgress: true },
  { mode: "tc", offloads: true, mergedIngress: true, mergedEgress: true },
];

/** Rows of each direction. */
async function recordedIn(path: string): Promise<Record<"ingress" | "egress", Recorded>> {
  const rows = await query(
    path,
    `SELECT direction, count(*)::INTEGER AS packets, sum(packet_length)::INTEGER AS bytes,
            max(packet_length) AS longest, max(segments) AS "mostSegments",
            sum(segments) FILTER (protocol = 'TCP')::INTEGER AS "tcpSegments"
     FROM packets GROUP BY direction`,
  );
  return Object.fromEntries(rows.map(({ direction, ...counts }) => [direction, counts])) as never;
}

/** Every kind of traffic must be there in both directions, or equal counts would say little. */
async function holdsAllTraffic(path: string): Promise<void> {
  const kinds = await query(
    path,
    `SELECT DISTINCT direction || ' ' || protocol || ' ' || ip_version AS kind FROM packets
     WHERE protocol IN ('TCP', 'UDP', 'ICMP') OR icmp_type IN (128, 129) ORDER BY kind`,
  );
  const each = ["ICMP 4", "ICMPv6 6", "TCP 4", "TCP 6", "UDP 4", "UDP 6"];
  deepEqual(
    kinds.map(({ kind }) => kind),
    ["egress", "ingress"].flatMap((direction) => each.map((kind) => `${direction} ${kind}`)),
  );
}

/** Nothing lost, and the sums of the report hold, in all and for each direction. */
function addsUp(report: JsonReport, recorded: Record<string, Recorded>): void {
  const { interfaces } = report as unknown as { interfaces: DirectionReport[] };
  for (const part of [report, ...interfaces]) {
    equal(part.packets_seen, part.packets_captured);
    const lost = [part.packets_dropped, part.packets_sampled_out, part.packets_filtered];
    deepEqual(lost, [0, 0, 0]);
  }
  deepEqual(interfaces.map(({ direction }) => direction), ["ingress", "egress"]);
  for (const { direction, packets_captured, bytes_captured } of interfaces) {
    const { packets, bytes } = recorded[direction]!;
    deepEqual([packets_captured, bytes_captured], [packets, bytes]);
  }
  const sum = (key: "packets_captured" | "bytes_captured") =>
    interfaces.reduce((total, part) => total + part[key], 0);
  deepEqual(
    [report.rows_written, report.packets_captured, report.bytes_captured],
    [sum("packets_captured"), sum("packets_captured"), sum("bytes_captured")],
  );
}

/** What the interface must have counted for the rows. */
function countersOf(recorded: Record<"ingress" | "egress", Recorded>, mode: string): unknown {
  const { ingress, egress } = recorded;
  const uncounted = mode === "native" ? ETHERNET_HEADER_BYTES * ingress.packets : 0;
  return {
    ingress: { packets: ingress.packets, bytes: ingress.bytes - uncounted, lost: 0 },
    egress: { packets: egress.packets, bytes: egress.bytes, lost: 0 },
  } satisfies InterfaceCounters;
}

for (const { mode, offloads, mergedIngress, mergedEgress } of CASES) {
  const how = `--mode ${mode}, offloads ${offloads ? "on" : "off"}`;
  Deno.test(`record counts what the interface counts (${how})`, async () => {
    await using rig = await NetnsPair.create({ offloads });
    using directory = TempDirectory.create();
    await startServers(rig);
    const args = ["--json", "--direction", "inout", "--mode", mode];
    const recording = await inSilence(
      rig.b,
      () => Recording.start(rig.b, directory.path, args),
    );
    const before = await readInterfaceCounters(rig.b);
    const senderBefore = await readInterfaceCounters(rig.a);
    const sentBefore = await Promise.all([rig.a, rig.b].map(readSentSegments));

    await ping(rig, 5);
    await exchange(rig, 10);
    await iperf(rig);

    const after = await untilSilent(rig.b);
    const senderAfter = await readInterfaceCounters(rig.a);
    const sentAfter = await Promise.all([rig.a, rig.b].map(readSentSegments));
    const report = await inSilence(rig.b, () => recording.stopWithReport());

    const recorded = await recordedIn(recording.output);
    await holdsAllTraffic(recording.output);
    addsUp(report, recorded);
    deepEqual(countedBetween(before, after), countersOf(recorded, mode));

    const { ingress, egress } = recorded;
    const [sentByA, sentByB] = sentAfter.map((sent, index) => sent - sentBefore[index]!);
    equal(egress.tcpSegments, sentByB);
    equal(egress.mostSegments > 1, mergedEgress);
    equal(egress.longest > LONGEST_WIRE_PACKET, mergedEgress);
    equal(ingress.longest > LONGEST_WIRE_PACKET, mergedIngress);
    if (mode === "generic") {
      equal(ingress.mostSegments, 1);
    } else {
      // What the sender's side of the pair could not hand over never came here.
      const lost = countedBetween(senderBefore, senderAfter).egress.lost;
      const missing = sentByA! - ingress.tcpSegments;
      ok(missing >= 0 && missing <= lost, `${missing} segments missing, ${lost} packets lost`);
    }
    if (mode === "tc") equal(ingress.mostSegments > 1, mergedIngress);
    ok(egress.packets + ingress.packets > 1_000);
  });
}
