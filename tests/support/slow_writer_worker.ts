/**
 * The writing thread, which waits before each batch.
 *
 * @module
 */
import { BatchConsumer } from "../../src/batch/batch_queue.ts";
import "../../src/sinks/writer_worker.ts";
import { SLOW_WRITER } from "./slow_recorder.ts";

const delayMs = Number(Deno.env.get(SLOW_WRITER.delayMs));
const next = BatchConsumer.prototype.next;

BatchConsumer.prototype.next = function () {
  const item = next.call(this);
  // Blocks this thread, as a slow disk does.
  if (item) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  return item;
};
