/**
 * A bounded queue of column batches between two threads, in shared memory. One thread fills, one
 * thread empties; neither can stop the other for longer than the queue is deep.
 *
 * @module
 */
import { BATCH_BYTES, type ColumnBatch, createBatch } from "./column_batch.ts";

/** The memory behind a queue: what is posted to the other thread. */
export interface BatchQueueMemory {
  readonly control: SharedArrayBuffer;
  readonly batches: SharedArrayBuffer;
  readonly depth: number;
}

/** Words of the control block; the row counts of the batches follow. */
const PUBLISHED = 0;
const CONSUMED = 1;
const CLOSED = 2;
/** Changes with every publish and with close, so that an idle consumer sleeps without a time limit. */
const SIGNAL = 3;
const ROWS = 4;

/** Allocates a queue of `depth` batches. */
export function createQueueMemory(depth: number): BatchQueueMemory {
  return {
    control: new SharedArrayBuffer((ROWS + depth) * Int32Array.BYTES_PER_ELEMENT),
    batches: new SharedArrayBuffer(depth * BATCH_BYTES),
    depth,
  };
}

// Published and consumed counts wrap at 2^32; only their difference, at most `depth`, is used.
abstract class QueueEnd {
  protected readonly control: Int32Array;
  protected readonly depth: number;
  protected readonly batches: readonly ColumnBatch[];

  constructor(memory: BatchQueueMemory) {
    this.control = new Int32Array(memory.control);
    this.depth = memory.depth;
    this.batches = Array.from(
      { length: memory.depth },
      (_, i) => createBatch(memory.batches, i * BATCH_BYTES),
    );
  }

  protected waiting(): number {
    return (Atomics.load(this.control, PUBLISHED) - Atomics.load(this.control, CONSUMED)) | 0;
  }

  protected index(counter: number): number {
    return (Atomics.load(this.control, counter) >>> 0) % this.depth;
  }
}

/** The filling end. `depth` must be a power of two, so that the counts may wrap. */
export class BatchProducer extends QueueEnd {
  /**
   * The batch to fill next, or undefined while the queue is full. The batch is the producer's until
   * {@linkcode publish}; asking again before that returns the same one.
   */
  acquire(): ColumnBatch | undefined {
    if (this.waiting() >= this.depth) return undefined;
    return this.batches[this.index(PUBLISHED)];
  }

  /** Hands the acquired batch over with its first `rows` rows filled. */
  publish(rows: number): void {
    Atomics.store(this.control, ROWS + this.index(PUBLISHED), rows);
    Atomics.add(this.control, PUBLISHED, 1);
    this.#signal();
  }

  /** Blocks until there is room or `timeoutMs` milliseconds have passed. */
  waitForRoom(timeoutMs: number): void {
    const consumed = Atomics.load(this.control, CONSUMED);
    if (this.waiting() >= this.depth) Atomics.wait(this.control, CONSUMED, consumed, timeoutMs);
  }

  /** Says that nothing follows. Batches already published are still read. */
  close(): void {
    Atomics.store(this.control, CLOSED, 1);
    this.#signal();
  }

  #signal(): void {
    Atomics.add(this.control, SIGNAL, 1);
    Atomics.notify(this.control, SIGNAL);
  }
}

/** The emptying end. */
export class BatchConsumer extends QueueEnd {
  /**
   * Blocks until a batch is there, and returns it with its row count, or undefined when the queue is
   * closed and empty. The batch is the consumer's until {@linkcode release}.
   */
  next(): { batch: ColumnBatch; rows: number } | undefined;
  /** The same; null when `timeoutMs` milliseconds have passed. */
  next(timeoutMs: number): { batch: ColumnBatch; rows: number } | undefined | null;
  next(timeoutMs = Infinity): { batch: ColumnBatch; rows: number } | undefined | null {
    for (;;) {
      const signal = Atomics.load(this.control, SIGNAL);
      const closed = Atomics.load(this.control, CLOSED) !== 0;
      if (this.waiting() > 0) {
        const index = this.index(CONSUMED);
        return {
          batch: this.batches[index]!,
          rows: Atomics.load(this.control, ROWS + index),
        };
      }
      if (closed) return undefined;
      if (Atomics.wait(this.control, SIGNAL, signal, timeoutMs) === "timed-out") return null;
    }
  }

  /** Gives the batch of the last {@linkcode next} back to the producer. */
  release(): void {
    Atomics.add(this.control, CONSUMED, 1);
    Atomics.notify(this.control, CONSUMED);
  }
}
