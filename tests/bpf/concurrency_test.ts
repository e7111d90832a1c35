/**
 * Counting on several CPUs at once.
 */
import assert from "node:assert/strict";

import { BpfInspector, type InspectorOptions, NEEDS_ROOT } from "../support/bpf_inspector.ts";
import { waitFor, within } from "../support/deadline.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { PROTOCOL, udp } from "../support/frames/transport.ts";
import type { RepeatOrder } from "./repeat_worker.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp()));
const THREADS = 2;

/** So long that the threads overlap, although the kernel lets them start tens of ms apart. */
const REPEAT = 2_500_000;
const LIMIT_MS = 60_000;
const RING_BYTES = 64 * 1024 * 1024;

/** Runs the program on all threads at once while this one reads the ring. */
async function runOnThreads(options: InspectorOptions) {
  using inspector = new BpfInspector("inspect_xdp", { ringBytes: RING_BYTES, ...options });
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const order: RepeatOrder = { programFd: inspector.programFd, frame: FRAME, repeat: REPEAT, gate };
  const threads = Array.from({ length: THREADS }, () => startThread(order));
  let records = 0;
  try {
    const done = within("the threads to end", LIMIT_MS, Promise.all(threads.map(ended)));
    await waitFor("the threads to be ready", LIMIT_MS, () => Atomics.load(gate, 0) === THREADS);
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
    let running = true;
    done.finally(() => running = false).catch(() => {});
    while (running) {
      records += inspector.drainCount();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await done;
    return { records: records + inspector.drainCount(), counters: inspector.counters() };
  } finally {
    for (const thread of threads) thread.terminate();
  }
}

function startThread(order: RepeatOrder): Worker {
  const worker = new Worker(new URL("./repeat_worker.ts", import.meta.url), { type: "module" });
  worker.postMessage(order);
  return worker;
}

function ended(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.onmessage = () => resolve();
    thread.onerror = (event) => reject(new Error(event.message));
  });
}

Deno.test({
  name: "inspect_xdp() loses no count when two CPUs count at once",
  ignore: NEEDS_ROOT,
  fn: async () => {
    const { records, counters } = await runOnThreads({});
    assert.equal(counters.seen, THREADS * REPEAT);
    assert.equal(counters.captured + counters.ring_full, THREADS * REPEAT);
    assert.equal(counters.captured_bytes, counters.captured * FRAME.length);
    assert.equal(records, counters.captured);
  },
});

Deno.test({
  name: "inspect_xdp() overwrites no record when two CPUs fill one small ring again and again",
  ignore: NEEDS_ROOT,
  fn: async () => {
    const { records, counters } = await runOnThreads({ ringBytes: 1 << 16 });
    assert.equal(counters.seen, THREADS * REPEAT);
    assert.equal(counters.captured + counters.ring_full, THREADS * REPEAT);
    assert.equal(records, counters.captured);
    // It was full, and went round several times.
    assert.ok(counters.ring_full > REPEAT / 10, `${counters.ring_full} lost`);
    assert.ok(records > 4 * 512, `${records} captured`);
  },
});

Deno.test({
  name: "inspect_xdp() records exactly the limit when two CPUs reach it at once",
  ignore: NEEDS_ROOT,
  fn: async () => {
    const captureLimit = 1_000_000;
    const { records, counters } = await runOnThreads({ captureLimit });
    assert.equal(records, captureLimit);
    assert.equal(counters.captured, captureLimit);
    assert.equal(counters.seen, captureLimit + counters.ring_full);
  },
});
