import assert from "node:assert/strict";
import { completeness } from "../../../src/query/recording_facts.ts";
import type { Overview, Recordings } from "../../../src/query/recordings.ts";
import { answerReport } from "../../../src/reports/answer.ts";
import { SUMMARY } from "../../../src/reports/summary.ts";

type Counters = Parameters<typeof completeness>[0][number];

const OVERVIEW: Overview = {
  packets: 30n,
  ipPackets: 20n,
  bytes: 3001n,
  firstPacket: 1_795_442_040_000_000_000n,
  lastPacket: 1_795_442_042_500_000_000n,
};

function counters(captured: bigint, dropped: bigint): Counters {
  const drops = new Map(dropped > 0n ? [["ring_full", dropped]] : []);
  return { seen: captured + dropped, captured, dropped, filtered: 0n, drops };
}

/** The summary of files with these counters, by column name. */
async function summaryOf(
  files: readonly Counters[],
  overview: Partial<Overview> = {},
  sampleRates: readonly number[] = [1],
  spans: Partial<
    Pick<Recordings, "recordedSeconds" | "earlyEnds" | "seriesGaps" | "contentMismatch">
  > = {},
): Promise<Record<string, unknown>> {
  const recordings = {
    fileCount: files.length,
    sampleRates,
    completeness: completeness(files),
    skipped: [],
    recordedSeconds: null,
    earlyEnds: [],
    seriesGaps: [],
    repeatedPackets: { recordedTwice: [], loopback: false, several: [] },
    contentMismatch: () => Promise.resolve(null),
    ...spans,
    overview: () => Promise.resolve({ ...OVERVIEW, ...overview }),
  } as unknown as Recordings;
  const request = { limit: null, withFound: false, reports: [SUMMARY] };
  const answer = await answerReport(recordings, SUMMARY, request);
  assert.equal(answer.kind, "summary");
  const { row, drops } = answer;
  assert.equal(row.length, SUMMARY.columns.length);
  const values = Object.fromEntries(SUMMARY.columns.map(({ name }, index) => [name, row[index]]));
  return { ...values, drops: drops && Object.fromEntries(drops) };
}

Deno.test("the summary gives all numbers of a complete recording", async () => {
  assert.deepEqual(await summaryOf([counters(30n, 0n)]), {
    first_packet: OVERVIEW.firstPacket,
    last_packet: OVERVIEW.lastPacket,
    duration_seconds: 2.5,
    packet_count: 30n,
    total_bytes: 3001n,
    avg_packet_size: 100.03,
    packets_per_second: 12,
    bits_per_second: 9603.2,
    file_count: 1,
    sample_rate: 1,
    capture_complete: true,
    packets_seen: 30n,
    packets_captured: 30n,
    packets_dropped: 0n,
    recorded_seconds: null,
    packets_filtered: 0n,
    drops: {},
  });
});

Deno.test("the summary does not call a recording complete when nobody knows what it lacks", async () => {
  const complete = counters(30n, 0n);
  const lossy = counters(28n, 2n);
  const unknown = { capture_complete: null, packets_seen: null, packets_dropped: null };
  const picked = async (files: readonly Counters[]) => {
    const { capture_complete, packets_seen, packets_dropped } = await summaryOf(files);
    return { capture_complete, packets_seen, packets_dropped };
  };
  assert.deepEqual(await picked([null]), unknown);
  assert.deepEqual(await picked([null, null]), unknown);
  assert.equal((await summaryOf([null])).drops, null);
  const partly = { capture_complete: null, packets_seen: 30n, packets_dropped: 0n };
  assert.deepEqual(await picked([complete, null]), partly);
  const known = { capture_complete: false, packets_seen: 30n, packets_dropped: 2n };
  assert.deepEqual(await picked([lossy]), known);
  assert.deepEqual(await picked([lossy, null]), known);
  assert.deepEqual((await summaryOf([lossy, null])).drops, { ring_full: 2n });
});

Deno.test("the summary gives no rate when there is no time to divide by", async () => {
  const { firstPacket } = OVERVIEW;
  const one = await summaryOf([counters(1n, 0n)], { packets: 1n, lastPacket: firstPacket });
  assert.deepEqual(
    [one.duration_seconds, one.packets_per_second, one.bits_per_second],
    [0, null, null],
  );
  const none = await summaryOf([counters(0n, 0n)], {
    packets: 0n,
    bytes: 0n,
    firstPacket: null,
    lastPacket: null,
  });
  assert.deepEqual(
    [none.duration_seconds, none.packets_per_second, none.bits_per_second, none.avg_packet_size],
    [null, null, null, null],
  );
});

Deno.test("the summary names no sampling rate when files have different ones", async () => {
  assert.equal((await summaryOf([null], {}, [10])).sample_rate, 10);
  assert.equal((await summaryOf([null, null], {}, [1, 10])).sample_rate, null);
});

Deno.test("the summary gives rates over the recorded time, where it is known", async () => {
  const summary = await summaryOf([counters(30n, 0n)], {}, [1], { recordedSeconds: 10 });
  const { duration_seconds, recorded_seconds, packets_per_second, bits_per_second } = summary;
  assert.deepEqual([duration_seconds, recorded_seconds], [2.5, 10]);
  assert.deepEqual([packets_per_second, bits_per_second], [3, 2400.8]);
  // 30 packets in a day are not none.
  const day = await summaryOf([counters(30n, 0n)], { bytes: 30n }, [1], {
    recordedSeconds: 86_400,
  });
  assert.deepEqual([day.packets_per_second, day.bits_per_second], [0.000347222, 0.002777778]);
});

Deno.test("the summary does not call a recording complete of which a part ended early", async () => {
  const earlyEnds = [{ interface: "eth0", direction: "egress", ended: null, reason: "detached" }];
  const summary = await summaryOf([counters(30n, 0n)], {}, [1], { earlyEnds });
  assert.equal(summary.capture_complete, false);
});

Deno.test("the summary does not call a recording complete of which a file is missing", async () => {
  const seriesGaps = [{ missing: { first: 2, last: 2 }, before: 3, packets: 5 }];
  const summary = await summaryOf([counters(30n, 0n)], {}, [1], { seriesGaps });
  assert.equal(summary.capture_complete, false);
});

Deno.test("the summary does not call a recording complete that has lost rows since", async () => {
  const counted = { packets: 30n, bytes: 1n };
  const mismatch = { files: 1, label: "x", counted, found: counted };
  const contentMismatch = () => Promise.resolve(mismatch);
  const summary = await summaryOf([counters(30n, 0n)], {}, [1], { contentMismatch });
  assert.equal(summary.capture_complete, false);
});
