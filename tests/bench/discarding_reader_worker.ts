/**
 * The thread of `discarding_reader.ts`.
 *
 * @module
 */
import { Epoll, readClocks, RingMemory } from "../../ffi/mod.ts";
import { BatchConsumer, BatchProducer, createQueueMemory } from "../../src/batch/batch_queue.ts";
import { CaptureClock, clockMemory, RecordingClock } from "../../src/drain/capture_clock.ts";
import { RingDrain } from "../../src/drain/ring_drain.ts";
import { workerPort } from "../../src/core/worker_port.ts";
import type { DiscardStart } from "./discarding_reader.ts";

/** As in `src/drain/drain_worker.ts`. */
const LONGEST_SLEEP_MS = 100;
const QUEUE_DEPTH = 64;

const port = workerPort<DiscardStart, "ready">();

function readAndDiscard(start: DiscardStart): void {
  using ring = RingMemory.map(start.ring);
  using epoll = Epoll.create();
  epoll.add(start.ring.doorbellFd, 0);
  const memory = createQueueMemory(QUEUE_DEPTH);
  const consumer = new BatchConsumer(memory);
  const drain = new RingDrain(ring, new BatchProducer(memory));
  const recording = new RecordingClock(clockMemory(), readClocks);
  recording.begin();
  const clock = new CaptureClock(recording, readClocks, () => {});
  const stop = new Int32Array(start.stop);
  port.postMessage("ready");
  while (Atomics.load(stop, 0) === 0) {
    clock.refresh();
    ring.answerDoorbell();
    const result = drain.turn(clock.offset);
    if (result === "full") {
      for (let batch = 0; batch < QUEUE_DEPTH; batch++) {
        consumer.next();
        consumer.release();
      }
    } else if (result !== "more") epoll.wait(LONGEST_SLEEP_MS);
  }
}

port.onmessage = (event) => {
  readAndDiscard(event.data);
  port.close();
};
