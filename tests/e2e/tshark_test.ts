/**
 * Every column of the file against what tshark says of the same traffic, captured by tcpdump at the
 * same time on the same interface.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { COLUMNS } from "../../src/contract/columns.ts";
import { CLOCK_TOLERANCE_NS, clocksAgree } from "../support/clock_agreement.ts";
import { Recording } from "../support/inspector_cli.ts";
import { NetnsPair } from "../support/netns.ts";
import { readRows, type Row } from "../support/parquet_rows.ts";
import { bytes, pcapFile, udpFrame } from "../support/pcap.ts";
import { Tcpdump } from "../support/tcpdump.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { exchange, ping, startServers } from "../support/traffic.ts";
import { type ExpectedRow, readWithTshark } from "../support/tshark.ts";

Deno.test("record writes what tshark says of the same HTTP, UDP, ping, ARP and ND traffic", async () => {
  await using rig = await NetnsPair.create({ neighbours: false });
  const { rows, received, sent } = await witness(rig, async () => {
    await startServers(rig);
    await exchange(rig, 12);
    await ping(rig, 4);
  });

  compare("ingress", rows, received);
  compare("egress", rows, sent);
  equal(rows.length, received.length + sent.length);
  // The comparison would hold of nothing: each kind of traffic is really there.
  const kinds = new Set(rows.map((row) => `${row.direction} ${row.protocol} ${row.ip_version}`));
  for (const direction of ["ingress", "egress"]) {
    for (const kind of ["TCP 4", "TCP 6", "UDP 4", "UDP 6", "ICMP 4", "ICMPv6 6", "ARP null"]) {
      ok(kinds.has(`${direction} ${kind}`), `no ${direction} ${kind} in ${[...kinds]}`);
    }
  }
  for (const version of [4, 6]) {
    ok(rows.some((row) => row.is_fragment === true && row.ip_version === version));
  }
  ok(rows.some((row) => row.ttl === 33 && row.dscp === 46 && row.ecn === 1));
});

Deno.test("record writes what tshark says of VLAN tags, IP options and frames without IP", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const path = directory.file("crafted.pcap");
  Deno.writeFileSync(path, pcapFile(craftedFrames(rig)));

  const { rows, received } = await witness(rig, async () => {
    await rig.a.check(["tcpreplay", "-q", "-i", rig.a.interface, "--pps=500", path]);
  });

  compare("ingress", rows, received);
  const ingress = rows.filter((row) => row.direction === "ingress");
  deepEqual(ingress.map((row) => [row.vlan_id, row.ethertype, row.protocol, row.payload_length]), [
    [null, 0x0800, "UDP", 10], // padded to 60 bytes: padding is not payload
    [100, 0x0800, "UDP", 20],
    [4094, 0x0800, "UDP", 30],
    [5, 0x0806, "ARP", null],
    [null, 0x88b5, "ETH-0x88b5", null],
    [null, null, "LLC", null],
    [null, 0x0800, "TCP", 4],
  ]);
});

Deno.test("record counts the segments of what the kernel sends in one piece", async () => {
  await using rig = await NetnsPair.create({ offloads: true });
  const { rows, sent } = await witness(rig, async () => {
    await startServers(rig);
    await exchange(rig, 5); // the largest answer has 10,000 bytes: seven segments, one packet
  });
  compare("egress", rows, sent, segmentsOf);
  ok(rows.some((row) => row.direction === "egress" && row.segments as number >= 7));
});

/** Wire packets that TCP makes of a row, by MTU 1500, IP and TCP headers, and a 12-byte timestamp. */
function segmentsOf(row: Row): number {
  if (row.protocol !== "TCP") return 1;
  const segmentSize = 1500 - (row.ip_version === 4 ? 20 : 40) - 20 - 12;
  return Math.max(1, Math.ceil(row.payload_length as number / segmentSize));
}

