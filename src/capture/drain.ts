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

/** Why a turn ended. */
export type DrainResult = "empty" | "busy" | "full" | "more";

/** Records looked at between two commits: small enough that the list of offsets stays in cache. */
const RUN_RECORDS = 2048;

/** Runs of one turn: at full rate the ring is never empty, and the caller has a clock to refresh. */
const RUNS_PER_TURN = 64;

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
   * Drains until the ring is empty, a record is still being written (`busy`), every batch waits for
   * the writer (`full`; what is not drained stays in the ring), or the turn has been long (`more`).
   */
  turn(clock: ClockOffset): DrainResult {
    let consumer = this.#ring.consumerPosition();
    for (let run = 0; run < RUNS_PER_TURN; run++) {
      const producer = this.#ring.producerPosition();
      if (producer === consumer) return "empty";
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
    return "more";
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
