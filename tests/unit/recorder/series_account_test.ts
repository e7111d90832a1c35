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
