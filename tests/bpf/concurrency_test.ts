/**
 * Counting on several CPUs at once.
 */
import assert from "node:assert/strict";

import { filterCode } from "../../src/filter/ebpf/generate.ts";
import { parseFilter } from "../../src/filter/parser.ts";
import {
  BpfInspector,
  type InspectorOptions,
  NEEDS_ROOT,
  TEST_ATTACHMENT,
} from "../support/bpf_inspector.ts";
import { waitFor, within } from "../support/deadline.ts";
import { ipv4 } from "../support/frames/ipv4.ts";
import { ipv6 } from "../support/frames/ipv6.ts";
import { ethernet, ETHERTYPE } from "../support/frames/link.ts";
import { PROTOCOL, tcp, udp } from "../support/frames/transport.ts";
import { referenceRecord } from "../support/reference_parser.ts";
import type { RepeatOrder } from "./repeat_worker.ts";

const FRAME = ethernet(ETHERTYPE.IPV4, ipv4({ protocol: PROTOCOL.UDP }, udp()));
const THREADS = 2;

/** So long that the threads overlap, although the kernel lets them start tens of ms apart. */
const REPEAT = 2_500_000;
const LIMIT_MS = 60_000;
const RING_BYTES = 64 * 1024 * 1024;

/**
 * Runs the program on all threads at once, each with its frame, while this one reads the ring.
 *
 * @returns `last`: records that were left at the end
 */
async function runOnThreads(
  options: InspectorOptions,
  frames: readonly Uint8Array[] = new Array(THREADS).fill(FRAME),
) {
  using inspector = new BpfInspector("inspect_xdp", { ringBytes: RING_BYTES, ...options });
  const gate = new Int32Array(new SharedArrayBuffer(8));
  const order = { programFd: inspector.programFd, repeat: REPEAT, gate };
  const threads = frames.map((frame) => startThread({ ...order, frame }));
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
    const last = inspector.drain();
    return { records: records + last.length, last, counters: inspector.counters() };
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

Deno.test({
  name:
    "inspect_xdp() filters and records each packet as it is when two CPUs look at different ones",
  ignore: NEEDS_ROOT,
  fn: async () => {
    const other = ethernet(ETHERTYPE.IPV6, ipv6({ next: PROTOCOL.TCP }, tcp()));
    const place = { direction: "ingress", interface: "eth0" } as const;
    const filter = filterCode(parseFilter("udp"), place);
    // The ring becomes full: what is in it at the end was recorded while both ran.
    const options = { filter, ringBytes: 1 << 16 };
    const { records, last, counters } = await runOnThreads(options, [FRAME, other]);
    assert.equal(counters.seen, THREADS * REPEAT);
    assert.equal(counters.filtered, REPEAT);
    assert.equal(counters.captured + counters.ring_full, REPEAT);
    assert.equal(counters.captured_bytes, counters.captured * FRAME.length);
    assert.equal(records, counters.captured);
    const { record } = referenceRecord(FRAME, TEST_ATTACHMENT);
    for (const found of last) assert.deepEqual(found.subarray(8), record.subarray(8));
  },
});
