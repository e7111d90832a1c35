/** What reports say of SYNs that the end may have cut off from an answer. */
import { deepEqual, equal, match } from "node:assert/strict";
import { askCapture } from "../../../src/commands/report/ask_capture.ts";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { Recordings } from "../../../src/query/recordings.ts";
import type { FileFacts } from "../../../src/query/selected_facts.ts";
import { recordedEnds } from "../../../src/query/selected_facts.ts";
import { cutOffLine } from "../../../src/render/footer.ts";
import { capturePage } from "../../../src/render/page/capture_page.ts";
import { CONNECTIONS } from "../../../src/reports/connections.ts";
import { askReport } from "../../support/ask_report.ts";
import { type FixturePacket, START_NS } from "../../support/fixture_packets.ts";
import { cutOffNote, oneSidedNote } from "../../support/one_sided_note.ts";
import { metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const NS_PER_MS = 1_000_000n;
const SYN = 2, RST = 4, ACK = 16;
const NOTE =
  "of 1 row that is unanswered the last packet came in the last second before the end: the answer can have " +
  "come after it";

/** From 10.0.0.2 to 10.0.0.1, or back, this many milliseconds after the recording began. */
function segment(ms: number, tcp_flags: number, port = 80, client = 50_000): FixturePacket {
  const isBack = (tcp_flags & ACK) !== 0;
  return {
    timestamp: START_NS + BigInt(ms) * NS_PER_MS,
    direction: isBack ? "egress" : "ingress",
    interface: "eth0",
    packet_length: 54,
    segments: 1,
    ip_version: 4,
    source_ip: isBack ? "10.0.0.1" : "10.0.0.2",
    destination_ip: isBack ? "10.0.0.2" : "10.0.0.1",
    protocol: "TCP",
    ip_protocol: 6,
    source_port: isBack ? port : client,
    destination_port: isBack ? client : port,
    is_fragment: false,
    tcp_flags,
    tcp_sequence: isBack ? 700 : 5,
    tcp_acknowledgment: isBack ? 6 : 0,
    tcp_window: 500,
    payload_length: 0,
  };
}

/** Checks what is said of packets of a recording of 30.5 s, or of one that does not say how long it took. */
async function said(
  packets: readonly FixturePacket[],
  words: readonly string[] = [],
  hasMetadata = true,
): Promise<string> {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  await writeRecording(path, packets, hasMetadata ? metadataOf(packets) : {});
  return await cutOffNote([path], "connections", ...words);
}

Deno.test("connections says that a SYN just before --to can have been answered after it", async () => {
  const packets = [segment(1000, SYN), segment(1200, SYN | ACK), segment(9000, SYN, 81)];
  const before = (to: string) => said(packets, ["--to", to]);
  equal(await before("+1100ms"), NOTE);
  equal(await said(packets, ["--to", "+1100ms", "--state", "failed"]), NOTE);
  // The answer is there, but nothing that completes the handshake.
  equal(await before("+2s"), NOTE);
  equal(await before("+2200ms"), "");
  // Nothing came for seconds.
  equal(await said(packets), "");
  // What is no SYN without an answer is not meant.
  const refused = [segment(1000, SYN), segment(1001, RST | ACK)];
  equal(await said(refused, ["--to", "+1100ms"]), "");
});

Deno.test("every format for people says what the end cut off", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const packets = [segment(30_000, SYN)];
  await writeRecording(path, packets, metadataOf(packets));
  for (const format of ["table", "markdown", "html"]) {
    let text = "";
    const output = { data: (part: unknown) => text += part, note: () => {} };
    const options = { report: "connections", files: [path], limit: null, format };
    await runStats(options, { ...output, screen: { width: null, colour: false } });
    match(text, /that is unanswered the last packet came in the last second/, format);
  }
  using recordings = await Recordings.open([path]);
  const page = await Array.fromAsync(capturePage(await askCapture(recordings, null)));
  match(page.join(""), /that is unanswered the last packet came in the last second/);
});

Deno.test("connections says it of the end of a recording as well, and of none of a later one", async () => {
  using directory = TempDirectory.create();
  const late = [segment(30_000, SYN)];
  equal(await said(late), NOTE);
  equal(await said([segment(29_000, SYN)]), "");
  // A file that does not say how long it took ends with its last packet.
  const outgoing = segment(0, ACK, 90);
  equal(await said([outgoing, segment(29_000, SYN)], [], false), NOTE);
  equal(await said([outgoing, segment(1000, SYN), segment(3000, SYN, 81)], [], false), NOTE);
  const [a, b] = [directory.file("a.parquet"), directory.file("b.parquet")];
  await writeRecording(a, [outgoing, ...late], {});
  await writeRecording(b, [segment(31_000, SYN, 81), segment(90_000, SYN, 82)], {});
  match(await cutOffNote([a, b], "connections"), /^of 1 row /);
  // One that begins a minute later does not go on from there.
  await writeRecording(b, [segment(90_000, SYN, 82)], {});
  match(await cutOffNote([a, b], "connections"), /^of 2 rows /);
});

