import assert from "node:assert/strict";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { askReport } from "../../support/ask_report.ts";
import { type FixturePacket, mixedPackets, START_NS } from "../../support/fixture_packets.ts";
import { lossesOf, metadataOf, writeRecording } from "../../support/parquet_fixture.ts";
import { TempDirectory } from "../../support/temp_directory.ts";
import { stats } from "../cli/parsing.ts";

const NS_PER_S = 1_000_000_000n;
const [PACKET] = mixedPackets();

/** Rows for packets at these times, in nanoseconds since 1970. */
async function timeline(times: readonly bigint[], ...words: string[]) {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const packets = times.map((timestamp): FixturePacket => ({ ...PACKET!, timestamp }));
  await writeRecording(path, packets, {});
  return await askReport(["timeline", ...words], [path]);
}

function seconds(text: unknown): number {
  return Date.parse(String(text)) / 1000;
}

Deno.test("timeline takes the narrowest round width that makes at most 61 rows", async () => {
  const cases: [length: bigint, width: number][] = [
    [59n, 1],
    [60n, 2],
    [119n, 2],
    [121n, 5],
    [3_599n, 60],
    [3_600n, 120],
    [86_399n, 1_800],
    [30n * 86_400n - 1n, 43_200],
  ];
  for (const [length, width] of cases) {
    const rows = await timeline([START_NS, START_NS + length * NS_PER_S]);
    const [first, second] = rows;
    assert.equal(
      seconds(second!.bucket_start) - seconds(first!.bucket_start),
      width,
      `${length} s`,
    );
    assert.equal(seconds(first!.bucket_start) % width, 0);
    assert(rows.length > 20 && rows.length <= 61, `${length} s: ${rows.length}`);
  }
});

Deno.test("timeline of one moment is one row without a rate", async () => {
  const rows = await timeline([START_NS + 5n, START_NS + 5n]);
  assert.equal(rows.length, 1);
  const { packet_count, covered_seconds, packets_per_second, bits_per_second } = rows[0]!;
  assert.deepEqual([packet_count, covered_seconds], [2, 0]);
  assert.deepEqual([packets_per_second, bits_per_second], [null, null]);
});

Deno.test("timeline has no rate where a small part of a bucket was covered", async () => {
  const second = Number(NS_PER_S);
  const rates = async (times: readonly number[], ...words: string[]) => {
    const rows = await timeline(
      times.map((ns) => START_NS + BigInt(ns)),
      "--every",
      "1s",
      ...words,
    );
    return rows.map(({ packets_per_second, bits_per_second }) => {
      assert.equal(packets_per_second === null, bits_per_second === null);
      return packets_per_second;
    });
  };
  // Of the first and the last bucket a nanosecond each, which would make a rate of 10^9.
  assert.deepEqual(await rates([second - 1, second, 2 * second + 1]), [null, 1, null]);
  // A tenth is enough, a nanosecond less is not.
  assert.deepEqual(await rates([0.9 * second, second]), [10, null]);
  assert.deepEqual(await rates([0.9 * second + 1, second]), [null, null]);
  assert.deepEqual(await rates([0, 1.1 * second]), [1, 10]);
  assert.deepEqual(await rates([0, 1.1 * second - 1]), [1, null]);
  assert.deepEqual(await rates([0.9 * second + 1, second], "--by", "source"), [null, null]);
  // All there is in one bucket has a rate, however short it is.
  assert.deepEqual(await rates([0.5 * second, 0.5 * second + 1000]), [2_000_000]);
});

Deno.test("timeline does not take a few packets in an hour for none", async () => {
  const minutes = 60n * NS_PER_S;
  const rows = await timeline(
    [0n, 10n, 20n, 40n, 80n].map((n) => START_NS + n * minutes),
    "--every",
    "1h",
  );
  // From 13:54 to 15:14.
  assert.deepEqual(
    rows.map(({ packets_per_second, bits_per_second }) => [packets_per_second, bits_per_second]),
    [[1 / 360, 66 * 8 / 360], [3 / 3600, 3 * 66 * 8 / 3600], [1 / 840, 66 * 8 / 840]]
      .map((rates) => rates.map((rate) => Number(rate.toFixed(rate < 1 ? 9 : 2)))),
  );
});

Deno.test("timeline takes buckets of months, and times of a selection as long ago", async () => {
  const day = 86_400n * NS_PER_S;
  const times = [0n, 100n, 250n].map((days) => START_NS + days * day);
  const rows = await timeline(times, "--every", "200d");
  assert.equal((seconds(rows[1]!.bucket_start) - seconds(rows[0]!.bucket_start)) / 86_400, 200);
  assert.equal(rows.reduce((sum, row) => sum + Number(row.packet_count), 0), 3);
  const late = await timeline(times, "--every", "1d", "--from", "-160d");
  assert.equal(late[0]!.bucket_start, "2027-03-03T00:00:00.000000000Z");
});

Deno.test("timeline has no row without a packet", async () => {
  assert.deepEqual(await timeline([]), []);
  assert.deepEqual(await timeline([], "--every", "1s", "--by", "protocol"), []);
});

