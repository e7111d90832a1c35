/**
 * Rows as one Parquet file: in segments while they come, which become the file at the end.
 *
 * @module
 */
import type { ColumnBatch } from "../batch/column_batch.ts";
import { joinSegments } from "../parquet/join.ts";
import type { RowSink, RowSinkOptions } from "./row_sink.ts";
import { SegmentStore } from "./segments/segment_store.ts";
import type { ParquetFilePlan } from "./sink_plan.ts";

/** A Parquet file in the making. The segments stay; their directory is its owner's to remove. */
export class ParquetFile implements RowSink {
  readonly #path: string;
  readonly #store: SegmentStore;
  #segments: readonly string[] = [];

  private constructor(path: string, store: SegmentStore) {
    this.#path = path;
    this.#store = store;
  }

  /** @throws {RunError} if DuckDB cannot be loaded */
  static async open(plan: ParquetFilePlan, { attachments }: RowSinkOptions): Promise<ParquetFile> {
    const store = await SegmentStore.create({ directory: plan.workDirectory, attachments });
    return new ParquetFile(plan.path, store);
  }

  /** Bytes of the closed segments. */
  get writtenBytes(): number {
    return this.#store.writtenBytes;
  }

  /** @throws {RunError} if a segment cannot be written */
  append(batch: ColumnBatch, rows: number): void {
    this.#store.append(batch, rows);
  }

  /** @throws {RunError} if the segment cannot be written */
  closeSegment(): void {
    this.#store.closeSegment();
  }

  /** @throws {RunError} if a segment cannot be written */
  finish(): number {
    const { segments, rows } = this.#store.finish();
    this.#segments = segments;
    // Joining needs none of what the store holds.
    this.#store.close();
    return rows;
  }

  /** @throws {RunError} if a segment cannot be read, or the file cannot be written */
  complete(metadata: Readonly<Record<string, string>>): number {
    return joinSegments(this.#segments, this.#path, metadata).bytes;
  }

  [Symbol.dispose](): void {
    this.#store.close();
  }
}
