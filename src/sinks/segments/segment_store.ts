/**
 * From column batches to Parquet files of bounded size, the segments of a recording.
 *
 * @module
 */
import { join } from "node:path";
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { Attachment } from "../../contract/attachment.ts";
import { ParquetWriter, ROW_GROUP_ROWS } from "./segment_encoder.ts";
import { StagingTable } from "./staging_table.ts";
import { syncPath } from "../output/sync_path.ts";

/** Rows of a segment, unless said otherwise: four row groups, about 42 MB of memory. */
const DEFAULT_ROWS_PER_SEGMENT = 4 * ROW_GROUP_ROWS;

export interface SegmentStoreOptions {
  /** Where segments are written; exists. */
  readonly directory: string;
  /** Meaning of the attachment numbers in the batches. */
  readonly attachments: readonly Attachment[];
  /** A segment is closed when it has so many rows; earlier, if its dictionaries grow too large. */
  readonly rowsPerSegment?: number;
}

/** What a store has written. */
export interface FinishedRows {
  /** Closed segment files in order. */
  readonly segments: readonly string[];
  readonly rows: number;
}

/** Collects rows and writes them as segments `000001.parquet`, `000002.parquet`, ... */
export class SegmentStore implements Disposable {
  readonly #directory: string;
  readonly #table: StagingTable;
  readonly #writer: ParquetWriter;
  readonly #segments: string[] = [];
  #syncedSegments = 0;
  #closedRows = 0;
  #writtenBytes = 0;

  private constructor(directory: string, table: StagingTable, writer: ParquetWriter) {
    this.#directory = directory;
    this.#table = table;
    this.#writer = writer;
  }

  static async create(options: SegmentStoreOptions): Promise<SegmentStore> {
    const { directory, attachments, rowsPerSegment = DEFAULT_ROWS_PER_SEGMENT } = options;
    const table = new StagingTable(rowsPerSegment, attachments);
    return new SegmentStore(directory, table, await ParquetWriter.create(directory));
  }

  /** Bytes of the closed segments. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /**
   * Adds the first `rows` rows of a batch, and writes segments that this completes. The rows are
   * copied: the batch may be used again afterwards.
   *
   * @throws {RunError} if a segment cannot be written
   */
  append(batch: ColumnBatch, rows: number): void {
    for (let first = 0; first < rows;) {
      const taken = this.#table.room(rows - first);
      if (taken > 0) {
        this.#table.append(batch, first, taken);
        first += taken;
      }
      if (taken === 0 || this.#table.rows === this.#table.capacity) this.#writeSegment();
    }
  }

  /**
   * Writes the open segment, if it has rows, and brings all segments onto the disk: what was appended so
   * far outlives a power failure.
   *
   * @throws {RunError} if it cannot be written
   */
  closeSegment(): void {
    if (this.#table.rows > 0) this.#writeSegment();
    for (const path of this.#segments.slice(this.#syncedSegments)) syncPath(path);
    if (this.#syncedSegments < this.#segments.length) syncPath(this.#directory);
    this.#syncedSegments = this.#segments.length;
  }

  /**
   * Writes what is left. There is always a segment, if only one without rows.
   *
   * @returns paths of all segments in order, and their rows
   * @throws {RunError} if a segment cannot be written
   */
  finish(): FinishedRows {
    if (this.#table.rows > 0 || this.#segments.length === 0) this.#writeSegment();
    return { segments: [...this.#segments], rows: this.#closedRows };
  }

  /** Releases DuckDB. The segments stay. Idempotent. */
  close(): void {
    this.#writer[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #writeSegment(): void {
    const number = String(this.#segments.length + 1).padStart(6, "0");
    const path = join(this.#directory, `${number}.parquet`);
    this.#writer.write(this.#table, path);
    this.#segments.push(path);
    this.#closedRows += this.#table.rows;
    this.#writtenBytes += Deno.statSync(path).size;
    this.#table.clear();
  }
}