Deno.test("timeline of all that a time can be is bounded, and loses no packet", async () => {
  // A recording says nothing of the sort, a made one may. DuckDB keeps the ends for infinity.
  const ends = [-(2n ** 63n) + 10n * NS_PER_S, 2n ** 63n - 10n * NS_PER_S];
  const times = [ends[0]!, -1n, 0n, ends[1]!];
  for (const words of [[], ["--every", "1ms"], ["--every", "24d", "--by", "source"]]) {
    const rows = await timeline(times, ...words);
    assert(rows.length >= 3 && rows.length < 100_000, `${words}: ${rows.length}`);
    assert.equal(rows.reduce((sum, row) => sum + Number(row.packet_count), 0), 4);
  }
  // The last moment before 1970 is in another bucket than the first one after.
  const rows = await timeline([-1n, 0n], "--every", "1s");
  assert.deepEqual(rows.map(({ packet_count }) => packet_count), [1, 1]);
});

Deno.test("timeline --by names five groups, the others together, and those without a value", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const packets = Array.from({ length: 8 }, (_, index): FixturePacket => ({
    ...PACKET!,
    timestamp: START_NS + BigInt(index),
    packet_length: 100 + index,
    ...(index === 7 ? {} : { vlan_id: index + 1 }),
  }));
  await writeRecording(path, packets, {});
  const rows = await askReport(["timeline", "--every", "1s", "--by", "vlan"], [path]);
  assert.deepEqual(rows.map(({ group_name, total_bytes }) => [group_name, total_bytes]), [
    [null, 107],
    ["7", 106],
    ["6", 105],
    ["5", 104],
    ["4", 103],
    ["other", 100 + 101 + 102],
  ]);
});

/** Lost packets of each bucket, of recordings that say what they lost when; null = unknown. */
async function lostOf(losses: readonly (Record<string, string> | null)[], ...words: string[]) {
  using directory = TempDirectory.create();
  const ends = [START_NS, START_NS + 29n * NS_PER_S];
  const packets = ends.map((timestamp): FixturePacket => ({ ...PACKET!, timestamp }));
  const files = losses.map((_, index) => directory.file(`${index}.parquet`));
  for (const [index, metadata] of losses.entries()) {
    const known = metadataOf(packets, 64, { ring_full: 45, queue_full: 19 });
    const all = metadata === null ? {} : { ...known, ...metadata };
    await writeRecording(files[index]!, packets, all);
  }
  const rows = await askReport(["timeline", ...words], files);
  return rows.map(({ packets_lost }) => packets_lost);
}

const LOSSES = lossesOf([
  { from: 1, to: 2, seen: 100, drops: { ring_full: 40 } },
  { from: 2, to: 3, seen: 20, drops: { ring_full: 5, queue_full: 3 } },
  { from: 10, to: 20, seen: 40, drops: { queue_full: 16 } },
]);

Deno.test("timeline tells what was lost in each bucket", async () => {
  assert.deepEqual(await lostOf([LOSSES], "--every", "10s"), [48, 16, 0]);
  assert.deepEqual(await lostOf([LOSSES, LOSSES], "--every", "10s"), [96, 32, 0]);
  assert.deepEqual(await lostOf([LOSSES], "--every", "1m"), [64]);
  // At what is selected.
  const outgoing = lossesOf([
    { from: 1, to: 2, seen: 100, drops: { ring_full: 45 }, slot: 1 },
    { from: 10, to: 20, seen: 40, drops: { queue_full: 19 } },
  ]);
  assert.deepEqual(await lostOf([outgoing], "--every", "10s", "-Q", "in"), [0, 19, 0]);
});

Deno.test("timeline does not say what was lost in a part of a time in which packets were", async () => {
  const known = (count: number) => Array(count).fill(0);
  const seconds = await lostOf([LOSSES], "--every", "1s");
  assert.deepEqual(seconds, [0, 40, 8, ...known(7), ...Array(10).fill(null), ...known(10)]);
  assert.deepEqual(await lostOf([LOSSES], "--every", "2s"), [
    ...[40, 8, 0, 0, 0, ...Array(5).fill(null), ...known(5)],
  ]);
  // One that says nothing, or not when.
  assert.deepEqual(await lostOf([{}], "--every", "10s"), [null, null, null]);
  assert.deepEqual(await lostOf([LOSSES, null], "--every", "10s"), [null, null, null]);
  assert.deepEqual(await lostOf([{}], "--every", "1m"), [64]);
});

Deno.test("timeline tells buckets of less than a millisecond apart in a table", async () => {
  using directory = TempDirectory.create();
  const path = directory.file("a.parquet");
  const packets = [0n, 2_000_000n].map((after): FixturePacket => {
    return { ...PACKET!, timestamp: START_NS + after };
  });
  await writeRecording(path, packets, {});
  let text = "";
  await runStats({ ...stats("timeline", path), format: "table" }, {
    data: (part) => text += part,
    note: () => {},
    screen: { width: null, colour: false },
  });
  const starts = text.match(/^ *\d{4}-\S+ \S+(?= )/gm)!.slice(0, -1);
  assert.equal(starts.length, 41, text);
  assert.equal(new Set(starts).size, 41, text);
});
