/**
 * A consumer in a thread of its own: adds up the rows of all batches of a queue.
 *
 * @module
 */
import { BatchConsumer, type BatchQueueMemory } from "../../src/batch/batch_queue.ts";
import { workerPort } from "../../src/core/worker_port.ts";

const port = workerPort<BatchQueueMemory, "ready" | number>();

port.onmessage = (event) => {
  const consumer = new BatchConsumer(event.data);
  let sum = 0;
  for (let item = consumer.next(); item; item = consumer.next()) {
    sum += item.rows;
    consumer.release();
  }
  port.postMessage(sum);
};
port.postMessage("ready");
