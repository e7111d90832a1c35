/** The reports on TCP against plain TypeScript over the same packets. */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { CONNECTIONS } from "../../../src/reports/connections.ts";
import { TCP } from "../../../src/reports/tcp.ts";
import {
  loopbackTraffic,
  noise,
  PACKET_LENGTHS,
  traffic,
  trafficOf,
} from "../../support/segment_arbitraries.ts";
import { type ReportRow, SegmentRows } from "../../support/segment_rows.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import {
  type Connection,
  connectionsOf,
  type Counts,
  type Segment,
} from "../../support/tcp_reference.ts";

const RUNS = 60;

/** Of each kind, in one file. */
const CONVERSATIONS = 450;
const SEED = 29;
/** Several vectors of DuckDB's (2,048 rows), so that what is remembered passes from one to the next. */
const LEAST_SEGMENTS = 3 * 2048;

const KINDS = [
  ["noise", noise],
  ["traffic", traffic],
  ["packets seen twice", loopbackTraffic],
] as const;

for (const [name, packets] of KINDS) {
  Deno.test(`tcp counts what a state machine counts of ${name}`, async () => {
    using rows = await SegmentRows.create();
    await fc.assert(
      fc.asyncProperty(packets, async (segments) => {
        await rows.set(segments);
        deepEqual(sorted((await rows.ask(TCP)).map(counted)), sorted(expectedCounts(segments)));
      }),
      { numRuns: RUNS },
    );
  });

  Deno.test(`connections finds what a state machine finds in ${name}`, async () => {
    using rows = await SegmentRows.create();
    await fc.assert(
      fc.asyncProperty(packets, async (segments) => {
        await rows.set(segments);
        const found = (await rows.ask(CONNECTIONS)).map(described);
        deepEqual(sorted(found), sorted(connectionsOf(segments).map(expectedRow)));
      }),
      { numRuns: RUNS },
    );
  });
}

Deno.test("tcp counts what a state machine counts when threads read connections out of order", async () => {
  const conversations = [noise, trafficOf(PACKET_LENGTHS)].flatMap((packets) =>
    fc.sample(packets, { numRuns: CONVERSATIONS, seed: SEED })
  );
  const segments = conversations.flatMap((packets, index) =>
    packets.map((one) => moved(one, index))
  );
  ok(segments.length > LEAST_SEGMENTS, `${segments.length} segments`);
  using directory = TempDirectory.create();
  // As sessions are: rows need not stay in the order of the file.
  using rows = await SegmentRows.create({ threads: "4", preserve_insertion_order: "false" });
  await rows.set(segments);
  await rows.scatter(directory.file("scattered.parquet"));
  deepEqual(sorted((await rows.ask(TCP)).map(counted)), sorted(expectedCounts(segments)));
});

/** Conversation `index` has addresses of its own. */
function moved(segment: Segment, index: number): Segment {
  const move = ({ ip, port }: Segment["source"]) => {
    return { ip: ip.replace("10.0.0.", `10.${index >> 8}.${index & 255}.`), port };
  };
  return { ...segment, source: move(segment.source), destination: move(segment.destination) };
}

/** What a row of `tcp` says of one sender, or of all. */
type Sent = { sender: string | null } & Counts;

function counted(row: ReportRow): Sent {
  const count = (name: string) => Number(row[name]);
  return {
    sender: row.source_ip === null ? null : `${row.source_ip}:${row.source_port}`,
    packets: count("packet_count"),
    segments: count("segment_count"),
    bytes: count("total_bytes"),
    retransmitted: count("retransmitted_count"),
    fast: count("fast_count"),
    spurious: count("spurious_count"),
    reordered: count("reordered_count"),
    duplicateAcks: count("duplicate_ack_count"),
    keepAlives: count("keep_alive_count"),
    zeroWindows: count("zero_window_count"),
    resets: count("reset_count"),
  };
}

function expectedCounts(segments: readonly Segment[]): Sent[] {
  const senders = new Map<string | null, Counts>();
  for (const { client, server, fromClient, fromServer } of connectionsOf(segments)) {
    for (const [{ ip, port }, counts] of [[client, fromClient], [server, fromServer]] as const) {
      if (counts.packets === 0) continue;
      for (const key of [`${ip}:${port}`, null]) {
        const sum = senders.get(key);
        senders.set(key, sum === undefined ? counts : added(sum, counts));
      }
    }
  }
  return [...senders].map(([sender, counts]) => ({ sender, ...counts }));
}

function added(one: Counts, other: Counts): Counts {
  const names = Object.keys(one) as (keyof Counts)[];
  return Object.fromEntries(
    names.map((name) => [name, one[name] + other[name]]),
  ) as unknown as Counts;
}

function described(row: ReportRow): Record<string, unknown> {
  const { connection_count: _, server_port_count: __, duration_seconds: ___, ...rest } = row;
  return { ...rest, handshake_seconds: nanoseconds(row.handshake_seconds as number | null) };
}

function nanoseconds(seconds: number | null): number | null {
  return seconds === null ? null : Math.round(seconds * 1e9);
}

function expectedRow(one: Connection): Record<string, unknown> {
  return {
    interface: one.interface,
    client_ip: one.client.ip,
    client_port: one.client.port,
    server_ip: one.server.ip,
    server_port: one.server.port,
    state: one.state,
    syn_count: one.syns,
    handshake_seconds: one.handshake === null ? null : Number(one.handshake),
    packets_from_client: one.fromClient.packets,
    bytes_from_client: one.fromClient.bytes,
    packets_from_server: one.fromServer.packets,
    bytes_from_server: one.fromServer.bytes,
    packet_count: one.fromClient.packets + one.fromServer.packets,
    total_bytes: one.fromClient.bytes + one.fromServer.bytes,
    first_packet: one.first,
    last_packet: one.last,
  };
}

function sorted<T>(rows: readonly T[]): T[] {
  const text = (row: T) =>
    JSON.stringify(row, (_, value) => typeof value === "bigint" ? `${value}` : value);
  return rows.toSorted((a, b) => text(a) < text(b) ? -1 : 1);
}
