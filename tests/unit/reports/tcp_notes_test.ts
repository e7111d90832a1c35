/** What the reports on TCP say of recordings that do not have every packet, and of buffers. */
import { deepEqual, doesNotMatch, equal, match, throws } from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import { InvalidValue } from "../../../src/core/invalid_value.ts";
import { oneSidedLine } from "../../../src/render/footer.ts";
import { CONNECTIONS } from "../../../src/reports/connections.ts";
import { CONVERSATIONS } from "../../../src/reports/conversations.ts";
import { defaultChoices } from "../../../src/reports/report.ts";
import { SCANS } from "../../../src/reports/scans.ts";
import { TCP } from "../../../src/reports/tcp.ts";
import { fixturePath } from "../../support/make_fixture.ts";
import { oneSidedNote } from "../../support/one_sided_note.ts";
import { recordingMetadata, writeParquet } from "../../support/parquet_fixture.ts";
import { SegmentRows } from "../../support/segment_rows.ts";
import type { Segment } from "../../support/tcp_reference.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

const START = 1_795_442_040_000_000_000n;
const SEGMENT: Segment = {
  time: START,
  interface: "eth0",
  direction: "ingress",
  source: { ip: "10.0.0.2", port: 443 },
  destination: { ip: "10.0.0.1", port: 50_000 },
  flags: 16,
  seq: 1000,
  ack: 1,
  window: 500,
  length: 3000,
  wire: 3,
  bytes: 3054,
};
const at = (milliseconds: number, fields: Partial<Segment>): Segment => ({
  ...SEGMENT,
  time: START + BigInt(milliseconds) * 1_000_000n,
  ...fields,
});
const OVERVIEW = { packets: 1n, ipPackets: 1n, bytes: 1n, firstPacket: null, lastPacket: null };

Deno.test("tcp counts the segments of a buffer that were sent before", async () => {
  using rows = await SegmentRows.create();
  // The second buffer has one old segment, and the third none that is new.
  await rows.set([SEGMENT, at(50, { seq: 3000 }), at(100, { seq: 4000, length: 2000, wire: 2 })]);
  const [total] = await rows.ask(TCP);
  deepEqual(
    [total!.packet_count, total!.segment_count, total!.retransmitted_count],
    [3, 8, 3],
  );
});

Deno.test("tcp leaves out what needs every packet when only some were kept", async () => {
  using rows = await SegmentRows.create();
  await rows.set([SEGMENT, at(50, {}), at(60, { window: 0, length: 0, wire: 1 })], 10);
  const [total] = await rows.ask(TCP);
  deepEqual(
    [total!.packet_count, total!.zero_window_count, total!.retransmitted_count],
    [30, 10, null],
  );
  equal(total!.duplicate_ack_count, null);
});

Deno.test("tcp and connections say what sampling and loss leave uncertain", () => {
  for (const { note } of [TCP, CONNECTIONS]) {
    match(note!(OVERVIEW, { isSampled: true, isLossy: false })!, /not every packet was kept/);
    match(note!(OVERVIEW, { isSampled: false, isLossy: true })!, /packets were lost/);
    equal(note!(OVERVIEW, { isSampled: false, isLossy: false }), null);
  }
  // What is counted of them is not scaled, though the line of sampling is below their tables.
  for (const { note } of [CONNECTIONS, SCANS]) {
    match(note!(OVERVIEW, { isSampled: true, isLossy: false })!, /those seen, not scaled up/);
    doesNotMatch(note!(OVERVIEW, { isSampled: false, isLossy: true })!, /not scaled up/);
  }
});

function statesFlag(states: string): ReadonlyMap<string, unknown> {
  return new Map([["--state", CONNECTIONS.flags![0]!.parse(states)]]);
}

Deno.test("conversations, connections and tcp say of how many rows one side only was seen", async () => {
  const path = fixturePath("connections");
  const notes = (...selection: string[]) =>
    Promise.all(
      ["conversations", "connections", "tcp"].map((name) => oneSidedNote(path, name, ...selection)),
    );
  // One connection was not answered: of its packets there are no others.
  const [conversations, connections, tcp] = await notes();
  match(conversations!, /^of 1 TCP conversation the packets of one side only were seen: /);
  equal(connections, "");
  match(tcp!, /^of 1 row the other direction was not seen: /);
  const narrow = await notes("-Q", "in");
  match(narrow[0]!, /^of 17 TCP conversations /);
  match(narrow[1]!, /^of 18 connections .* what seems unanswered can have been answered$/);
  match(narrow[2]!, /^of 17 rows /);
});

const ONE_SIDE =
  "the packets of one side only were seen: what seems unanswered can have been answered";

/** What is said below connections that failed. */
function failedNote(path: string, ...words: string[]): Promise<string> {
  return oneSidedNote(path, "connections", "--state", "failed", ...words);
}

Deno.test("connections says that failed ones can have been answered in the other direction", async () => {
  const path = fixturePath("connections");
  const note = (states: string, ...words: string[]) =>
    oneSidedNote(path, "connections", "--state", states, ...words);
  equal(await note("failed"), "");
  equal(await note("unanswered"), "");
  equal(await note("failed", "-Q", "in"), `of 3 rows ${ONE_SIDE}`);
  equal(await note("unanswered", "-Q", "in"), `of 3 rows ${ONE_SIDE}`);
  match(
    await note("unanswered,open", "-Q", "in"),
    /^of 15 connections .*: state, client and handshake /,
  );
});

