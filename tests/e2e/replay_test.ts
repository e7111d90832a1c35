/**
 * Crafted frames on a wire: tcpreplay sends a pcap file from one namespace to the other, recorded
 * where it leaves and where it arrives, and every column is compared with what tshark says of the file.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { COLUMNS } from "../../src/contract/columns.ts";
import { clocksAgree } from "../support/clock_agreement.ts";
import { ethernet, ETHERTYPE, vlan } from "../support/frames/link.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ipv6 } from "../support/frames/ipv6.ts";
import { concat, filler } from "../support/frames/octets.ts";
import {
  ACKNOWLEDGMENT,
  DESTINATION_PORT,
  PROTOCOL,
  SEQUENCE,
  SOURCE_PORT,
  udp,
  WINDOW,
} from "../support/frames/transport.ts";
import { Recording } from "../support/inspector_cli.ts";
import { type NetnsEnd, NetnsPair } from "../support/netns.ts";
import { readRows, type Row } from "../support/parquet_rows.ts";
import { Pcapng } from "../support/packet_files.ts";
import { packetFileRows } from "../support/packet_file_rows.ts";
import { pcapFile } from "../support/pcap.ts";
import { type NamedFrame, REPLAY_FRAMES, REPLAY_MTU } from "../support/replay_frames.ts";
import { compileNeighbours, TcxNeighbour } from "../support/tcx_neighbour.ts";
import { Tcpdump } from "../support/tcpdump.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { readWithTshark } from "../support/tshark.ts";

/** Columns that say where and when, which no pcap file knows. */
const RECORDER_COLUMNS: readonly string[] = ["timestamp", "direction", "interface", "segments"];

type Values = Readonly<Record<string, Row[string]>>;

/** What a recording says in another way than tshark, on purpose. */
interface Difference {
  readonly because: string;
  readonly frame: RegExp;
  /** How many frames it is about. */
  readonly frames: number;
  /** The columns that differ, as recorded. */
  readonly recorded: Values;
}

const IPV4_COLUMNS: Values = {
  ip_version: 4,
  source_ip: "198.51.100.7",
  destination_ip: "203.0.113.9",
  protocol: "UDP",
  ip_protocol: 17,
  ttl: 64,
  dscp: 0,
  ecn: 0,
  is_fragment: false,
};
const PORT_COLUMNS: Values = { source_port: SOURCE_PORT, destination_port: DESTINATION_PORT };

const TCP_COLUMNS: Values = {
  ...PORT_COLUMNS,
  tcp_flags: 0x18,
  tcp_sequence: SEQUENCE,
  tcp_acknowledgment: ACKNOWLEDGMENT,
  tcp_window: WINDOW,
};
const NO_DATAGRAM: Values = Object.fromEntries(
  [...Object.keys({ ...IPV4_COLUMNS, ...PORT_COLUMNS }), "payload_length"].map((
    name,
  ) => [name, null]),
);

const DIFFERENCES: readonly Difference[] = [
  {
    because: "tshark reads nothing of an 802.1ad tag that is not whole; its identifier is there",
    frame: /^two VLAN tags cut to 1[67] /,
    frames: 2,
    recorded: { vlan_id: 100 },
  },
  {
    because: "the same of the outermost of several",
    frame: /^four VLAN tags cut to 1[67] /,
    frames: 2,
    recorded: { vlan_id: 1 },
  },
  {
    because: "tshark ends the frame at its 802.3 length; the datagram has a length of its own",
    frame: /^a length field of 8 before SNAP$/,
    frames: 1,
    recorded: { ...IPV4_COLUMNS, ...PORT_COLUMNS, payload_length: 6 },
  },
  {
    because: "tshark goes on behind a PPPoE header that is not that of session data: RFC 2516, 4",
    frame: /^PPPoE (of version and type|with the code of a discovery packet)/,
    frames: 5,
    recorded: { ...NO_DATAGRAM, protocol: "PPPoE" },
  },
  {
    because: "tshark gives up at a length of 4 GiB; the headers are there",
    frame: /^a jumbogram of the largest length$/,
    frames: 1,
    recorded: { ...TCP_COLUMNS, protocol: "TCP", ip_protocol: PROTOCOL.TCP },
  },
  {
    because: "tshark takes no IPv4 header with options cut off; its first 20 bytes are there",
    frame: /^IPv4 with options and UDP cut to (3[4-9]|4[0-5]) /,
    frames: 12,
    recorded: IPV4_COLUMNS,
  },
  {
    because: "tshark gives up where the total length is below the header's; the header is there",
    frame: /^an IPv4 (total length (of (0|1|19)$|that ends in the options)|header longer than its)/,
    frames: 5,
    recorded: IPV4_COLUMNS,
  },
  {
    because: "tshark goes no further than a mobility header; RFC 6275 lets others follow one day",
    frame: /^an IPv6 header of mobility$/,
    frames: 1,
    recorded: PORT_COLUMNS,
  },
  {
    because: "tshark gives up at a TCP data offset below 5; the fixed header is there",
    frame: /^a TCP data offset of [04] /,
    frames: 4,
    recorded: { tcp_flags: 0x18, tcp_acknowledgment: ACKNOWLEDGMENT, tcp_window: WINDOW },
  },
  {
    because: "tshark wants the whole common header of SCTP; the ports are there",
    frame: /^11 bytes of SCTP /,
    frames: 2,
    recorded: PORT_COLUMNS,
  },
  {
    because: "tshark wants the checksum of ICMP too; type and code are there",
    frame: /^2 bytes of ICMP /,
    frames: 2,
    recorded: { icmp_type: 5, icmp_code: 1 },
  },
];

