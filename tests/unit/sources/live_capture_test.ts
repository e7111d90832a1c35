import { type ClockReading, ownThread } from "../../../ffi/mod.ts";
import assert from "node:assert/strict";
import type { LostAttachments } from "../../../src/attach/interface_watch.ts";
import type { Arrival, Refusal } from "../../../src/attach/waiting.ts";
import type { ChosenAttachment } from "../../../src/contract/attachment.ts";
import { InterfaceEventList } from "../../../src/contract/interface_event.ts";
import { createQueueMemory } from "../../../src/batch/batch_queue.ts";
import type { DrainStart } from "../../../src/drain/drain_protocol.ts";
import type { CaptureSettings } from "../../../src/sources/capture_session.ts";
import {
  type KernelSide,
  LiveCapture,
  type LiveCaptureParts,
} from "../../../src/sources/live_capture.ts";
import { within } from "../../support/deadline.ts";
import { FAKE_ATTACHMENTS, FAKE_COUNTS, FAKE_ROWS } from "../../support/fake_counts.ts";
import { FakeWorkers } from "../../support/fake_worker.ts";
import { type OpenDescriptor, openDescriptors } from "../../support/open_descriptors.ts";

/** Limit for something that needs no waiting at all, milliseconds. */
const LIMIT_MS = 20_000;

const SECOND = 1_000_000_000n;
const FAILED = { type: "failed", message: "Cannot go on: a test", hint: "Look elsewhere" };
const FAILURE = { name: "RunError", message: "Cannot go on: a test", hint: "Look elsewhere" };
const HOOKS = FAKE_ATTACHMENTS.map((attachment) => ({ ...attachment, reason: "" }));

const SETTINGS = {
  points: [
    { interface: "eth0", ifindex: 2, direction: "ingress" },
    { interface: "eth0", ifindex: 2, direction: "egress" },
  ],
  mode: "auto",
  ringBytes: 8192,
  captureLimit: 5,
  sampleRate: 10,
  senderStatistics: false,
} as const;

function soon<T>(promise: Promise<T>): Promise<T> {
  return within("the capture to settle", LIMIT_MS, promise);
}

const NOTHING_HAPPENED = new InterfaceEventList();

/** A kernel and a draining thread that the test speaks for. */
class Rig implements LiveCaptureParts {
  readonly threads = new FakeWorkers();
  readonly startWorker = this.threads.start;
  /** What the kernel was asked for, in this order. */
  readonly events: string[] = [];
  /** Nanoseconds since 1970. */
  now = SECOND;
  /** Nanoseconds by which somebody has set the wall clock. */
  step = 0n;
  /** Nanoseconds that the machine has slept. */
  slept = 0n;
  /** Called when the programs are taken off. */
  onDetach = () => {};
  refuses = false;
  /** What has stopped recording since the capture last asked. */
  readonly lost: LostAttachments[] = [];
  /** What has come since. */
  readonly arrivals: (Arrival | Refusal)[] = [];
  isWaiting = false;
  attached: ChosenAttachment[] = [...HOOKS];

  get drain() {
    return this.threads.worker;
  }

  readClocks(): ClockReading {
    this.events.push("clock");
    const { now, step, slept } = this;
    return { realtimeNs: now + slept + step, monotonicNs: now, boottimeNs: now + slept };
  }

  loadSession(): KernelSide {
    this.events.push("load");
    // deno-lint-ignore no-this-alias
    const rig = this;
    return {
      get attached() {
        return rig.attached;
      },
      get isWaiting() {
        return rig.isWaiting;
      },
      ring: { slotsFd: -1, positionsFd: -1, doorbellFd: -1, rings: 2, slots: 64 },
      writerBehindFd: -7,
      hasLostAll: false,
      attach: () => {
        this.events.push("attach");
        if (this.refuses) throw new Error("Cannot attach: a test");
        return this.attached;
      },
      detach: () => {
        this.events.push("detach");
        // What is not attached any more has no hook.
        this.attached = this.attached.map((one) => ({ ...one, hook: null, mode: null }));
        this.onDetach();
      },
      neededCapabilities: () => ({ reading: ["BPF"], ending: ["NET_ADMIN"] }),
      notice: () => ({ changes: [], lost: this.lost.splice(0) }),
      attachWaiting: () => this.arrivals.splice(0),
      counts: () => [...FAKE_COUNTS],
      takeTopSenders: (limit) => [{ address: new Uint8Array(16), packets: limit, bytes: 1 }],
      [Symbol.dispose]: () => this.events.push("release"),
    };
  }
}

