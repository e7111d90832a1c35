import assert from "node:assert/strict";
import { splitClockOffset } from "../../../src/batch/decode.ts";
import type { ClockChange } from "../../../src/contract/clock_change.ts";
import {
  CaptureClock,
  clockMemory,
  type ClockReading,
  RecordingClock,
} from "../../../src/drain/capture_clock.ts";

const MS = 1_000_000n;
const SECOND = 1000n * MS;
const HOUR = 3600n * SECOND;
const WALL = 1_700_000_000n * SECOND;

/** The clocks of a machine, in the hands of a test. */
class Machine {
  monotonicNs = 50n * SECOND;
  sleptNs = 7n * SECOND;
  wallNs = WALL;
  readonly changes: ClockChange[] = [];
  readonly memory = clockMemory();

  readonly read = (): ClockReading => ({
    monotonicNs: this.monotonicNs,
    boottimeNs: this.monotonicNs + this.sleptNs,
    realtimeNs: this.wallNs,
  });

  get recording(): RecordingClock {
    return new RecordingClock(this.memory, this.read);
  }

  capture(): CaptureClock {
    return new CaptureClock(this.recording, this.read, (change) => this.changes.push(change));
  }

  run(ns: bigint): void {
    this.monotonicNs += ns;
    this.wallNs += ns;
  }

  sleep(ns: bigint): void {
    this.sleptNs += ns;
    this.wallNs += ns;
  }

  set(byNs: bigint): void {
    this.wallNs += byNs;
  }

  /** What a packet of this moment gets. */
  stamp({ offset }: CaptureClock): bigint {
    const { low, high } = offset;
    return BigInt.asIntN(64, (BigInt(high) << 32n) + BigInt(low)) + this.monotonicNs;
  }
}

function begun(): { machine: Machine; clock: CaptureClock } {
  const machine = new Machine();
  machine.recording.begin();
  return { machine, clock: machine.capture() };
}

Deno.test("CaptureClock gives packets the wall clock of the moment in which the recording began, which goes on", () => {
  const { machine, clock } = begun();
  assert.equal(machine.stamp(clock), WALL);
  machine.run(90n * SECOND);
  clock.refresh();
  assert.equal(machine.stamp(clock), WALL + 90n * SECOND);
  assert.deepEqual({ ...clock.offset }, splitClockOffset(WALL - 50n * SECOND));
  assert.deepEqual(machine.changes, []);
});

for (const byNs of [-HOUR, HOUR]) {
  Deno.test(`CaptureClock.refresh() tells a step of ${byNs / SECOND} s once and does not follow it`, () => {
    const { machine, clock } = begun();
    machine.run(SECOND);
    machine.set(byNs);
    machine.run(SECOND);
    clock.refresh();
    machine.run(SECOND);
    clock.refresh();
    assert.equal(machine.stamp(clock), WALL + 3n * SECOND);
    assert.deepEqual(machine.changes, [{ kind: "set", atNs: WALL + 2n * SECOND, byNs }]);
    assert.deepEqual(machine.recording.now(), {
      wallNs: WALL + 3n * SECOND,
      steadyNs: 53n * SECOND,
    });
    assert.equal(machine.recording.aheadNs(), byNs);
    // Whoever set it sets it right again.
    machine.set(-byNs);
    clock.refresh();
    assert.deepEqual(machine.changes.map((one) => one.byNs), [byNs, -byNs]);
    assert.equal(machine.recording.aheadNs(), 0n);
  });
}

Deno.test("CaptureClock.refresh() follows sleep, and tells it", () => {
  const { machine, clock } = begun();
  machine.run(SECOND);
  machine.sleep(8n * HOUR);
  machine.run(SECOND);
  clock.refresh();
  assert.equal(machine.stamp(clock), WALL + 8n * HOUR + 2n * SECOND);
  assert.equal(machine.stamp(clock), machine.wallNs);
  assert.deepEqual(machine.changes, [{ kind: "slept", atNs: machine.wallNs, byNs: 8n * HOUR }]);
  assert.deepEqual(machine.recording.now(), { wallNs: machine.wallNs, steadyNs: 52n * SECOND });
  assert.equal(machine.recording.aheadNs(), 0n);
});

Deno.test("CaptureClock.refresh() takes small steps for one when they have added up, and noise for none", () => {
  const { machine, clock } = begun();
  for (let step = 0; step < 1000; step++) {
    machine.set(step % 2 === 0 ? 5n * MS : -5n * MS);
    clock.refresh();
  }
  assert.deepEqual(machine.changes, []);
  for (let step = 0; step < 4; step++) {
    machine.set(4n * MS);
    clock.refresh();
  }
  assert.deepEqual(machine.changes.map(({ byNs }) => byNs), [12n * MS]);
  // 4 ms are left of before.
  machine.set(6n * MS);
  clock.refresh();
  machine.set(-10n * MS);
  clock.refresh();
  assert.deepEqual(machine.changes.slice(1).map(({ byNs }) => byNs), [10n * MS, -10n * MS]);
});

Deno.test("RecordingClock.aheadNs() takes noise for nothing", () => {
  const { machine } = begun();
  machine.set(9n * MS);
  assert.equal(machine.recording.aheadNs(), 0n);
  machine.recording.follow();
  machine.set(MS);
  assert.equal(machine.recording.aheadNs(), 10n * MS);
});

Deno.test("RecordingClock.follow() goes on by the wall clock where that is ahead, and never back", () => {
  const { machine, clock } = begun();
  machine.set(-HOUR);
  machine.recording.follow();
  clock.refresh();
  assert.equal(machine.stamp(clock), WALL);
  machine.set(3n * HOUR);
  machine.recording.follow();
  clock.refresh();
  assert.equal(machine.stamp(clock), WALL + 2n * HOUR);
  assert.equal(machine.recording.now().wallNs, machine.wallNs);
  assert.equal(machine.recording.aheadNs(), 0n);
});

Deno.test("CaptureClock never gives a packet an earlier time, whatever is done to the clocks", () => {
  const { machine, clock } = begun();
  let last = machine.stamp(clock);
  let seed = 1;
  const chance = (below: number) => (seed = (seed * 48271) % 0x7fff_ffff) % below;
  for (let round = 0; round < 5000; round++) {
    const acts = [
      () => machine.run(BigInt(chance(1000)) * MS),
      () => machine.set(BigInt(chance(20_000) - 10_000) * MS),
      () => machine.sleep(BigInt(chance(5000)) * MS),
      () => machine.recording.follow(),
      () => clock.refresh(),
    ];
    acts[chance(acts.length)]!();
    const now = machine.stamp(clock);
    assert.ok(now >= last, `round ${round}: ${now} after ${last}`);
    last = now;
  }
  assert.ok(machine.changes.length > 100, "it was set often");
});
