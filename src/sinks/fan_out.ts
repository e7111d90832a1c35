/**
 * Several sinks as one.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import type { RowCounts } from "../contract/row_counts.ts";
import type { RowSink } from "./row_sink.ts";

/** Gives every row to each of its sinks, which it owns. If one fails, all have failed. */
export class FanOut implements RowSink {
  readonly #sinks: readonly RowSink[];

  /** @param sinks at least one; the first is the one whose bytes are told */
  constructor(sinks: readonly RowSink[]) {
    this.#sinks = sinks;
  }

  get writtenBytes(): number {
    return this.#sinks[0]!.writtenBytes;
  }

  /** A sink that has lost rows has others than the rest, which `finish` notices. */
  get lost(): RowCounts {
    return this.#sinks[0]!.lost ?? [];
  }

  get newAddresses(): number {
    return Math.max(...this.#sinks.map((sink) => sink.newAddresses ?? 0));
  }

  tend(): number {
    return Math.min(...this.#sinks.map((sink) => sink.tend?.() ?? Infinity));
  }

  append(batch: ColumnBatch, rows: number): void {
    for (const sink of this.#sinks) sink.append(batch, rows);
  }

  closeSegment(): void {
    for (const sink of this.#sinks) sink.closeSegment();
  }

  /** @throws {Error} if not all have the same number of rows */
  finish(): number {
    const rows = this.#sinks.map((sink) => sink.finish());
    if (new Set(rows).size !== 1) {
      throw new Error(`Cannot account for every row: the sinks wrote ${rows.join(", ")}`);
    }
    return rows[0]!;
  }

  complete(metadata: Readonly<Record<string, string>>): number {
    return this.#sinks.map((sink) => sink.complete(metadata))[0]!;
  }

  [Symbol.dispose](): void {
    using sinks = new DisposableStack();
    for (const sink of this.#sinks) sinks.use(sink);
  }
}