/** A capture whose thread is ready. */
async function opened(rig: Rig): Promise<LiveCapture> {
  const capture = LiveCapture.load(SETTINGS, rig);
  const opening = capture.open(createQueueMemory(1));
  rig.drain.say({ type: "ready", thread: 77 });
  await soon(opening);
  return capture;
}

Deno.test("LiveCapture.load() knows its attachments before anything is attached", () => {
  const rig = new Rig();
  using capture = LiveCapture.load(SETTINGS, rig);
  assert.deepEqual(rig.events, ["clock", "load"]);
  assert.deepEqual(rig.threads.started, ["drain_worker.ts"]);
  assert.deepEqual(capture.attachments, [
    { attachment: 0, interface: "eth0", direction: "ingress" },
    { attachment: 1, interface: "eth0", direction: "egress" },
  ]);
  assert.equal(capture.sampleRate, 10);
  assert.equal(capture.ringBytes, 2 * 64 * 96);
  assert.deepEqual(capture.attached, []);
});

Deno.test("LiveCapture.neededRights() names the threads that read: this one and the draining one", async () => {
  using capture = await opened(new Rig());
  const { reading, readers, ending } = capture.neededRights();
  assert.deepEqual([reading, ending], [["BPF"], ["NET_ADMIN"]]);
  assert.deepEqual(readers, [ownThread(), 77]);
});

/** Event descriptors that are new. The runtime may close those of a thread that has ended meanwhile. */
function openedSince(before: readonly OpenDescriptor[]): OpenDescriptor[] {
  const known = new Set(before.map(({ fd }) => fd));
  return openDescriptors(/eventfd/).filter(({ fd }) => !known.has(fd));
}

Deno.test("LiveCapture.load() releases everything when its thread cannot be started", () => {
  const rig = new Rig();
  rig.threads.refuses = true;
  const before = openDescriptors(/eventfd/);
  assert.throws(() => LiveCapture.load(SETTINGS, rig), /a thread: a test/);
  assert.equal(rig.events.at(-1), "release");
  assert.deepEqual(openedSince(before), []);
});

Deno.test("LiveCapture.open() gives the thread what it needs, and waits for it", async () => {
  const rig = new Rig();
  using capture = LiveCapture.load(SETTINGS, rig);
  let isOpen = false;
  const queue = createQueueMemory(2);
  const opening = capture.open(queue).then(() => isOpen = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isOpen, false);
  rig.drain.say({ type: "ready", thread: 77 });
  await soon(opening);
  const start = rig.drain.received[0] as unknown as DrainStart;
  assert.equal(start.queue, queue);
  assert.deepEqual([start.captureLimit, start.writerBehindFd, start.ring.slots], [5, -7, 64]);
});

Deno.test("LiveCapture.open() rejects when the thread fails", async () => {
  const rig = new Rig();
  using capture = LiveCapture.load(SETTINGS, rig);
  const opening = capture.open(createQueueMemory(1));
  rig.drain.say(FAILED);
  await assert.rejects(soon(opening), FAILURE);
});

Deno.test("LiveCapture releases everything when it is disposed of", async () => {
  const before = openDescriptors(/eventfd/);
  const rig = new Rig();
  const capture = await opened(rig);
  assert.equal(openedSince(before).length, 1);
  capture[Symbol.dispose]();
  assert.equal(rig.drain.isRunning, false);
  assert.equal(rig.events.at(-1), "release");
  assert.deepEqual(openedSince(before), []);
});

