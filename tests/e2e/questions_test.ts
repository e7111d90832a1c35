/** The questions of the manual page, each asked as it stands there. */
import { equal, match } from "node:assert/strict";
import { QUESTIONS } from "../../src/cli/questions.ts";
import { run } from "../support/child_process.ts";
import { type FixturePacket, mixedPackets, START_NS } from "../support/fixture_packets.ts";
import { inspector } from "../support/inspector_cli.ts";
import { metadataOf, writeRecording } from "../support/parquet_fixture.ts";
import { TempDirectory } from "../support/temp_directory.ts";

const MS = 1_000_000n;
const SYN = 2;
const RST = 4;
const ACK = 16;

const HOST = "10.0.0.2";
const SERVER = "10.0.0.1";
const SCANNER = "10.0.0.9";

interface Segment {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly [from: number, to: number];
  readonly flags: number;
  readonly sequence?: number;
  readonly payload?: number;
}

function tcp(milliseconds: number, segment: Segment): FixturePacket {
  const { from, to, ports, flags, sequence = 0, payload = 0 } = segment;
  return {
    timestamp: START_NS + BigInt(milliseconds) * MS,
    direction: to === SERVER ? "ingress" : "egress",
    interface: "eth0",
    packet_length: 54 + payload,
    segments: 1,
    ethertype: 0x0800,
    ip_version: 4,
    source_ip: from,
    destination_ip: to,
    protocol: "TCP",
    ip_protocol: 6,
    ttl: 64,
    dscp: 0,
    ecn: 0,
    is_fragment: false,
    source_port: ports[0],
    destination_port: ports[1],
    tcp_flags: flags,
    tcp_sequence: sequence,
    tcp_acknowledgment: 1,
    tcp_window: 64_240,
    payload_length: payload,
  };
}

/** A connection that takes 251 ms to open and has a segment sent twice, and a scan that is refused. */
function packets(): FixturePacket[] {
  const [there, back] = [[51_001, 443], [443, 51_001]] as const;
  const [client, server] = [{ from: HOST, to: SERVER }, { from: SERVER, to: HOST }];
  const slow = [
    tcp(10, { ...client, ports: there, flags: SYN }),
    tcp(260, { ...server, ports: back, flags: SYN | ACK }),
    tcp(261, { ...client, ports: there, flags: ACK, sequence: 1 }),
    tcp(300, { ...server, ports: back, flags: ACK, sequence: 1, payload: 1000 }),
    tcp(900, { ...server, ports: back, flags: ACK, sequence: 1, payload: 1000 }),
    tcp(901, { ...client, ports: there, flags: ACK, sequence: 1 }),
  ];
  const scan = Array.from({ length: 40 }, (_, number) => [
    tcp(1000 + number, { from: SCANNER, to: SERVER, ports: [40_000, 1 + number], flags: SYN }),
    tcp(1000 + number, {
      ...{ from: SERVER, to: SCANNER, ports: [1 + number, 40_000] as const },
      flags: RST | ACK,
    }),
  ]).flat();
  return [...slow, ...scan, ...mixedPackets()];
}

/** What the answer must say; all of it is in one line of a table. */
const ANSWERS: Readonly<Record<string, RegExp>> = {
  "Who uses the link?": /^10\.0\.0\.2 /m,
  "Who talks with whom?": /^10\.0\.0\.2:51001 +10\.0\.0\.1:443 +TCP /m,
  "What is wrong with it?": /(?:)/,
  "Who uses the bandwidth, over time?": /^2026-11-23 13:54:00\.000 +\S*10\.0\.0\.1 /m,
  "What happened between two times?": /^matched \d+ of 1\d\d packets/m,
  "Which hosts did this one talk to?": /^10\.0\.0\.2:51001 +10\.0\.0\.1:443 +TCP /m,
  "Which connections are slow to open?": /^10\.0\.0\.2:51001 .* 251 ms /m,
  "Who retransmits?": /^10\.0\.0\.1:443 +10\.0\.0\.2:51001 +\d+ +1 /m,
  "Which connections are refused, or not answered?": /^10\.0\.0\.9\S* .* refused +40 /m,
  "Who scans us?": /^10\.0\.0\.9 .* 40 /m,
  "Which services are used?": /^443 +TCP +https /m,
  "How large are the packets, mean and 99 %?": /^all +122 +100 % /m,
  "What has changed since yesterday?": /10\.0\.0\.9/,
  "How much was lost, and where?": /^traffic\.parquet +ring_full +2 /m,
  "Which networks send and receive most?": /^10\.0\.0\.0\/24 /m,
  "Only DNS?": /:53 /,
  "How much in each second?": /^2026-11-23 13:54:01\.000 /m,
  "A file for a colleague?": /(?:)/,
  "All flows for Polars, pandas or a spreadsheet?": /(?:)/,
  "Which interface, and which direction?": /^eth0 +ingress +xdp +native /m,
};

/** Files that an answer leaves, and what they must hold. */
const FILES: Readonly<Record<string, RegExp>> = {
  // What was lost, and the scanner.
  "page.html": /^<!doctype html>[^]*ring full[^]*10\.0\.0\.9/i,
  "part.parquet": /^PAR1/,
  "flows.csv": /^direction,source_ip,[^]*\negress,10\.0\.0\.1,10\.0\.0\.2,443,51001,TCP,3,/,
};

Deno.test("every question of the manual page is answered by its command", async () => {
  using directory = TempDirectory.create();
  const all = packets();
  await writeRecording(
    directory.file("yesterday.parquet"),
    mixedPackets(),
    metadataOf(mixedPackets()),
  );
  await writeRecording(
    directory.file("traffic.parquet"),
    all,
    metadataOf(all, 2, { ring_full: 2 }),
  );
  equal(QUESTIONS.length, 20);
  for (const { question, line } of QUESTIONS) {
    const [program, ...args] = inspector();
    const command = [program, ...args].map((word) => `'${word}'`).join(" ");
    const script = line.replace(/^xdp-inspector/, () => command);
    const { code, stdout, stderr } = await run(["sh", "-c", script], { cwd: directory.path });
    equal(code, 0, `${line}: ${stderr}`);
    match(stdout, ANSWERS[question]!, `${line}:\n${stdout}`);
  }
  for (const [name, content] of Object.entries(FILES)) {
    match(new TextDecoder("latin1").decode(Deno.readFileSync(directory.file(name))), content);
  }
});
