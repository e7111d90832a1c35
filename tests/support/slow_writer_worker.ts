/**
 * The writing thread, which waits before each batch.
 *
 * @module
 */
import { BatchConsumer } from "../../src/batch/batch_queue.ts";
import "../../src/sinks/writer_worker.ts";
import { SLOW_WRITER } from "./slow_recorder.ts";

const delayMs = Number(Deno.env.get(SLOW_WRITER.delayMs));
type Next = (this: BatchConsumer, timeoutMs?: number) => ReturnType<BatchConsumer["next"]>;
const next = BatchConsumer.prototype.next as Next;

(BatchConsumer.prototype as { next: Next }).next = function (timeoutMs) {
  const item = next.call(this, timeoutMs);
  // Blocks this thread, as a slow disk does.
  if (item) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  return item;
};