Deno.test("LiveCapture.start() throws at once when a program is refused", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  rig.refuses = true;
  assert.throws(() => void capture.start(), { message: "Cannot attach: a test" });
});

Deno.test("LiveCapture.start() ends by itself when the thread fails", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  const ended = capture.start();
  rig.drain.say(FAILED);
  await assert.rejects(soon(ended), FAILURE);
});

Deno.test("LiveCapture.start() settles when the limit is reached", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  const ended = capture.start();
  assert.deepEqual(capture.attached, HOOKS);
  rig.drain.say({ type: "limit" });
  await soon(ended);
});

Deno.test("LiveCapture.cut() and stop() set a word each, and wake the thread", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  const { control } = rig.drain.received[0] as unknown as DrainStart;
  capture.cut();
  assert.deepEqual([...new Int32Array(control)], [0, 1]);
  void capture.stop();
  assert.deepEqual([...new Int32Array(control)], [1, 1]);
});

Deno.test("LiveCapture.stop() takes the end when everything is off its hook, not when it is drained", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  // Taking the programs off takes two seconds, draining the rest six.
  rig.onDetach = () => rig.now += 2n * SECOND;
  const stopping = capture.stop();
  assert.equal(rig.events.includes("detach"), true);
  rig.now += 6n * SECOND;
  rig.drain.say({ type: "drained", records: FAKE_ROWS });
  assert.deepEqual(await soon(stopping), {
    rows: FAKE_ROWS,
    startedNs: SECOND,
    endedNs: 3n * SECOND,
    durationNs: 2n * SECOND,
    attachments: HOOKS,
    earlyEnds: [],
    interfaceEvents: NOTHING_HAPPENED,
  });
});

Deno.test("LiveCapture.stop() tells what ended before, also what nobody has asked for yet", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  rig.now = 5n * SECOND;
  const egress = { attachment: 1, direction: "egress" } as const;
  rig.lost.push({ interface: "eth0", cause: "program", attachments: [egress] });
  assert.equal(capture.look().length, 1);
  assert.deepEqual(capture.look(), []);
  rig.now = 7n * SECOND;
  const ingress = { attachment: 0, direction: "ingress" } as const;
  rig.lost.push({ interface: "eth0", cause: "deleted", attachments: [ingress] });
  const stopping = capture.stop();
  rig.drain.say({ type: "drained", records: FAKE_ROWS });
  assert.deepEqual((await soon(stopping)).earlyEnds, [
    { attachment: 1, endedNs: 5n * SECOND, reason: "detached" },
    { attachment: 0, endedNs: 7n * SECOND, reason: "interface_gone" },
  ]);
});

Deno.test("LiveCapture.stop() gives a length that a step of the wall clock does not change", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  rig.now += 30n * SECOND;
  rig.step = -3600n * SECOND;
  const stopping = capture.stop();
  rig.drain.say({ type: "drained", records: FAKE_ROWS });
  const { startedNs, endedNs, durationNs } = await soon(stopping);
  // By the time of the packets, which does not follow.
  assert.equal(endedNs - startedNs, 30n * SECOND);
  assert.equal(durationNs, 30n * SECOND);
});

Deno.test("LiveCapture.stop() takes sleep into the time of the end, and not into the length", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  rig.now += 30n * SECOND;
  rig.slept = 3600n * SECOND;
  const stopping = capture.stop();
  rig.drain.say({ type: "drained", records: FAKE_ROWS });
  const { startedNs, endedNs, durationNs } = await soon(stopping);
  assert.equal(endedNs - startedNs, 3630n * SECOND);
  assert.equal(durationNs, 30n * SECOND);
});

Deno.test("LiveCapture.start() begins by the wall clock, though it was set while the programs were loaded", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  rig.step = -3600n * SECOND;
  rig.drain.say({ type: "clock", change: { kind: "set", atNs: 0n, byNs: rig.step } });
  void capture.start();
  assert.equal(capture.now().wallNs, rig.now - 3600n * SECOND);
  assert.equal(capture.clockAheadNs, 0n);
  assert.deepEqual(capture.clockChanges, []);
});

