/**
 * A recording whose kernel side and threads are stand-ins: what they say, and when, is the test's.
 *
 * @module
 */
import type { AttachedHook } from "../../src/attach/attach_plan.ts";
import { type PacketCounters, zeroCounters } from "../../src/contract/packet_counters.ts";
import type { Capture, RecordingParts, RecordingPlan } from "../../src/recorder/recording.ts";
import type { WorkerHandle } from "../../src/recorder/worker_thread.ts";

/** A thread that does nothing by itself. */
export class FakeWorker implements WorkerHandle {
  onmessage: WorkerHandle["onmessage"] = null;
  onerror: WorkerHandle["onerror"] = null;
  /** What it was sent. */
  readonly received: { readonly type?: string }[] = [];
  isRunning = true;

  postMessage(message: unknown): void {
    this.received.push(message as { type?: string });
  }

  terminate(): void {
    this.isRunning = false;
  }

  /** Says something to the controlling thread. */
  say(message: { readonly type: string; readonly [key: string]: unknown }): void {
    this.onmessage!.call(this as unknown as Worker, new MessageEvent("message", { data: message }));
  }
}

const HOOKS: readonly AttachedHook[] = [
  {
    slot: 0,
    interface: "eth0",
    direction: "ingress",
    hook: "xdp",
    mode: "generic",
    reason: "",
  },
  { slot: 1, interface: "eth0", direction: "egress", hook: "tcx", mode: "tcx", reason: "" },
];

/** What the capture of a {@linkcode FakeParts} has attached and counted. */
export const FAKE_COUNTERS: readonly PacketCounters[] = [
  { ...zeroCounters(), seen: 10, captured: 7, ringFull: 3, capturedBytes: 700 },
  { ...zeroCounters(), seen: 5, captured: 4, queueFull: 1, capturedBytes: 80 },
];

/** Rows that fit {@linkcode FAKE_COUNTERS}. */
export const FAKE_ROWS = 11;

/** Parts of a recording, and what has happened to them. */
export class FakeParts implements RecordingParts {
  /** What was done, in this order. */
  readonly events: string[] = [];
  readonly workers: FakeWorker[] = [];
  /** Number of the worker that cannot be started. */
  unstartable: number | null = null;
  /** Nanoseconds since 1970. */
  now = 1_000_000_000n;
  /** Called when the programs are taken off. */
  onDetach = () => {};
  /** What {@linkcode Capture.takeTopSources} was asked for. */
  topSources: number | null = null;

  get drain(): FakeWorker {
    return this.workers[0]!;
  }

  get writer(): FakeWorker {
    return this.workers[1]!;
  }

  keepHeapsSmall(): void {
    this.events.push("keep heaps small");
  }

  startWorker = (url: URL): FakeWorker => {
    this.events.push(`start ${url.pathname.split("/").at(-1)}`);
    if (this.workers.length === this.unstartable) throw new Error("Cannot start a thread: a test");
    this.workers.push(new FakeWorker());
    return this.workers.at(-1)!;
  };

  wallClockNs(): bigint {
    this.events.push("clock");
    return this.now;
  }

  loadCapture(): Capture {
    this.events.push("load");
    return {
      ring: { slotsFd: -1, positionsFd: -1, doorbellFd: -1, rings: 2, slots: 64 },
      writerBehindFd: -1,
      hasLostAllHooks: false,
      attach: () => {
        this.events.push("attach");
        return [...HOOKS];
      },
      detach: () => {
        this.events.push("detach");
        this.onDetach();
      },
      takeLostHooks: () => [],
      counters: () => [...FAKE_COUNTERS],
      takeTopSources: (limit) => {
        this.topSources = limit;
        return [];
      },
      [Symbol.dispose]: () => this.events.push("release"),
    };
  }
}

/** A plan for {@linkcode FakeParts}. */
export function fakePlan(file: RecordingPlan["file"]): RecordingPlan {
  return {
    capture: {
      points: [
        { interface: "eth0", ifindex: 2, direction: "ingress" },
        { interface: "eth0", ifindex: 2, direction: "egress" },
      ],
      mode: "auto",
      ringBytes: 8192,
      captureLimit: 0,
      sampleRate: 10,
      sourceStatistics: false,
    },
    output: "traffic.parquet",
    file,
  };
}
