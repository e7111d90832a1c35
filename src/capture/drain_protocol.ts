/**
 * What the controlling thread and the draining thread say to each other.
 *
 * @module
 */
import type { BatchQueueMemory } from "../batch/batch_queue.ts";

/** Posted once to the draining thread. The descriptors stay the controlling thread's. */
export interface DrainStart {
  readonly ringFd: number;
  readonly ringBytes: number;
  /** An eventfd that the controlling thread signals after it has set the stop word. */
  readonly stopFd: number;
  /** One 32-bit word: 0 while capturing, 1 once nothing more will be written to the ring. */
  readonly stop: SharedArrayBuffer;
  readonly queue: BatchQueueMemory;
  /** Records after which the capture is complete; 0 = no limit. */
  readonly captureLimit: number;
}

/** Posted by the draining thread. */
export type DrainMessage =
  /** The ring is mapped and being waited on: programs may be attached. */
  | { readonly type: "ready" }
  /** The capture limit is reached. */
  | { readonly type: "limit" }
  /** The ring is empty after stop, the last batch published, the queue closed. */
  | { readonly type: "drained"; readonly records: number; readonly unreadable: number }
  | { readonly type: "failed"; readonly message: string };