/** Columns of a row that tshark was asked about too. */
function comparable(row: Values): Values {
  const names = COLUMNS.map(({ name }) => name).filter((name) => !RECORDER_COLUMNS.includes(name));
  return Object.fromEntries(names.map((name) => {
    if (!(name in row)) throw new Error(`There is no column "${name}"`);
    return [name, row[name]!];
  }));
}

/** The rows that tshark and {@linkcode DIFFERENCES} make one expect of the frames of `path`. */
async function expectedRows(path: string, frames: readonly NamedFrame[]): Promise<Values[]> {
  const packets = await readWithTshark(path);
  equal(packets.length, frames.length);
  for (const { frame, frames: count, because } of DIFFERENCES) {
    equal(frames.filter(({ name }) => frame.test(name)).length, count, because);
  }
  return packets.map(({ values }, index) => {
    const found = DIFFERENCES.filter(({ frame }) => frame.test(frames[index]!.name));
    return comparable(Object.assign({}, values, ...found.map(({ recorded }) => recorded)));
  });
}

/**
 * Whether the kernel lets an arriving frame pass to TC and to tcpdump. It takes the outer tag out before
 * that, and drops what has less than the tag and two bytes (skb_vlan_untag() in net/core/skbuff.c).
 */
function passesUntagging({ frame }: NamedFrame): boolean {
  const type = frame[12]! << 8 | frame[13]!;
  const isTag = type === ETHERTYPE.VLAN || type === ETHERTYPE.SERVICE_VLAN;
  return !isTag || frame.length >= 20;
}

/** What was recorded at one hook, and the times at which tcpdump saw the packets there. */
interface Witnessed {
  readonly rows: Row[];
  readonly times: bigint[];
}

/** The interface and the hook at which the frames are seen, and how many. */
interface Place {
  readonly end: NetnsEnd;
  readonly direction: "in" | "out";
  readonly hook: string;
  readonly flags: readonly string[];
  readonly recorded: number;
  readonly dumped: number;
}

/** Records and dumps at all `places` while the traffic runs. */
async function witness(
  places: readonly Place[],
  traffic: () => Promise<void>,
): Promise<Witnessed[]> {
  using directories = new DisposableStack();
  const witnesses = await Promise.all(places.map(async ({ end, direction, flags }) => {
    const directory = directories.use(TempDirectory.create());
    const args = ["--json", "-Q", direction, ...flags];
    const recording = await Recording.start(end, directory.path, args);
    const dump = await Tcpdump.start(end, directory.file("dump.pcap"), direction);
    return { recording, dump };
  }));
  await traffic();
  return await Promise.all(witnesses.map(async ({ recording, dump }, index) => {
    const { hook, recorded, dumped } = places[index]!;
    deepEqual(await dump.stop(), { captured: dumped, dropped: 0 });
    const report = await recording.stopWithReport();
    deepEqual([report.packets_seen, report.packets_dropped], [recorded, 0]);
    const { stderr } = recording.process;
    ok(stderr.includes(` ${hook} to "`), stderr);
    const times = (await readWithTshark(dump.path)).map(({ timestamp }) => timestamp);
    const rows = await readRows(recording.output);
    const bytes = rows.reduce((sum, row) => sum + (row.packet_length as number), 0);
    equal(report.bytes_captured, bytes);
    return { rows, times };
  }));
}

