/**
 * Draining the rings into column batches.
 *
 * @module
 */
import { BATCH_ROWS, type ColumnBatch } from "../batch/column_batch.ts";
import type { BatchProducer } from "../batch/batch_queue.ts";
import { type ClockOffset, decodeRecords, type RecordViews, recordViews } from "../batch/decode.ts";
import { RingWalk } from "./ring_walk.ts";

/** The rings as the drain needs them: memory and two positions for each. */
export interface Rings {
  /** The slots of all rings, one ring after the other. */
  readonly data: ArrayBuffer;
  readonly rings: number;
  /** Slots of each ring. */
  readonly slots: number;
  /** Position behind the last claimed record. */
  producerPosition(ring: number): number;
  consumerPosition(ring: number): number;
  /** Gives everything before `position` back to the producers. */
  commitConsumer(ring: number, position: number): void;
}

/**
 * Why a turn ended: the rings are empty, a few new records have come meanwhile, many have, a record is
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

/** Moves records from rings into the batches of a queue. */
export class RingDrain {
  /** Records moved so far. */
  records = 0;
  readonly #memory: Rings;
  readonly #queue: BatchProducer;
  readonly #walk: RingWalk;
  readonly #views: RecordViews;
  /** Position, by ring, up to which the turn goes. */
  readonly #ends: Float64Array;
  /** The ring whose turn it is: whoever waits for a batch is the first to get one. */
  #next = 0;
  #batch: ColumnBatch | undefined;
  #rows = 0;

  constructor(rings: Rings, queue: BatchProducer) {
    this.#memory = rings;
    this.#queue = queue;
    this.#walk = new RingWalk(rings.data, rings.slots, RUN_RECORDS);
    this.#views = recordViews(rings.data);
    this.#ends = new Float64Array(rings.rings);
  }

  /**
   * Drains what is in the rings when the turn begins, a run of one ring after a run of another. What
   * comes meanwhile, and all that finds no room in a batch, stays there.
   */
  turn(clock: ClockOffset): DrainResult {
    const { rings } = this.#memory;
    for (let ring = 0; ring < rings; ring++) this.#ends[ring] = this.#memory.producerPosition(ring);
    let isBusy = false;
    for (let idle = 0; idle < rings; this.#next = (this.#next + 1) % rings) {
      const run = this.#run(this.#next, clock);
      if (run === "full") return "full";
      idle = run === "moved" ? 0 : idle + 1;
      if (run === "busy") {
        isBusy = true;
        this.#ends[this.#next] = this.#memory.consumerPosition(this.#next);
      }
    }
    if (isBusy) return "busy";
    let left = 0;
    for (let ring = 0; ring < rings; ring++) {
      left += this.#memory.producerPosition(ring) - this.#ends[ring]!;
    }
    if (left === 0) return "empty";
    return left < WORTHWHILE_RECORDS ? "few" : "more";
  }

  /** Moves the next records of a ring, as far as this turn goes. */
  #run(ring: number, clock: ClockOffset): "done" | "moved" | "busy" | "full" {
    const consumer = this.#memory.consumerPosition(ring);
    const end = this.#ends[ring]!;
    if (consumer === end) return "done";
    this.#batch ??= this.#queue.acquire();
    if (!this.#batch) return "full";
    this.#walk.walk(ring, consumer, end, BATCH_ROWS - this.#rows);
    const { count, offsets, position } = this.#walk;
    if (position === consumer) return "busy";
    decodeRecords(this.#views, offsets, count, this.#batch, this.#rows, clock);
    this.#rows += count;
    this.records += count;
    this.#memory.commitConsumer(ring, position);
    if (this.#rows === BATCH_ROWS) this.flush();
    return "moved";
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
