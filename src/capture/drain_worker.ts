/**
 * The draining thread: sleeps until the kernel has records, moves them into column batches, and does
 * nothing else, so that nothing can hold it up.
 *
 * @module
 */
import { Epoll, readClocks, RingMemory } from "../../ffi/mod.ts";
import { BatchProducer } from "../batch/batch_queue.ts";
import { workerPort } from "../core/worker_port.ts";
import { CaptureClock } from "./capture_clock.ts";
import { RingDrain } from "./drain.ts";
import type { DrainMessage, DrainStart } from "./drain_protocol.ts";

/**
 * Longest sleep, in milliseconds: bounds the delay of records that stay below the wake-up interval,
 * at ten wake-ups a second when idle.
 */
const LONGEST_SLEEP_MS = 100;

/** How long to wait for the writer before looking at the stop word again, in milliseconds. */
const FULL_QUEUE_WAIT_MS = 10;

/** Oldest that a row becomes before its batch is handed on although it is not full, milliseconds. */
const BATCH_AGE_MS = 1000;

const RING = 0;
const STOP = 1;

const port = workerPort<DrainStart, DrainMessage>();

function drainUntilStopped(start: DrainStart): void {
  using ring = RingMemory.map(start.ringFd, start.ringBytes);
  using epoll = Epoll.create();
  // Edge-triggered: while the reader keeps up, it sleeps until the next wake-up that the program
  // asks for, where level-triggering would return at every single record.
  epoll.add(start.ringFd, RING, true);
  epoll.add(start.stopFd, STOP, false);
  const queue = new BatchProducer(start.queue);
  const stop = new Int32Array(start.stop);
  const drain = new RingDrain(ring, queue);
  const clock = new CaptureClock(readClocks);
  clock.refresh();
  port.postMessage({ type: "ready" });

  let flushedAt = performance.now();
  let limitReached = start.captureLimit === 0;
  for (;;) {
    // Read before draining: what is in the ring once it is set is all there will ever be.
    const stopping = Atomics.load(stop, 0) !== 0;
    clock.refresh();
    const result = drain.turn(clock.offset);
    if (!limitReached && drain.records >= start.captureLimit) {
      limitReached = true;
      port.postMessage({ type: "limit" });
    }
    const now = performance.now();
    if (now - flushedAt >= BATCH_AGE_MS) {
      drain.flush();
      flushedAt = now;
    }
    if (result === "full") queue.waitForRoom(FULL_QUEUE_WAIT_MS);
    else if (stopping && result === "empty") break;
    else if (!stopping && result !== "more") epoll.wait(LONGEST_SLEEP_MS);
  }
  drain.flush();
  queue.close();
  port.postMessage({ type: "drained", records: drain.records, unreadable: drain.unreadable });
}

port.onmessage = (event) => {
  try {
    drainUntilStopped(event.data);
  } catch (error) {
    port.postMessage({
      type: "failed",
      message: error instanceof Error ? error.message : String(error),
    });
  }
  port.close();
};