Deno.test("connections counts what the end cut off in all rows, and not what is one-sided anyway", async () => {
  const packets = [
    ...Array.from({ length: 30 }, (_, index) => segment(30_000, SYN, 80, 50_000 + index)),
    segment(100, SYN, 90),
    segment(101, SYN | ACK, 90),
  ];
  match(await said(packets), /^of 30 rows that are unanswered the last packet /);
  match(await said(packets, ["--state", "unanswered"]), /^of 1 row that is /);
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  await writeRecording(path, packets, metadataOf(packets));
  equal(await cutOffNote([path], "connections", "-Q", "in"), "");
  match(await oneSidedNote(path, "connections", "-Q", "in"), /^of 31 connections /);
  // Machines get the rows alone.
  equal((await askReport(["connections", "--to", "+1s"], [path])).length, 1);
});

Deno.test("scans says that the last SYNs of a scan can have been answered after the end", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const scan = (ms: number) =>
    Array.from({ length: 20 }, (_, index) => segment(ms + index, SYN, 100 + index));
  const note =
    "of 1 row an unanswered SYN came in the last second before the end: the answer can have come after it";
  await writeRecording(path, scan(20_000), metadataOf(scan(20_000)));
  equal(await cutOffNote([path], "scans"), "");
  equal(await cutOffNote([path], "scans", "--to", "+21s"), note);
  equal(await cutOffNote([path], "scans", "--to", "+22s"), "");
  // Only what was not answered counts.
  const answered = [...scan(20_000), segment(20_900, SYN, 200), segment(20_901, RST | ACK, 200)];
  await writeRecording(path, answered, metadataOf(answered));
  equal(await cutOffNote([path], "scans", "--to", "+21500ms"), "");
});

Deno.test("what is sampled is uncertain in any case, so that nothing is said of the end", () => {
  const section = { report: CONNECTIONS, tally: { shown: 1, found: 1n, cutOff: 2n } };
  match(cutOffLine(section, { sampleRates: [1] })!.text, /^of 2 rows /);
  equal(cutOffLine(section, { sampleRates: [1, 10] }), null);
});

/** A file of these milliseconds; without a length those of its packets. */
function file(from: number, to: number, hasSpan = true): FileFacts {
  const times = { first: BigInt(from) * NS_PER_MS, last: BigInt(to) * NS_PER_MS };
  const span = { startedMs: from, seconds: (to - from) / 1000, views: [], earlyEnds: [] };
  const silent = { ...span, startedMs: null, seconds: null };
  const losses = { intervals: [], isComplete: true } as unknown as FileFacts["losses"];
  return {
    rows: 1,
    times,
    addresses: 1,
    counters: null,
    attachments: [],
    losses,
    span: hasSpan ? span : silent,
  };
}

Deno.test("recordedEnds() takes files that follow each other for one", () => {
  const ALL = { from: null, to: null };
  const ends = (files: FileFacts[], window: { from: bigint | null; to: bigint | null } = ALL) =>
    recordedEnds(files, window, 1000n * NS_PER_MS).map((ns) => Number(ns / NS_PER_MS));
  deepEqual(ends([]), []);
  deepEqual(ends([file(0, 5000)]), [5000]);
  deepEqual(ends([file(0, 5000, false)]), [5000]);
  // In whatever order they come, and with a moment between them.
  deepEqual(ends([file(5000, 9000), file(0, 5000)]), [9000]);
  deepEqual(ends([file(0, 5000), file(6000, 9000)]), [9000]);
  deepEqual(ends([file(0, 5000), file(6001, 9000)]), [5000, 9000]);
  deepEqual(ends([file(0, 9000), file(1000, 2000)]), [9000]);
  // Of the selected time, of which a file may have nothing.
  deepEqual(ends([file(0, 5000), file(8000, 9000)], { from: null, to: 8500n * NS_PER_MS }), [
    5000,
    8500,
  ]);
  deepEqual(ends([file(0, 5000)], { from: 4000n * NS_PER_MS, to: 4500n * NS_PER_MS }), [4500]);
});