/** Sends the frames of the pcap file at `path`, all of them, from side a. */
async function replay(rig: NetnsPair, path: string, frames: number): Promise<void> {
  // On one CPU, so that what is sent in order also arrives in order.
  const pinned = ["taskset", "-c", "0", "tcpreplay", "-i", rig.a.interface, "--pps=2000", path];
  const report = await rig.a.check(pinned);
  match(report, new RegExp(`Successful packets: +${frames}\n`));
}

/** Compares row by row, in order, and names the frame of each that is wrong. */
function compareRows(
  rows: readonly Row[],
  expected: readonly Values[],
  frames: readonly NamedFrame[],
): void {
  equal(rows.length, expected.length);
  const wrong = rows.flatMap((row, index) => {
    const want = expected[index]!;
    const names = Object.keys(want).filter((name) => row[name] !== want[name]);
    const texts = names.map((name) => `${name} ${row[name]}, tshark says ${want[name]}`);
    return texts.length === 0 ? [] : [`${frames[index]!.name}: ${texts.join("; ")}`];
  });
  deepEqual(wrong, []);
  for (const row of rows) equal(row.segments, 1);
}

/** Holds the clock of the rows against the kernel's own stamps that tcpdump has. */
function compareTimes(rows: readonly Row[], times: readonly bigint[]): void {
  equal(rows.length, times.length);
  clocksAgree(rows.map((row, index) => ({
    packet: `packet ${index}`,
    ours: row.timestamp as bigint,
    theirs: times[index]!,
  })));
}

for (const mode of ["native", "generic", "tc"]) {
  Deno.test(`record --mode ${mode} writes what tshark says of replayed frames of all kinds`, async () => {
    await using rig = await NetnsPair.create({ ipv6: false });
    using directory = TempDirectory.create();
    for (const end of [rig.a, rig.b]) {
      await end.check(["ip", "link", "set", end.interface, "mtu", String(REPLAY_MTU)]);
    }
    const path = directory.file("frames.pcap");
    Deno.writeFileSync(path, pcapFile(REPLAY_FRAMES.map(({ frame }) => frame)));
    const expected = await expectedRows(path, REPLAY_FRAMES);
    ok(REPLAY_FRAMES.length >= 500);
    const dumped = REPLAY_FRAMES.filter(passesUntagging).length;
    const hook = mode === "tc" ? "ingress tcx" : `ingress xdp/${mode}`;
    const seen = mode === "tc" ? REPLAY_FRAMES.map(passesUntagging) : REPLAY_FRAMES.map(() => true);

    const [sent, received] = await witness([
      {
        ...{ end: rig.a, direction: "out", hook: "egress tcx", flags: [] },
        ...{ recorded: REPLAY_FRAMES.length, dumped: REPLAY_FRAMES.length },
      },
      {
        ...{ end: rig.b, direction: "in", hook, flags: ["--mode", mode] },
        ...{ recorded: seen.filter(Boolean).length, dumped },
      },
    ], () => replay(rig, path, REPLAY_FRAMES.length));

    compareRows(sent!.rows, expected, REPLAY_FRAMES);
    compareTimes(sent!.rows, sent!.times);
    const frames = REPLAY_FRAMES.filter((_, index) => seen[index]);
    compareRows(received!.rows, expected.filter((_, index) => seen[index]), frames);
    compareTimes(
      received!.rows.filter((_, index) => passesUntagging(frames[index]!)),
      received!.times,
    );
  });
}

Deno.test("a packet file has the rows of a recording of its frames, which are what tshark says", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("frames.pcap");
  const frames = REPLAY_FRAMES.map(({ frame }) => frame);
  Deno.writeFileSync(path, pcapFile(frames));
  const expected = await expectedRows(path, REPLAY_FRAMES);
  const rows = await packetFileRows(path);
  compareRows(rows, expected, REPLAY_FRAMES);
  // Of these times tshark is sure, as it is of no recording's.
  const times = (await readWithTshark(path)).map(({ timestamp }) => timestamp);
  deepEqual(rows.map((row) => row.timestamp), times);

  const ng = new Pcapng();
  const blocks = frames.map((data, index) => ng.packet({ data, at: BigInt(index) }));
  const other = Uint8Array.from(concat(ng.section(), ng.interface(), ...blocks));
  Deno.writeFileSync(directory.file("frames.pcapng"), other);
  compareRows(await packetFileRows(directory.file("frames.pcapng")), expected, REPLAY_FRAMES);
});

