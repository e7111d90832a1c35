import assert from "node:assert/strict";
import type { Moment } from "../../../src/contract/clock_change.ts";
import { LossWatch } from "../../../src/recorder/loss_watch.ts";

const SECOND = 1_000_000_000n;
const START = 1_700_006_400n * SECOND;

/** Time that passes when the test says so, and the file that is read into. */
class Rig implements Disposable {
  readonly told: Readonly<Record<string, string>>[] = [];
  readonly reads: Moment[] = [];
  readonly reader = {
    losses: { dropped: 0, text: "[]" },
    read: (at: Moment) => void this.reads.push(at),
  };
  now: Moment = { wallNs: START + SECOND / 4n, steadyNs: 7n * SECOND };
  /** Milliseconds that were asked for last; null = nobody waits. */
  waitMs: number | null = null;
  readonly watch: LossWatch;
  #callback: () => void = () => {};
  readonly #real = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };

  constructor() {
    globalThis.setTimeout = ((callback: () => void, milliseconds: number) => {
      this.#callback = callback;
      this.waitMs = milliseconds;
      return 1;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = (() => this.waitMs = null) as unknown as typeof clearTimeout;
    this.watch = new LossWatch(
      () => this.now,
      this.reader,
      (metadata) => this.told.push(metadata),
    );
  }

  /** Lets the time until the next reading pass. */
  pass(): this {
    const ns = BigInt(this.waitMs!) * 1_000_000n;
    this.now = { wallNs: this.now.wallNs + ns, steadyNs: this.now.steadyNs + ns };
    this.#callback();
    return this;
  }

  /** So many packets are lost, and seconds pass. */
  lose(packets: number, seconds: number): this {
    const dropped = this.reader.losses.dropped + packets;
    Object.assign(this.reader.losses, { dropped, text: `[${dropped}]` });
    for (let second = 0; second < seconds; second++) this.pass();
    return this;
  }

  /** What was told since the last call. */
  get news(): string[] {
    return this.told.splice(0).map((one) => {
      assert.deepEqual(Object.keys(one), ["xdp_inspector.loss_intervals"]);
      return Object.values(one)[0]!;
    });
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
    globalThis.setTimeout = this.#real.set;
    globalThis.clearTimeout = this.#real.clear;
  }
}

Deno.test("LossWatch reads just behind each full second, until it is disposed of", () => {
  using rig = new Rig();
  assert.equal(rig.waitMs, 751);
  rig.pass();
  assert.deepEqual(rig.reads, [rig.now]);
  assert.equal(rig.waitMs, 1000);
  rig.pass();
  assert.equal(rig.reads.length, 2);
  rig.watch[Symbol.dispose]();
  assert.equal(rig.waitMs, null);
});

Deno.test("LossWatch tells losses once they are more, and at most each five seconds", () => {
  using rig = new Rig();
  rig.lose(0, 10);
  assert.deepEqual(rig.news, []);
  // Long enough since the last time: at once.
  rig.lose(3, 1);
  assert.deepEqual(rig.news, ["[3]"]);
  rig.lose(1, 4);
  assert.deepEqual(rig.news, []);
  rig.lose(1, 1);
  assert.deepEqual(rig.news, ["[5]"]);
  rig.lose(0, 20);
  assert.deepEqual(rig.news, []);
});

Deno.test("LossWatch tells what another file has lost, although it is as much as the one before", () => {
  using rig = new Rig();
  rig.lose(3, 10);
  assert.deepEqual(rig.news, ["[3]"]);
  rig.reader.losses = { dropped: 0, text: "[]" };
  rig.lose(0, 10);
  assert.deepEqual(rig.news, []);
  rig.reader.losses = { dropped: 0, text: "[]" };
  rig.lose(3, 1);
  assert.deepEqual(rig.news, ["[3]"]);
});

Deno.test("LossWatch tells nothing in the first seconds", () => {
  using rig = new Rig();
  rig.lose(3, 5);
  assert.deepEqual(rig.news, []);
  rig.lose(0, 1);
  assert.deepEqual(rig.news, ["[3]"]);
});
