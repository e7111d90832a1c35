/**
 * Draining the ring into column batches.
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../batch/column_batch.ts";
import type { BatchProducer } from "../batch/batch_queue.ts";
import { type ClockOffset, decodeRecords, type RecordViews, recordViews } from "../batch/decode.ts";
import { RECORD_BYTES } from "../event/layout.ts";
import { RingWalk } from "../ring/ring_walk.ts";
import { RING_RECORD_BYTES } from "./ring_settings.ts";

/** The ring as the drain needs it: memory and two positions. */
export interface RingSource {
  readonly data: ArrayBuffer;
  readonly sizeBytes: number;
  /** Position behind the last reserved record, bytes since the ring's creation. */
  producerPosition(): number;
  consumerPosition(): number;
  /** Gives everything before `position` back to the producers. */
  commitConsumer(position: number): void;
}

/**
 * Why a turn ended: the ring is empty, a few new records have come meanwhile, many have, a record is
 * still being written, or every batch waits for the writer.
 */
export type DrainResult = "empty" | "few" | "more" | "busy" | "full";

/** Records looked at between two commits: small enough that the list of offsets stays in cache. */
const RUN_RECORDS = 2048;

/**
 * New records that are worth another turn at once. Fewer can wait for the kernel's next wake-up:
 * whoever runs after the producer finds a handful each time, and pays for a whole turn.
 */
const WORTHWHILE_RECORDS = 1024;

/** Moves records from a ring into the batches of a queue. */
export class RingDrain {
  /** Records moved so far. */
  records = 0;
  readonly #ring: RingSource;
  readonly #queue: BatchProducer;
  readonly #walk: RingWalk;
  readonly #views: RecordViews;
  #batch: ColumnBatch | undefined;
  #rows = 0;

  constructor(ring: RingSource, queue: BatchProducer) {
    this.#ring = ring;
    this.#queue = queue;
    this.#walk = new RingWalk(ring.data, ring.sizeBytes, RECORD_BYTES, RUN_RECORDS);
    this.#views = recordViews(ring.data);
  }

  /** Committed records whose length was not that of an event: lost, and counted here. */
  get unreadable(): number {
    return this.#walk.unreadable;
  }

  /**
   * Drains what is in the ring when the turn begins. What comes meanwhile, and all that finds no room
   * in a batch, stays in the ring.
   */
  turn(clock: ClockOffset): DrainResult {
    const producer = this.#ring.producerPosition();
    let consumer = this.#ring.consumerPosition();
    while (consumer !== producer) {
      this.#batch ??= this.#queue.acquire();
      if (!this.#batch) return "full";
      const stopped = this.#walk.walk(consumer, producer, BATCH_ROWS - this.#rows);
      const { count, offsets, position } = this.#walk;
      decodeRecords(this.#views, offsets, count, this.#batch, this.#rows, clock);
      this.#rows += count;
      this.records += count;
      this.#ring.commitConsumer(position);
      if (this.#rows === BATCH_ROWS) this.flush();
      if (stopped && position === consumer) return "busy";
      consumer = position;
    }
    const left = (this.#ring.producerPosition() - consumer) / RING_RECORD_BYTES;
    if (left === 0) return "empty";
    return left < WORTHWHILE_RECORDS ? "few" : "more";
  }

  /**
   * Publishes what is there, and behind it an empty batch: the mark that a segment ends here.
   *
   * @returns false if there is no room for the mark; then ask again
   */
  cut(): boolean {
    this.flush();
    if (!this.#queue.acquire()) return false;
    this.#batch = undefined;
    this.#queue.publish(0);
    return true;
  }

  /** Publishes the batch that is being filled, if it has rows. */
  flush(): void {
    if (!this.#batch || this.#rows === 0) return;
    this.#queue.publish(this.#rows);
    this.#batch = undefined;
    this.#rows = 0;
  }
}