Deno.test("connections says that a condition may have left out the answers", async () => {
  const path = fixturePath("connections");
  equal(await failedNote(path, "--filter", "dst port 8080"), `of 1 row ${ONE_SIDE}`);
  equal(await failedNote(path, "--where", "tcp_flags = 2"), `of 4 rows ${ONE_SIDE}`);
  // Both sides of others are there.
  equal(await failedNote(path, "--filter", "tcp"), "");
  equal(await failedNote(path, "--where", "source_port > 0"), "");
});

Deno.test("connections takes unanswered for that where a direction has both sides", async () => {
  using directory = TempDirectory.create();
  // A mirrored port receives all packets, and nobody records what it sends.
  const metadata = recordingMetadata(59);
  const [ingress] = JSON.parse(metadata[FILE_METADATA_KEY.attachments]!);
  const attachments = JSON.stringify([ingress]);
  const write = async (name: string, where: string) => {
    const path = directory.file(name);
    const packets = `FROM read_parquet('${fixturePath("connections")}') WHERE ${where}`;
    await writeParquet(path, `SELECT * REPLACE ('ingress' AS direction) ${packets}`, {
      ...metadata,
      [FILE_METADATA_KEY.attachments]: attachments,
    });
    return path;
  };
  const both = await write("both.parquet", "true");
  equal(await oneSidedNote(both, "connections"), "");
  equal(await failedNote(both), "");
  // None of the rows has both sides, but other packets have.
  equal(await oneSidedNote(both, "connections", "--state", "unanswered"), "");
  // What was recorded in one direction is as one that was selected.
  const one = await write("one.parquet", "direction = 'ingress'");
  match(await oneSidedNote(one, "connections"), /^of 18 connections /);
  equal(await failedNote(one), `of 3 rows ${ONE_SIDE}`);
});

Deno.test("connections sees in the packets what a file does not say of its directions", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("silent.parquet");
  await writeParquet(path, `FROM read_parquet('${fixturePath("connections")}')`, {});
  equal(await failedNote(path), "");
  equal(await failedNote(path, "-Q", "in"), `of 3 rows ${ONE_SIDE}`);
});

Deno.test("what is sampled is uncertain in any case, so that nothing is said of sides", () => {
  const section = { report: TCP, tally: { shown: 1, found: 1n, oneSided: 1n } };
  equal(oneSidedLine(section, { sampleRates: [10] }), null);
  match(oneSidedLine(section, { sampleRates: [1] })!.text, /^of 1 row /);
  equal(oneSidedLine({ ...section, tally: { shown: 1, found: 1n } }, { sampleRates: [1] }), null);
});

Deno.test("connections takes the higher port for the client when no SYN was recorded", async () => {
  using rows = await SegmentRows.create();
  await rows.set([SEGMENT]);
  const [row] = await rows.ask(CONNECTIONS);
  deepEqual([row!.client_port, row!.server_port, row!.state], [50_000, 443, "midstream"]);
});

Deno.test("connections makes one row of a scan when --state asks for failed ones only", async () => {
  using rows = await SegmentRows.create();
  const source = { ip: "192.0.2.66", port: 60_000 };
  await rows.set(
    Array.from({ length: 498 }, (_, index) => {
      const probe = {
        source,
        destination: { ip: "10.0.0.1", port: 1 + index },
        flags: 2,
        length: 0,
      };
      return [
        at(index, { ...probe, wire: 1 }),
        at(index + 1, {
          source: probe.destination,
          destination: source,
          flags: 20,
          seq: 0,
          length: 0,
          wire: 1,
          direction: "egress",
        }),
      ];
    }).flat(),
  );
  const flags = statesFlag("failed");
  const found = await rows.ask(CONNECTIONS, { ...defaultChoices(CONNECTIONS), flags });
  equal(found.length, 1);
  deepEqual(
    [found[0]!.state, found[0]!.connection_count, found[0]!.server_port_count],
    ["refused", 498, 498],
  );
  deepEqual([found[0]!.client_port, found[0]!.server_port], [60_000, null]);
});

Deno.test("connections names a state that there is not", () => {
  const [state] = CONNECTIONS.flags!;
  deepEqual(state!.parse("open,failed"), ["open", "refused", "unanswered"]);
  throws(() => state!.parse("opened"), InvalidValue);
});

Deno.test("conversations counts packets of loopback once", async () => {
  using rows = await SegmentRows.create();
  const answer = { source: SEGMENT.destination, destination: SEGMENT.source, bytes: 54 };
  const sent = [SEGMENT, at(1, answer)];
  await rows.set(sent.flatMap((one) => [one, { ...one, direction: "egress" }]));
  const [row] = await rows.ask(CONVERSATIONS);
  deepEqual(
    [row!.a_port, row!.packets_from_a, row!.bytes_from_a, row!.packets_from_b, row!.bytes_from_b],
    [50_000, 1, 54, 1, 3054],
  );
});
