/**
 * The draining thread: sleeps until the kernel has records, moves them into column batches, and does
 * nothing else, so that nothing can hold it up.
 *
 * @module
 */
import {
  Epoll,
  EventFd,
  ownThread,
  readClocks,
  RingMemory,
  writeArrayEntry,
} from "../../ffi/mod.ts";
import { BatchProducer } from "../batch/batch_queue.ts";
import { workerPort } from "../core/worker_port.ts";
import { CaptureClock, RecordingClock } from "./capture_clock.ts";
import { RingDrain } from "./ring_drain.ts";
import { CONTROL, type DrainMessage, type DrainStart } from "./drain_protocol.ts";

/**
 * Longest sleep, in milliseconds: bounds the delay of records that stay below the wake-up interval,
 * at ten wake-ups a second when idle.
 */
const LONGEST_SLEEP_MS = 100;

/**
 * Longest sleep while a record is being written, in milliseconds. Whoever writes it does not wake the
 * reader, and records behind it may have filled the ring.
 */
const BUSY_SLEEP_MS = 1;

/** How long to wait for the writer before looking at the stop word again, in milliseconds. */
const FULL_QUEUE_WAIT_MS = 10;

/** Oldest that a row becomes before its batch is handed on although it is not full, milliseconds. */
const BATCH_AGE_MS = 500;

const RING = 0;
const WAKE = 1;

const port = workerPort<DrainStart, DrainMessage>();

function drainUntilStopped(start: DrainStart): void {
  using ring = RingMemory.map(start.ring);
  using epoll = Epoll.create();
  epoll.add(start.ring.doorbellFd, RING);
  using wake = EventFd.borrow(start.controlFd);
  epoll.add(start.controlFd, WAKE);
  const queue = new BatchProducer(start.queue);
  const control = new Int32Array(start.control);
  const drain = new RingDrain(ring, queue);
  const clock = new CaptureClock(
    new RecordingClock(start.clock, readClocks),
    readClocks,
    (change) => port.postMessage({ type: "clock", change }),
  );
  port.postMessage({ type: "ready", thread: ownThread() });

  let flushedAt = performance.now();
  let limitReached = start.captureLimit === 0;
  let cuts = 0;
  let behind = false;
  for (;;) {
    // Read before draining: what is in the ring once it is set is all there will ever be.
    const stopping = Atomics.load(control, CONTROL.STOP) !== 0;
    // Likewise: what came before it was asked for belongs before the mark.
    const asked = Atomics.load(control, CONTROL.CUT);
    clock.refresh();
    ring.answerDoorbell();
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
    if (asked !== cuts && drain.cut()) cuts++;
    if ((result === "full") !== behind) {
      behind = result === "full";
      writeArrayEntry(start.writerBehindFd, behind ? 1 : 0);
    }
    if (result === "full") queue.waitForRoom(FULL_QUEUE_WAIT_MS);
    else if (stopping && result === "empty") break;
    else if (!stopping && result !== "more") {
      const sleepMs = result === "busy" ? BUSY_SLEEP_MS : LONGEST_SLEEP_MS;
      if (epoll.wait(sleepMs).includes(WAKE)) wake.clear();
    }
  }
  drain.flush();
  queue.close();
  port.postMessage({ type: "drained", records: drain.records });
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
