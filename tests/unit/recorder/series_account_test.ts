import assert from "node:assert/strict";
import { FILE_METADATA_KEY } from "../../../src/contract/file_metadata.ts";
import type { RecordedLoss } from "../../../src/contract/loss_interval.ts";
import {
  addCounts,
  type PacketCounts,
  withoutUnwritten,
} from "../../../src/contract/packet_counts.ts";
import { SeriesAccount } from "../../../src/recorder/series_account.ts";
import { countsOf, FAKE_ATTACHMENTS } from "../../support/fake_counts.ts";

const SECOND = 1_000_000_000n;
const FACTS = {
  id: "00000000-0000-0000-0000-000000000000",
  attached: FAKE_ATTACHMENTS,
  sampleRate: 1,
  filter: "",
};
const NOTHING = [addCounts([]), addCounts([])];

function at(seconds: number) {
  const ns = BigInt(seconds) * SECOND;
  return { wallNs: ns, steadyNs: ns };
}

function parsed(metadata: Record<string, string>) {
  const json = (key: keyof typeof FILE_METADATA_KEY) =>
    JSON.parse(metadata[FILE_METADATA_KEY[key]] ?? "null");
  return {
    losses: json("lossIntervals") as RecordedLoss[],
    attachments: json("attachments") as { slot: number; counters: PacketCounts }[],
  };
}

/** The drops of each attachment and cause, by the intervals and by the counters. */
function assertSums(metadata: Record<string, string>): void {
  const { losses, attachments } = parsed(metadata);
  for (const { slot, counters } of attachments) {
    for (const [cause, count] of Object.entries(counters.drops)) {
      const sum = losses.filter((one) => one.slot === slot)
        .reduce((total, { drops }) => total + (drops[cause] ?? 0), 0);
      assert.equal(sum, count, `${cause} of ${slot}`);
    }
  }
}

function close(
  account: SeriesAccount,
  { rows, lost = [0, 0], counted, seconds, isLast = false }: {
    rows: [number, number];
    lost?: [number, number];
    counted: readonly PacketCounts[];
    seconds: number;
    isLast?: boolean;
  },
) {
  return account.close(
    {
      number: 1,
      rows: rows[0] + rows[1],
      counts: rows.map((count) => [count, 60 * count]),
      lost: lost.map((count) => [count, 60 * count]),
    },
    {
      at: at(seconds),
      counted,
      earlyEnds: [],
      more: {},
      next: isLast ? null : at(seconds),
    },
  );
}

Deno.test("SeriesAccount gives each file the losses of its own time, which add up to its counters", () => {
  const account = new SeriesAccount(FACTS, at(100), NOTHING);
  const first = [
    countsOf({ seen: 100, captured: 90, ringFull: 10 }),
    countsOf({ seen: 20, captured: 20 }),
  ];
  account.read(at(101), first);
  const second = [
    countsOf({ seen: 150, captured: 130, ringFull: 15, queueFull: 5 }),
    countsOf({ seen: 30, captured: 30 }),
  ];
  // Some of what the kernel has captured goes into the next file.
  const one = close(account, { rows: [95, 25], counted: second, seconds: 102 });
  assertSums(one);
  assert.deepEqual(parsed(one).losses.map(({ started, drops }) => [started.slice(17, 19), drops]), [
    ["40", { ring_full: 10 }],
    ["41", { ring_full: 5, queue_full: 5 }],
  ]);
  account.read(at(103), second);
  const third = [
    countsOf({ seen: 260, captured: 230, ringFull: 25, queueFull: 5 }),
    countsOf({ seen: 40, captured: 38, queueFull: 2 }),
  ];
  account.read(at(104), third);
  const two = close(account, { rows: [135, 13], counted: third, seconds: 105, isLast: true });
  assertSums(two);
  assert.deepEqual(parsed(two).losses.map(({ started, slot }) => [started.slice(17, 19), slot]), [
    ["43", 0],
    ["43", 1],
  ]);
});

