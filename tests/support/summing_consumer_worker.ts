/**
 * A consumer in a thread of its own: adds up the rows of all batches of a queue.
 *
 * @module
 */
import { BatchConsumer, type BatchQueueMemory } from "../../src/batch/batch_queue.ts";
import { workerPort } from "../../src/core/worker_port.ts";
import { limitEndlessWaits } from "./endless_wait.ts";

/** After this time it ends, whatever the queue says. */
const LIMIT_MS = 20_000;

limitEndlessWaits(LIMIT_MS);

const port = workerPort<BatchQueueMemory, "ready" | number>();

port.onmessage = (event) => {
  const consumer = new BatchConsumer(event.data);
  const end = performance.now() + LIMIT_MS;
  let sum = 0;
  for (let item = consumer.next(); item; item = consumer.next()) {
    sum += item.rows;
    consumer.release();
    if (performance.now() > end) throw new Error("Cannot add up the batches: they do not end");
  }
  port.postMessage(sum);
};
port.postMessage("ready");
