/** The reports on TCP against tshark, on made-up connections that lose, repeat and reorder. */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { CONNECTIONS } from "../../src/reports/connections.ts";
import { TCP } from "../../src/reports/tcp.ts";
import { PACKET_LENGTHS, trafficOf } from "../support/segment_arbitraries.ts";
import { segmentFile } from "../support/segment_frames.ts";
import { SegmentRows } from "../support/segment_rows.ts";
import type { Segment } from "../support/tcp_reference.ts";
import { TempDirectory } from "../support/temp_directory.ts";
import { type Marks, marksOfRow, tcpOf } from "../support/tshark_tcp.ts";

/** tshark reads them all in one go: to start it takes longer than to read a conversation. */
const CONVERSATIONS = 400;
const SEED = 13;
/** Of each mark there are more than these, so that the comparison is not one of nothing. */
const LEAST = 10;

Deno.test("tcp and connections say what tshark says of made-up connections", async () => {
  const segments = fc.sample(trafficOf(PACKET_LENGTHS), { numRuns: CONVERSATIONS, seed: SEED })
    .flatMap((packets, index) => packets.map((one) => placed(one, index)));
  using directory = TempDirectory.create();
  const path = directory.file("made-up.pcap");
  Deno.writeFileSync(path, segmentFile(segments));
  using rows = await SegmentRows.create();
  await rows.set(segments);
  const { marks, streams } = await tcpOf(path);

  const counts = (await rows.ask(TCP)).filter(({ source_ip }) => source_ip !== null);
  equal(counts.length, marks.size);
  for (const row of counts) {
    const [source, destination] = ["source", "destination"].map((end) =>
      `${row[`${end}_ip`]}:${row[`${end}_port`]}`
    );
    const name = `${source} > ${destination}`;
    deepEqual({ name, ...marksOfRow(row) }, { name, ...marks.get(name) });
  }
  const sum = (mark: keyof Marks) => [...marks.values()].reduce((sum, one) => sum + one[mark], 0);
  for (
    const mark of [
      "retransmission",
      "spurious_retransmission",
      "out_of_order",
      "duplicate_ack",
      "keep_alive",
      "zero_window",
    ] as const
  ) {
    ok(sum(mark) > LEAST, `${sum(mark)} packets with ${mark}`);
  }

  const connections = await rows.ask(CONNECTIONS);
  equal(connections.length, streams.size);
});

/** Conversation `index` has a client address of its own. */
function placed(segment: Segment, index: number): Segment {
  const ip = `10.1.${index >> 8}.${index & 255}`;
  const move = (end: Segment["source"]) => end.port === 80 ? end : { ...end, ip };
  return {
    ...segment,
    source: move(segment.source),
    destination: move(segment.destination),
    wire: 1,
  };
}
