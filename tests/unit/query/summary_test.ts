import assert from "node:assert/strict";
import { completeness } from "../../../src/query/recording_facts.ts";
import type { Overview } from "../../../src/query/recordings.ts";
import { summarize, SUMMARY_COLUMNS } from "../../../src/query/summary.ts";

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
  return { seen: captured + dropped, captured, dropped, drops };
}

/** The summary of files with these counters, by column name. */
function summaryOf(
  files: readonly Counters[],
  overview: Partial<Overview> = {},
  sampleRates: readonly number[] = [1],
) {
  const recordings = { fileCount: files.length, sampleRates, completeness: completeness(files) };
  const { row, drops } = summarize(recordings, { ...OVERVIEW, ...overview });
  assert.equal(row.length, SUMMARY_COLUMNS.length);
  const values = Object.fromEntries(SUMMARY_COLUMNS.map(({ name }, index) => [name, row[index]]));
  return { ...values, drops: drops && Object.fromEntries(drops) } as Record<string, unknown>;
}

Deno.test("summarize() gives all numbers of a complete recording", () => {
  assert.deepEqual(summaryOf([counters(30n, 0n)]), {
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
    drops: {},
  });
});

Deno.test("summarize() does not call a recording complete when nobody knows what it lacks", () => {
  const complete = counters(30n, 0n);
  const lossy = counters(28n, 2n);
  const unknown = { capture_complete: null, packets_seen: null, packets_dropped: null };
  const picked = (files: readonly Counters[]) => {
    const { capture_complete, packets_seen, packets_dropped } = summaryOf(files);
    return { capture_complete, packets_seen, packets_dropped };
  };
  assert.deepEqual(picked([null]), unknown);
  assert.deepEqual(picked([null, null]), unknown);
  assert.equal(summaryOf([null]).drops, null);
  const partly = { capture_complete: null, packets_seen: 30n, packets_dropped: 0n };
  assert.deepEqual(picked([complete, null]), partly);
  const known = { capture_complete: false, packets_seen: 30n, packets_dropped: 2n };
  assert.deepEqual(picked([lossy]), known);
  assert.deepEqual(picked([lossy, null]), known);
  assert.deepEqual(summaryOf([lossy, null]).drops, { ring_full: 2n });
});

Deno.test("summarize() gives no rate when there is no time to divide by", () => {
  const { firstPacket } = OVERVIEW;
  const one = summaryOf([counters(1n, 0n)], { packets: 1n, lastPacket: firstPacket });
  assert.deepEqual(
    [one.duration_seconds, one.packets_per_second, one.bits_per_second],
    [0, null, null],
  );
  const none = summaryOf([counters(0n, 0n)], {
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

Deno.test("summarize() names no sampling rate when files have different ones", () => {
  assert.equal(summaryOf([null], {}, [10]).sample_rate, 10);
  assert.equal(summaryOf([null, null], {}, [1, 10]).sample_rate, null);
});