Deno.test("LiveCapture tells what was done to the clock, and follows it when it is asked to", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  const told: unknown[] = [];
  capture.onClockChange = (change) => told.push(change);
  const change = { kind: "set", atNs: 2n * SECOND, byNs: 60n * SECOND };
  rig.step = 60n * SECOND;
  rig.drain.say({ type: "clock", change });
  assert.deepEqual(told, [change]);
  assert.deepEqual(capture.clockChanges, [change]);
  assert.equal(capture.now().wallNs, rig.now);
  assert.equal(capture.clockAheadNs, 60n * SECOND);
  capture.followClock();
  assert.equal(capture.now().wallNs, rig.now + 60n * SECOND);
  // The draining thread has the same.
  const { clock } = rig.drain.received[0] as unknown as DrainStart;
  assert.equal(clock, capture.clockMemory);
  assert.equal(capture.clockAheadNs, 0n);
});

Deno.test("LiveCapture.stop() rejects when the thread fails", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  capture.start().catch(() => {});
  const stopping = capture.stop();
  rig.drain.say(FAILED);
  await assert.rejects(soon(stopping), FAILURE);
});

Deno.test("LiveCapture.packetsOf() counts what was captured at those attachments", () => {
  using capture = LiveCapture.load(SETTINGS, new Rig());
  assert.equal(capture.packetsOf([{ attachment: 1 }]), 4);
  assert.equal(capture.packetsOf([{ attachment: 0 }, { attachment: 1 }]), 11);
});

Deno.test("LiveCapture passes on what the kernel counts", () => {
  using capture = LiveCapture.load(SETTINGS, new Rig());
  assert.deepEqual(capture.counts(), FAKE_COUNTS);
  assert.deepEqual(capture.takeTopSenders(3).map(({ packets }) => packets), [3]);
});

Deno.test("LiveCapture begins when the first program is in place, and is complete when all are", async () => {
  const rig = new Rig();
  rig.isWaiting = true;
  rig.attached = HOOKS.map((one) => ({ ...one, hook: null, mode: null }));
  using capture = await opened(rig);
  const settled: string[] = [];
  void capture.begun.then(() => settled.push("begun"));
  void capture.complete.then(() => settled.push("complete"));
  void capture.start();
  assert.deepEqual([capture.hasBegun, capture.look()], [false, []]);
  assert.deepEqual(capture.earlyEnds.map(({ reason }) => reason), ["never_came", "never_came"]);
  rig.now = 5n * SECOND;
  const arrival = (attachment: 0 | 1): Arrival => ({
    kind: "arrival",
    interface: "eth0",
    ifindex: 9,
    attachments: [{ attachment, point: SETTINGS.points[attachment] }],
  });
  rig.attached = [HOOKS[0]!, rig.attached[1]!];
  rig.arrivals.push(arrival(0));
  assert.deepEqual(capture.look(), [{
    time: "1970-01-01T00:00:05.000000000Z",
    interface: "eth0",
    event: "came",
    detail: "ingress xdp/generic",
    lost: [],
  }]);
  await soon(capture.begun);
  assert.deepEqual([capture.hasBegun, settled], [true, ["begun"]]);
  // The time of the recording has begun by the first.
  rig.now = 6n * SECOND;
  rig.isWaiting = false;
  rig.attached = [...HOOKS];
  rig.arrivals.push(arrival(1));
  capture.look();
  await soon(capture.complete);
  assert.deepEqual(capture.earlyEnds, []);
  rig.now = 8n * SECOND;
  const stopping = capture.stop();
  rig.drain.say({ type: "drained", records: FAKE_ROWS });
  const { startedNs, durationNs, attachments } = await soon(stopping);
  assert.deepEqual([startedNs, durationNs, attachments], [5n * SECOND, 3n * SECOND, HOOKS]);
  assert.deepEqual(capture.attached, HOOKS);
});

