/**
 * Runs before `src/main.ts`, whose threads then get a shorter queue, and whose writing thread is
 * `slow_writer_worker.ts`.
 *
 * @module
 */
import { type BatchQueueMemory, createQueueMemory } from "../../src/batch/batch_queue.ts";
import { SLOW_WRITER } from "./slow_recorder.ts";

const depth = Number(Deno.env.get(SLOW_WRITER.queueDepth));
const queue = depth > 0 ? createQueueMemory(depth) : undefined;
let replaced = 0;

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const isWriter = String(url).endsWith("/writer_worker.ts");
    if (isWriter) replaced++;
    super(isWriter ? new URL("./slow_writer_worker.ts", import.meta.url) : url, options);
  }

  override postMessage(message: { readonly queue?: BatchQueueMemory }): void {
    super.postMessage(queue && message.queue ? { ...message, queue } : message);
  }
};

globalThis.addEventListener("unload", () => {
  if (replaced !== 1) throw new Error(`Cannot slow the writer down: ${replaced} were started`);
});
