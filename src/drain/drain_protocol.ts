/**
 * What the controlling thread and the draining thread say to each other.
 *
 * @module
 */
import type { RingMaps } from "../../ffi/mod.ts";
import type { BatchQueueMemory } from "../batch/batch_queue.ts";
import type { ClockChange } from "../contract/clock_change.ts";

/** What the controlling thread asks for while the draining thread does not listen to messages. */
export const CONTROL = {
  /** 0 while capturing, 1 once nothing more will be written to the ring. */
  STOP: 0,
  /** Goes up by one whenever the open segment is to be closed. */
  CUT: 1,
} as const;

/** Bytes of the control words. */
export const CONTROL_BYTES = 2 * Int32Array.BYTES_PER_ELEMENT;

/** Posted once to the draining thread. The descriptors stay the controlling thread's. */
export interface DrainStart {
  readonly ring: RingMaps;
  /** The map that tells the kernel whether the writer is behind. */
  readonly writerBehindFd: number;
  /** An eventfd that the controlling thread signals after it has changed a control word. */
  readonly controlFd: number;
  /** The 32-bit words of {@linkcode CONTROL}. */
  readonly control: SharedArrayBuffer;
  /** Memory of the time of the recording. */
  readonly clock: SharedArrayBuffer;
  readonly queue: BatchQueueMemory;
  /** Records after which the capture is complete; 0 = no limit. */
  readonly captureLimit: number;
}

/** Posted by the draining thread. */
export type DrainMessage =
  /** The ring is mapped and being waited on: programs may be attached. With the kernel's
   * number of the thread. */
  | { readonly type: "ready"; readonly thread: number }
  /** The capture limit is reached. */
  | { readonly type: "limit" }
  /** Something was done to the clock of the machine. */
  | { readonly type: "clock"; readonly change: ClockChange }
  /** The ring is empty after stop, the last batch published, the queue closed. */
  | { readonly type: "drained"; readonly records: number }
  | { readonly type: "failed"; readonly message: string };
