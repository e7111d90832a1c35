/**
 * A reader of our ring that decodes records as a recording does and throws them away: the kernel
 * side can be measured with a live reader, and without the cost of writing Parquet.
 *
 * @module
 */
import { possibleProcessors, type RingMaps } from "../../ffi/mod.ts";
import { ringShape, wakeupInterval } from "../../src/drain/ring_shape.ts";

/** Default of `record --buffer`. */
export const DEFAULT_RING_BYTES = 64 << 20;

/** What `record` sets with the default ring on one interface, both directions. */
export const WAKEUP_INTERVAL = wakeupInterval(
  ringShape(DEFAULT_RING_BYTES, possibleProcessors()),
  2 * possibleProcessors(),
);

/** Posted to the worker. */
export interface DiscardStart {
  readonly ring: RingMaps;
  /** One 32-bit word: not 0 = end. */
  readonly stop: SharedArrayBuffer;
}

/** Starts the thread and waits until it reads. Dispose to end it. */
export async function startDiscarding(ring: RingMaps): Promise<Disposable> {
  const worker = new Worker(new URL("./discarding_reader_worker.ts", import.meta.url).href, {
    type: "module",
  });
  const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const start: DiscardStart = { ring, stop };
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(start);
  });
  return {
    [Symbol.dispose]() {
      Atomics.store(new Int32Array(stop), 0, 1);
    },
  };
}
