/**
 * A source without a kernel: packets of a test, in batches of its choice.
 *
 * @module
 */
import { BatchProducer, type BatchQueueMemory } from "../../src/batch/batch_queue.ts";
import type { ColumnBatch } from "../../src/batch/column_batch.ts";
import type { PlacedAttachment } from "../../src/contract/attachment.ts";
import type { Moment } from "../../src/contract/clock_change.ts";
import type { PacketCounts } from "../../src/contract/packet_counts.ts";
import type { BatchSource, SourceEnd } from "../../src/sources/batch_source.ts";
import { countsOf } from "./fake_counts.ts";

/** Limit for one batch to be taken from a full queue, milliseconds. */
const ROOM_LIMIT_MS = 60_000;

/** Hands on what it is given, in this thread; a batch without rows is a cut. */
export class PacketSource implements BatchSource {
  readonly attachments: readonly PlacedAttachment[];
  readonly sampleRate = 1;
  readonly filter = "";
  readonly #batches: readonly { readonly batch: ColumnBatch; readonly rows: number }[];
  /** Packets of each attachment. */
  readonly #packets: number[];
  #queue: BatchProducer | undefined;
  #rows = 0;

  constructor(
    attachments: readonly PlacedAttachment[],
    batches: readonly { readonly batch: ColumnBatch; readonly rows: number }[],
  ) {
    this.attachments = attachments;
    this.#batches = batches;
    const numbers = 1 + Math.max(...attachments.map(({ attachment }) => attachment));
    this.#packets = Array(numbers).fill(0);
  }

  open(queue: BatchQueueMemory): Promise<void> {
    this.#queue = new BatchProducer(queue);
    return Promise.resolve();
  }

  /** All packets are in the queue when it returns, and the source has come to its end. */
  start(): Promise<void> {
    for (const { batch, rows } of this.#batches) {
      const target = this.#acquire();
      for (const name of Object.keys(batch) as (keyof ColumnBatch)[]) {
        target[name].set(batch[name]);
      }
      this.#queue!.publish(rows);
      this.#rows += rows;
      for (const attachment of batch.attachment.subarray(0, rows)) this.#packets[attachment]!++;
    }
    return Promise.resolve();
  }

  now(): Moment {
    return { wallNs: 0n, steadyNs: 0n };
  }

  cut(): void {
    this.#acquire();
    this.#queue!.publish(0);
  }

  stop(): Promise<SourceEnd> {
    this.#queue!.close();
    const { attachments } = this;
    return Promise.resolve({
      rows: this.#rows,
      startedNs: 0n,
      endedNs: 1_000_000_000n,
      durationNs: 1_000_000_000n,
      earlyEnds: [],
      attachments,
    });
  }

  counts(): PacketCounts[] {
    return this.#packets.map((count) => countsOf({ seen: count, captured: count }));
  }

  takeTopSenders(): [] {
    return [];
  }

  [Symbol.dispose](): void {}

  #acquire(): ColumnBatch {
    this.#queue!.waitForRoom(ROOM_LIMIT_MS);
    const batch = this.#queue!.acquire();
    if (!batch) throw new Error("Cannot hand on a batch: nobody takes those before it");
    return batch;
  }
}