/** Frames that no socket of the rig would send. */
function craftedFrames({ a, b }: NetnsPair): Uint8Array[] {
  const datagram = (payload: number, tags = "") =>
    udpFrame({
      destinationMac: b.mac,
      sourceMac: a.mac,
      source: a.ipv4,
      destination: b.ipv4,
      sourcePort: 1000,
      destinationPort: 2000 + payload,
      payload: new Uint8Array(payload),
      tags,
    });
  const ethernet = (...rest: string[]) => padded(bytes(b.mac, a.mac, ...rest));
  return [
    padded(datagram(10)),
    datagram(20, "8100 6064"), // priority 3, VLAN 100
    datagram(30, "88a8 0ffe 8100 0007"), // IEEE 802.1ad tag 4094 around 802.1Q tag 7
    ethernet("8100 0005 0806", "0001 0800 06 04 0001", a.mac, "0a5b0001", "000000000000 0a5b0002"),
    ethernet("88b5", "00010203"), // IEEE 802 local experimental EtherType
    ethernet("0026", "42 42 03", "00".repeat(35)), // 802.3 length, spanning tree SAP
    ethernet(
      "0800",
      "46 00 0030 0000 4000 40 06 0000 0a5b0001 0a5b0002 94040000", // IHL 6: router alert option
      "1f90 0050 01020304 a0b0c0d0 50 c2 1000 0000 0000", // CWR ECE SYN
      "61626364",
    ),
  ];
}

/** `frame` filled with zeros to the 60 bytes that Ethernet asks for (IEEE 802.3, 3.2.8). */
function padded(frame: Uint8Array): Uint8Array {
  const full = new Uint8Array(Math.max(60, frame.length));
  full.set(frame);
  return full;
}

/** Runs `traffic` while side b is recorded by the program and by tcpdump. */
async function witness(
  rig: NetnsPair,
  traffic: () => Promise<void>,
): Promise<{ rows: Row[]; received: ExpectedRow[]; sent: ExpectedRow[] }> {
  using directory = TempDirectory.create();
  const recording = await Recording.start(rig.b, directory.path, ["--json"]);
  const dumps = [
    await Tcpdump.start(rig.b, directory.file("in.pcap"), "in"),
    await Tcpdump.start(rig.b, directory.file("out.pcap"), "out"),
  ] as const;
  await traffic();
  for (const dump of dumps) equal((await dump.stop()).dropped, 0);
  const report = await recording.stopWithReport();
  equal(report.packets_dropped, 0);
  const earliest = await Promise.all(dumps.map((dump) => readWithTshark(dump.path)));
  const [received, sent] = earliest as [ExpectedRow[], ExpectedRow[]];
  // The recording began before tcpdump did and ends after it, and the two dumps not at the same time.
  const rows = (await readRows(recording.output)).filter((row) =>
    withinDump(row, row.direction === "ingress" ? received : sent)
  );
  return { rows, received, sent };
}

/** Whether `row` lies in the time in which tcpdump was at work in that direction. */
function withinDump(row: Row, dump: readonly ExpectedRow[]): boolean {
  const times = dump.map((packet) => packet.timestamp);
  const first = times.reduce((low, time) => time < low ? time : low);
  const last = times.reduce((high, time) => time > high ? time : high);
  const time = row.timestamp as bigint;
  return time >= first - CLOCK_TOLERANCE_NS && time <= last + CLOCK_TOLERANCE_NS;
}

/**
 * Compares the rows of one direction with the packets tcpdump saw there. Two CPUs may pass two packets
 * in another order at the two hooks, so packets are matched by all their values, equal ones in order
 * of time; then each pair must be of the same moment. tshark knows nothing of `segments`.
 */
function compare(
  direction: string,
  rows: readonly Row[],
  packets: readonly ExpectedRow[],
  segments: (row: Row) => number = () => 1,
): void {
  const ours = rows.filter((row) => row.direction === direction);
  const names = COLUMNS.map((column) => column.name).filter((name) =>
    !["timestamp", "direction", "interface", "segments"].includes(name)
  );
  const mine = ours.map((row) => ({
    time: row.timestamp as bigint,
    text: names.map((name) => `${name}=${row[name]}`).join(" "),
  }));
  const theirs = packets.map((packet) => ({
    time: packet.timestamp,
    text: names.map((name) => {
      if (!(name in packet.values)) throw new Error(`The oracle has no column "${name}"`);
      return `${name}=${packet.values[name]}`;
    }).join(" "),
  }));
  const difference = {
    onlyOurs: without(mine.map((it) => it.text), theirs.map((it) => it.text)),
    onlyTheirs: without(theirs.map((it) => it.text), mine.map((it) => it.text)),
  };
  deepEqual(difference, { onlyOurs: [], onlyTheirs: [] });
  for (const row of ours) equal(row.segments, segments(row));

  const times = Map.groupBy(theirs, (it) => it.text);
  clocksAgree(mine.map(({ time, text }) => ({
    packet: text,
    ours: time,
    theirs: times.get(text)!.shift()!.time,
  })));
}

/** The members of `all` that are not in `taken`, each as often as it is there too many. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const left = Map.groupBy(taken, (text) => text);
  return all.filter((text) => left.get(text)?.pop() === undefined);
}