Deno.test("LiveCapture.stop() has no length if nothing ever came", async () => {
  const rig = new Rig();
  rig.isWaiting = true;
  rig.attached = HOOKS.map((one) => ({ ...one, hook: null, mode: null }));
  using capture = await opened(rig);
  void capture.start();
  rig.now = 8n * SECOND;
  const stopping = capture.stop();
  rig.drain.say({ type: "drained", records: 0 });
  const { startedNs, durationNs, earlyEnds } = await soon(stopping);
  assert.deepEqual([startedNs, durationNs, earlyEnds.length], [8n * SECOND, 0n, 2]);
});

Deno.test("LiveCapture.look() tells of a refusal once, as long as its reason is the same", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  const told = ["a", "a", "b"].map((reason) => {
    rig.arrivals.push({ kind: "refusal", interface: "eth0", reason });
    return capture.look().map(({ event, detail }) => `${event} ${detail}`);
  });
  assert.deepEqual(told, [["refused a"], [], ["refused b"]]);
});

Deno.test("LiveCapture is complete from its start on where nothing is waited for", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  await soon(Promise.all([capture.begun, capture.complete]));
  assert.equal(capture.hasBegun, true);
});

Deno.test("LiveCapture tells its filter; without one it has none", () => {
  const filter = { text: "udp port 53" } as NonNullable<CaptureSettings["filter"]>;
  for (const [given, told] of [[filter, "udp port 53"], [null, ""]] as const) {
    using capture = LiveCapture.load({ ...SETTINGS, filter: given }, new Rig());
    assert.equal(capture.filter, told);
  }
});

Deno.test("LiveCapture does not begin by a refusal, and is not complete", async () => {
  const rig = new Rig();
  rig.isWaiting = true;
  rig.attached = HOOKS.map((one) => ({ ...one, hook: null, mode: null }));
  using capture = await opened(rig);
  const settled: string[] = [];
  void capture.begun.then(() => settled.push("begun"));
  void capture.complete.then(() => settled.push("complete"));
  void capture.start();
  rig.now = 5n * SECOND;
  rig.arrivals.push({ kind: "refusal", interface: "eth0", reason: "a test" });
  assert.deepEqual(capture.look().map(({ event }) => event), ["refused"]);
  await Promise.resolve();
  assert.deepEqual([capture.hasBegun, settled], [false, []]);
  assert.deepEqual(capture.earlyEnds.map(({ reason }) => reason), ["never_came", "never_came"]);
  // So its time does not count.
  rig.now = 8n * SECOND;
  const stopping = capture.stop();
  rig.drain.say({ type: "drained", records: 0 });
  const { startedNs, durationNs } = await soon(stopping);
  assert.deepEqual([startedNs, durationNs], [8n * SECOND, 0n]);
});

Deno.test("LiveCapture.look() tells how long an interface was away, whatever was done to the clock", async () => {
  const rig = new Rig();
  using capture = await opened(rig);
  void capture.start();
  const attachments = SETTINGS.points.map((point, attachment) => ({ attachment, point }));
  const gone = {
    interface: "eth0",
    cause: "deleted",
    attachments: attachments.map(({ attachment, point: { direction } }) => ({
      attachment,
      direction,
    })),
  } as const;
  rig.lost.push(gone);
  capture.look();
  assert.equal(capture.earlyEnds.length, 2);
  rig.now += 90n * SECOND;
  rig.step = -3600n * SECOND;
  rig.arrivals.push({ kind: "arrival", interface: "eth0", ifindex: 9, attachments });
  const [{ event, detail } = { event: "", detail: "" }] = capture.look();
  assert.deepEqual([event, detail], [
    "came_back",
    "after 1 min 30 s: ingress xdp/generic, egress tcx",
  ]);
  assert.deepEqual(capture.earlyEnds, []);
  // For the file, and for the recording.
  assert.equal(capture.takeInterfaceEvents().events.length, 2);
  assert.equal(capture.takeInterfaceEvents().events.length, 0);
  // Sooner than anybody looks.
  rig.lost.push(gone);
  rig.arrivals.push({ kind: "arrival", interface: "eth0", ifindex: 10, attachments });
  assert.deepEqual(capture.look().map((one) => one.event), ["deleted", "came_back"]);
});