Deno.test("SeriesAccount counts what could not be written in the file that lost it", () => {
  const account = new SeriesAccount(FACTS, at(100), NOTHING);
  const counted = [countsOf({ seen: 50, captured: 50 }), countsOf({ seen: 5, captured: 5 })];
  const written = [withoutUnwritten(counted[0]!, [30, 1800]), counted[1]!];
  account.read(at(101), counted);
  account.read(at(102), written);
  assert.equal(account.losses.dropped, 30);
  const one = close(account, { rows: [20, 5], lost: [30, 0], counted, seconds: 103 });
  assertSums(one);
  assert.deepEqual(parsed(one).losses.map(({ drops }) => drops), [{ not_written: 30 }]);
  assert.equal(account.losses.dropped, 0);
  account.read(at(104), written);
  const two = close(account, { rows: [0, 0], counted, seconds: 105, isLast: true });
  assert.deepEqual(parsed(two).losses, []);
});

Deno.test("SeriesAccount tells each file its place, its time, and its share of what was left out", () => {
  const moment = (wall: number, steady: number) => {
    return { wallNs: BigInt(wall) * SECOND, steadyNs: BigInt(steady) * SECOND };
  };
  const account = new SeriesAccount(FACTS, moment(100, 7), NOTHING);
  const part = (rows: number) => {
    return { number: 1, rows, counts: [[rows, 60 * rows]], lost: [] } as const;
  };
  const counted = [[20, 8], [50, 18], [51, 18]].map(([seen, captured]) => {
    const [left, egress] = [seen! - captured!, countsOf({})];
    return [
      countsOf({ seen: seen!, captured: captured!, filtered: left - 10, sampledOut: 10 }),
      egress,
    ];
  });
  const earlyEnds = [{ attachment: 1, endedNs: 101n * SECOND, reason: "detached" as const }];
  const ends = [
    // The machine has slept, and the clock was set forward when the second file began.
    { at: moment(110, 9), counted: counted[0]!, earlyEnds, next: moment(200, 9) },
    { at: moment(205, 14), counted: counted[1]!, earlyEnds: [], next: moment(205, 14) },
    { at: moment(206, 15), counted: counted[2]!, earlyEnds: [], next: null },
  ];
  const rows = [8, 10, 0];
  const files = ends.map((end, index) => {
    const { open } = account;
    const metadata = account.close(part(rows[index]!), { ...end, more: { of: String(index) } });
    const at = (key: keyof typeof FILE_METADATA_KEY) => metadata[FILE_METADATA_KEY[key]];
    const [before] = JSON.parse(at("countersBefore")!);
    const { packets_filtered, packets_sampled_out } = JSON.parse(at("counters")!);
    return {
      place: [open.number, at("fileNumber"), at("lastFile"), metadata.of],
      time: [open.startedMs, at("started"), at("ended"), at("durationSeconds")].map((text) => {
        return typeof text === "string" && text.includes("T") ? Date.parse(text) / 1000 : text;
      }),
      before: [before.counters.packets_captured, before.counters.packets_filtered],
      leftOut: [packets_filtered, packets_sampled_out],
      ends: JSON.parse(at("attachments")!).map((one: { end_reason: string }) => one.end_reason),
    };
  });
  const stopped = ["stopped", "stopped"];
  assert.deepEqual(files, [
    {
      place: [1, "1", undefined, "0"],
      time: [100_000, 100, 110, "2"],
      before: [0, 0],
      leftOut: [2, 10],
      ends: ["stopped", "detached"],
    },
    {
      place: [2, "2", undefined, "1"],
      time: [200_000, 200, 205, "5"],
      before: [8, 2],
      leftOut: [20, 0],
      ends: stopped,
    },
    {
      place: [3, "3", "true", "2"],
      time: [205_000, 205, 206, "1"],
      before: [18, 22],
      leftOut: [1, 0],
      ends: stopped,
    },
  ]);
});
