/**
 * The writing thread, which waits before each batch, and for a file before the first.
 *
 * @module
 */
import { BatchConsumer } from "../../src/batch/batch_queue.ts";
import "../../src/sinks/writer_worker.ts";
import { exists } from "./inspector_cli.ts";
import { SLOW_WRITER } from "./slow_recorder.ts";

/** Between two looks for the file, milliseconds. */
const LOOK_MS = 20;

const gate = Deno.env.get(SLOW_WRITER.gate)!;
let isOpen = gate === "";
const delayMs = Number(Deno.env.get(SLOW_WRITER.delayMs));
type Next = (this: BatchConsumer, timeoutMs?: number) => ReturnType<BatchConsumer["next"]>;
const next = BatchConsumer.prototype.next as Next;

(BatchConsumer.prototype as { next: Next }).next = function (timeoutMs) {
  const item = next.call(this, timeoutMs);
  // Blocks this thread, as a slow disk does.
  const wait = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  if (item) {
    for (; !isOpen; isOpen = exists(gate)) wait(LOOK_MS);
    wait(delayMs);
  }
  return item;
};