/** What each hook of the receiver knows of a tag that is not in the frame. */
const STRIPPED_MODES: Readonly<Record<string, { vlan_id: number | null; tagBytes: number }>> = {
  native: { vlan_id: null, tagBytes: 0 },
  generic: { vlan_id: null, tagBytes: 0 },
  tc: { vlan_id: 300, tagBytes: 4 },
};

Deno.test("record tells the tag in the metadata of a packet at TC, and NULL at XDP where no tag is left", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const payload = udp(filler(20));
  // One without a tag, one whose own tag becomes the inner one, and IPv6.
  const frames = [
    ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, payload)),
    ethernet(ETHERTYPE.VLAN, vlan(44, ETHERTYPE.IPV4), ipv4({ protocol: PROTOCOL.UDP }, payload)),
    ethernet(ETHERTYPE.IPV6, ipv6({ next: PROTOCOL.UDP }, payload)),
  ];
  const path = directory.file("frames.pcap");
  Deno.writeFileSync(path, pcapFile(frames));
  // A tag that a program adds stays in the metadata all the way through the veth pair.
  await TcxNeighbour.start(rig.a, await compileNeighbours(directory), "egress", {
    ...{ program: "push_tag", parameter: 300 },
  });
  for (const [mode, { vlan_id, tagBytes }] of Object.entries(STRIPPED_MODES)) {
    const hook = mode === "tc" ? "ingress tcx" : `ingress xdp/${mode}`;
    const counts = { recorded: frames.length, dumped: frames.length };
    const [sent, received] = await witness([
      { end: rig.a, direction: "out", hook: "egress tcx", flags: [], ...counts },
      { end: rig.b, direction: "in", hook, flags: ["--mode", mode], ...counts },
    ], () => replay(rig, path, frames.length));

    const shown = (
      row: Row,
    ) => [row.vlan_id, row.ethertype, row.destination_port, row.packet_length];
    const lengths = frames.map((frame) => frame.length);
    // Ours is behind the program that adds the tag.
    deepEqual(sent!.rows.map(shown), [
      [300, ETHERTYPE.IPV4, DESTINATION_PORT, lengths[0]! + 4],
      [300, ETHERTYPE.IPV4, DESTINATION_PORT, lengths[1]! + 4],
      [300, ETHERTYPE.IPV6, DESTINATION_PORT, lengths[2]! + 4],
    ]);
    deepEqual(received!.rows.map(shown), [
      [vlan_id, ETHERTYPE.IPV4, DESTINATION_PORT, lengths[0]! + tagBytes],
      // The frame's own tag, now the inner one, is the outermost that XDP can see.
      [vlan_id ?? 44, ETHERTYPE.IPV4, DESTINATION_PORT, lengths[1]! + tagBytes],
      [vlan_id, ETHERTYPE.IPV6, DESTINATION_PORT, lengths[2]! + tagBytes],
    ], mode);
  }
});

Deno.test("record sees a tag at XDP on a veth where the other end writes it into the packet, whatever rxvlan says", async () => {
  await using rig = await NetnsPair.create({ ipv6: false });
  using directory = TempDirectory.create();
  const frames = [
    ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp(filler(20)))),
  ];
  const path = directory.file("frames.pcap");
  Deno.writeFileSync(path, pcapFile(frames));
  await TcxNeighbour.start(rig.a, await compileNeighbours(directory), "egress", {
    ...{ program: "push_tag", parameter: 300 },
  });
  const set = ({ check, interface: name }: NetnsEnd, feature: string, state: string) =>
    check(["ethtool", "-K", name, feature, state]);
  for (
    const [rxvlan, txvlan, vlan_id] of [
      ["on", "on", null],
      ["off", "on", null],
      ["on", "off", 300],
    ] as const
  ) {
    await set(rig.b, "rxvlan", rxvlan);
    await set(rig.a, "txvlan", txvlan);
    const counts = { recorded: 1, dumped: 1 };
    const [received] = await witness([
      {
        end: rig.b,
        direction: "in",
        hook: "ingress xdp/native",
        flags: ["--mode", "native"],
        ...counts,
      },
    ], () => replay(rig, path, frames.length));
    deepEqual(received!.rows.map((row) => row.vlan_id), [vlan_id], `${rxvlan} ${txvlan}`);
  }
});
