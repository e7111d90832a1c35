import assert from "node:assert/strict";
import type { RecordedLoss } from "../../../src/contract/loss_interval.ts";
import { addCounts, type PacketCounts } from "../../../src/contract/packet_counts.ts";
import { LossLog, untilNextReading } from "../../../src/recorder/loss_log.ts";
import { type Counted, countsOf } from "../../support/fake_counts.ts";

const SECOND = 1_000_000_000n;
/** A full day. */
const START = 1_700_006_400n * SECOND;

/** Counters that go up, and a file that reads them. */
class Rig {
  readonly log = new LossLog(START);
  readonly counts: PacketCounts[];
  #now = START;

  constructor(attachments = 1) {
    this.counts = Array.from({ length: attachments }, () => addCounts([]));
  }

  /** Lets something come in at an attachment; `notWritten` of the packets are lost behind the kernel. */
  come(counted: Counted & { readonly notWritten?: number }, slot = 0): this {
    const { notWritten = 0 } = counted;
    const lost = {
      ...addCounts([]),
      packets_dropped: notWritten,
      drops: { ring_full: 0, queue_full: 0, not_written: notWritten },
    };
    this.counts[slot] = addCounts([this.counts[slot]!, countsOf(counted), lost]);
    return this;
  }

  /** Reads at so many seconds behind the start. */
  read(seconds: number): this {
    this.#now = START + BigInt(Math.round(seconds * 1000)) * 1_000_000n;
    this.log.read(this.#now, [...this.counts]);
    return this;
  }

  end(seconds: number): RecordedLoss[] {
    this.log.end(START + BigInt(Math.round(seconds * 1000)) * 1_000_000n, [...this.counts]);
    return this.recorded;
  }

  get recorded(): RecordedLoss[] {
    return JSON.parse(this.log.text);
  }
}

/** Seconds behind the start. */
function span({ started, ended }: RecordedLoss): [number, number] {
  const of = (text: string) => (Date.parse(text) - Number(START / 1_000_000n)) / 1000;
  return [of(started), of(ended)];
}

function sum(losses: readonly RecordedLoss[], slot: number, cause: string): number {
  return losses.filter((one) => one.slot === slot)
    .reduce((total, { drops }) => total + (drops[cause] ?? 0), 0);
}

Deno.test("LossLog keeps the seconds in which packets were lost, by attachment and cause", () => {
  const rig = new Rig(2);
  rig.come({ seen: 100 }, 0).read(1);
  rig.come({ seen: 50, ringFull: 7, filtered: 3 }, 0).come({ seen: 9 }, 1).read(2.05);
  rig.read(3);
  rig.come({ seen: 20, ringFull: 1, queueFull: 2 }, 0).come({ seen: 6, queueFull: 6 }, 1).read(4);
  const recorded = rig.end(4.5);
  assert.deepEqual(recorded, [
    {
      slot: 0,
      started: "2023-11-15T00:00:01.000000000Z",
      ended: "2023-11-15T00:00:02.000000000Z",
      packets_seen: 50,
      packets_filtered: 3,
      drops: { ring_full: 7 },
    },
    {
      slot: 0,
      started: "2023-11-15T00:00:03.000000000Z",
      ended: "2023-11-15T00:00:04.000000000Z",
      packets_seen: 20,
      packets_filtered: 0,
      drops: { ring_full: 1, queue_full: 2 },
    },
    {
      slot: 1,
      started: "2023-11-15T00:00:03.000000000Z",
      ended: "2023-11-15T00:00:04.000000000Z",
      packets_seen: 6,
      packets_filtered: 0,
      drops: { queue_full: 6 },
    },
  ]);
  assert.equal(rig.log.dropped, 16);
});

Deno.test("LossLog says nothing of a file without loss", () => {
  const rig = new Rig();
  for (let second = 1; second < 200; second++) rig.come({ seen: 5 }).read(second);
  assert.deepEqual(rig.end(200), []);
});

Deno.test("LossLog.read() gives a reading that is late its own time", () => {
  const rig = new Rig();
  rig.come({ seen: 1 }).read(1.1);
  rig.come({ seen: 9, ringFull: 2 }).read(3.35);
  rig.come({ seen: 9, ringFull: 2 }).read(4.101);
  assert.deepEqual(rig.end(5).map(span), [[1, 3.35], [3.35, 4.101]]);
});

Deno.test("LossLog.end() notes what nobody has read yet", () => {
  const rig = new Rig();
  rig.come({ seen: 4 }).read(1);
  rig.come({ seen: 9, ringFull: 2 });
  assert.deepEqual(rig.end(1.25).map((one) => [...span(one), one.drops]), [
    [1, 1.25, { ring_full: 2 }],
  ]);
});

Deno.test("LossLog counts what could not be written in the time in which it was seen", () => {
  const rig = new Rig();
  rig.come({ seen: 100 }).read(1);
  rig.come({ seen: 10 }).read(2);
  rig.come({ seen: 10 }).read(3);
  // It were those of two seconds, and it is noticed when nothing comes any more.
  rig.come({ notWritten: 15 }).read(4);
  assert.deepEqual(rig.end(5), [{
    slot: 0,
    started: "2023-11-15T00:00:01.000000000Z",
    ended: "2023-11-15T00:00:04.000000000Z",
    packets_seen: 20,
    packets_filtered: 0,
    drops: { not_written: 15 },
  }]);
});

Deno.test("LossLog counts in all of the time before what could not be written and was seen long ago", () => {
  const rig = new Rig();
  // Nothing came at first.
  rig.read(10).come({ seen: 1000 }).read(11);
  for (let second = 12; second <= 110; second++) rig.come({ seen: 1 }).read(second);
  rig.come({ notWritten: 900 }).read(111);
  const [one, ...others] = rig.recorded;
  assert.deepEqual(others, []);
  assert.deepEqual(span(one!), [0, 111]);
  assert.deepEqual([one!.packets_seen, one!.drops], [1099, { not_written: 900 }]);
  // That time is taken once, whatever is said to be lost of it.
  rig.come({ notWritten: 300 });
  const [all, ...more] = rig.end(112);
  assert.deepEqual(more, []);
  assert.deepEqual([all!.packets_seen, all!.drops], [1099, { not_written: 1200 }]);
});

Deno.test("LossLog keeps each second of the last minute by itself", () => {
  const rig = new Rig();
  rig.come({ seen: 1000 }).read(1);
  for (let second = 2; second <= 60; second++) rig.come({ seen: 1 }).read(second);
  rig.come({ notWritten: 50 }).read(61);
  assert.deepEqual(rig.end(62).map((one) => [...span(one), one.packets_seen]), [[10, 61, 50]]);
});

Deno.test("LossLog goes back from the latest time, whether it had loss or not, and past what was filtered", () => {
  const lossyLast = new Rig();
  lossyLast.come({ seen: 10 }).read(1);
  lossyLast.come({ seen: 5, ringFull: 1 }).read(2);
  lossyLast.come({ notWritten: 3 }).read(3);
  assert.deepEqual(lossyLast.end(4).map((one) => [...span(one), one.packets_seen, one.drops]), [
    [1, 3, 5, { ring_full: 1, not_written: 3 }],
  ]);
  const quietLast = new Rig();
  quietLast.come({ seen: 5, ringFull: 1 }).read(1);
  quietLast.come({ seen: 10 }).read(2);
  quietLast.come({ notWritten: 3 }).read(3);
  assert.deepEqual(quietLast.end(4).map((one) => [...span(one), one.packets_seen, one.drops]), [
    [0, 1, 5, { ring_full: 1 }],
    [1, 3, 10, { not_written: 3 }],
  ]);
  const filtered = new Rig();
  filtered.come({ seen: 10 }).read(1);
  filtered.come({ seen: 10, filtered: 9 }).read(2);
  filtered.come({ notWritten: 3 }).read(3);
  assert.deepEqual(filtered.end(4).map((one) => [...span(one), one.packets_seen]), [[0, 3, 20]]);
});

Deno.test("LossLog has no time before its file, although a reading counts as that of its full second", () => {
  const log = new LossLog(START + 50_000_000n);
  const [one, two] = [1, 2].map((ringFull) => countsOf({ seen: 9, ringFull }));
  log.read(START + 60_000_000n, [one!]);
  log.end(START + SECOND, [two!]);
  const recorded: RecordedLoss[] = JSON.parse(log.text);
  assert.deepEqual(recorded.map(span), [[0.05, 1]]);
  assert.equal(recorded[0]!.drops.ring_full, 2);
});

Deno.test("LossLog stays small, and its sums exact, however long packets are lost", () => {
  const rig = new Rig(2);
  let seed = 7;
  const chance = (below: number) => (seed = (seed * 48271) % 0x7fff_ffff) % below;
  const seconds = 20_000;
  for (let second = 1; second <= seconds; second++) {
    const [ringFull, queueFull] = [chance(3), chance(2)];
    rig.come({ seen: 10 + ringFull + queueFull, ringFull, queueFull }, 0);
    if (chance(10) === 0) rig.come({ seen: 1, ringFull: 1 }, 1);
    rig.read(second);
    if (second % 1000 === 0) assert.ok(rig.recorded.length <= 2048);
  }
  const recorded = rig.end(seconds + 0.5);
  for (const slot of [0, 1]) {
    for (const cause of ["ring_full", "queue_full", "not_written"] as const) {
      assert.equal(sum(recorded, slot, cause), rig.counts[slot]!.drops[cause], `${slot} ${cause}`);
    }
  }
  assert.ok(recorded.length > 1000, `${recorded.length}`);
  // None is longer than it has to be, and each fits into the buckets of a timeline.
  for (const one of recorded) {
    const [from, to] = span(one);
    assert.ok(to - from <= 30, `${from} to ${to}`);
    assert.equal(Math.floor(from / 30), Math.floor((to - 0.001) / 30), `${from} to ${to}`);
  }
});

Deno.test("untilNextReading() is just behind the next full second", () => {
  assert.equal(untilNextReading(START), 1001);
  assert.equal(untilNextReading(START + 250_000_000n), 751);
  assert.equal(untilNextReading(START + SECOND - 1n), 1);
});
