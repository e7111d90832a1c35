/**
 * From column batches to Parquet files of bounded size, the segments of a recording.
 *
 * @module
 */
import { join } from "node:path";
import type { ColumnBatch } from "../../batch/column_batch.ts";
import type { Attachment } from "../../contract/attachment.ts";
import type { RowCounts } from "../../contract/row_counts.ts";
import type { Segment } from "../../parquet/growing_file.ts";
import { syncPath } from "../output/sync_path.ts";
import { RowTally } from "./row_tally.ts";
import { ParquetWriter, ROW_GROUP_ROWS } from "./segment_encoder.ts";
import { segmentName, type TailName, tailName } from "./segment_names.ts";
import { StagingTable } from "./staging_table.ts";

/** Rows of a segment, unless said otherwise: four row groups, about 42 MB of memory. */
const DEFAULT_ROWS_PER_SEGMENT = 4 * ROW_GROUP_ROWS;

/**
 * Row groups for each that the rows need, at most, for a segment to be closed before it is full. Readers
 * want them full.
 */
const MAX_EXCESS = 1.05;

/** Key of what is in a segment or a tail, by attachment, in its metadata: {@linkcode RowCounts}. */
export const SEGMENT_COUNTS_KEY = "xdp_inspector.segment_counts";

export interface SegmentStoreOptions {
  /** Where segments are written; exists. */
  readonly directory: string;
  /** Meaning of the attachment numbers in the batches. */
  readonly attachments: readonly Attachment[];
  /** A segment is closed when it has so many rows; earlier, if its dictionaries grow too large. */
  readonly rowsPerSegment?: number;
  /** What each segment says about the recording; so it can stand alone. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a store has written. */
export interface FinishedRows {
  /** Closed segment files in order. */
  readonly segments: readonly string[];
  readonly rows: number;
}

/** Rows of the open segment that are on the disk. */
interface Tail extends TailName {
  readonly path: string;
  readonly bytes: number;
  readonly counts: RowCounts;
}

/** Collects rows and writes them as segments `000001.parquet`, `000002.parquet`, ... */
export class SegmentStore implements Disposable {
  readonly #directory: string;
  readonly #table: StagingTable;
  readonly #writer: ParquetWriter;
  readonly #metadata: Readonly<Record<string, string>>;
  /** Of the open segment, and of it since the last tail. */
  readonly #tally = new RowTally();
  /** Closed and on the disk by themselves, and not: in order. */
  #closed: (Segment & { isSynced: boolean })[] = [];
  #tails: Tail[] = [];
  #superseded: string[] = [];
  #segments = 0;
  #closedRows = 0;
  #closedAddresses = 0;
  #writtenBytes = 0;

  private constructor(options: SegmentStoreOptions, table: StagingTable, writer: ParquetWriter) {
    this.#directory = options.directory;
    this.#metadata = options.metadata ?? {};
    this.#table = table;
    this.#writer = writer;
  }

  static async create(options: SegmentStoreOptions): Promise<SegmentStore> {
    const { directory, attachments, rowsPerSegment = DEFAULT_ROWS_PER_SEGMENT } = options;
    const table = new StagingTable(rowsPerSegment, attachments);
    return new SegmentStore(options, table, await ParquetWriter.create(directory));
  }

  /** Bytes of the closed segments. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Rows of the closed segments. */
  get writtenRows(): number {
    return this.#closedRows;
  }

  /** Addresses that were new to their segment, of all segments: each costs as much as some rows. */
  get newAddresses(): number {
    return this.#closedAddresses + this.#table.newAddresses;
  }

  /** Bytes of the files that rows of the open segment are in. */
  get tailBytes(): number {
    return this.#tails.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Rows of the open segment. */
  get openRows(): number {
    return this.#table.rows;
  }

  /** Rows of the open segment that a crash would cost. */
  get endangeredRows(): number {
    return this.#table.rows - (this.#tails.at(-1)?.endRow ?? 0);
  }

  /** Segments that are closed, and that nobody has taken away, in order. */
  get closed(): readonly Segment[] {
    return this.#closed;
  }

  /** Forgets the first of {@linkcode closed}: it is its taker's. */
  shiftClosed(): void {
    this.#closed.shift();
  }

  /** Files that hold rows of closed segments once more, since the last call. */
  takeSuperseded(): string[] {
    return this.#superseded.splice(0);
  }

  /**
   * Adds the first `rows` rows of a batch, and writes segments that this completes. The rows are
   * copied: the batch may be used again afterwards.
   *
   * @param onFailure what to do about a segment that cannot be written, such as to discard it; without it
   * this fails
   * @throws {RunError} if a segment cannot be written
   */
  append(batch: ColumnBatch, rows: number, onFailure?: (error: unknown) => void): void {
    for (let first = 0; first < rows;) {
      const taken = this.#table.room(rows - first);
      if (taken > 0) {
        this.#table.append(batch, first, taken);
        this.#tally.add(batch, first, taken);
        first += taken;
      }
      if (taken > 0 && this.#table.rows < this.#table.capacity) continue;
      try {
        this.#writeSegment();
      } catch (error) {
        if (onFailure === undefined) throw error;
        onFailure(error);
      }
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
    const fresh = this.#closed.filter(({ isSynced }) => !isSynced);
    for (const segment of fresh) {
      syncPath(segment.path);
      segment.isSynced = true;
    }
    if (fresh.length > 0) syncPath(this.#directory);
  }

  /**
   * Brings the rows of the open segment onto the disk without closing it, in a file beside it: only those
   * that are not there yet, with as many as are there in smaller files. A segment that has nearly full row
   * groups is closed.
   *
   * @throws {RunError} if it cannot be written
   */
  secure(): void {
    const { rows } = this.#table;
    if (this.endangeredRows === 0) return;
    if (Math.ceil(rows / ROW_GROUP_ROWS) <= MAX_EXCESS * rows / ROW_GROUP_ROWS) {
      return this.#writeSegment();
    }
    const kept = [...this.#tails];
    let firstRow = kept.at(-1)?.endRow ?? 0;
    // No tail is smaller than the one behind it: so there are few of them, and few are written again.
    const merged: Tail[] = [];
    while (kept.length > 0 && kept.at(-1)!.endRow - kept.at(-1)!.firstRow <= rows - firstRow) {
      merged.push(kept.pop()!);
      firstRow = merged.at(-1)!.firstRow;
    }
    const name = { segment: this.#segments + 1, firstRow, endRow: rows };
    const path = join(this.#directory, tailName(name));
    const counts = difference(this.#tally.counts, kept.map((tail) => tail.counts));
    this.#writer.write(this.#table, path, { firstRow, metadata: this.#metadataWith(counts) });
    try {
      syncPath(path);
      syncPath(this.#directory);
    } catch (error) {
      // Its rows count as lost: whatever of it has reached the disk must not be found there.
      removeQuietly(path);
      throw error;
    }
    this.#tails = [...kept, { ...name, path, counts, bytes: Deno.statSync(path).size }];
    this.#superseded.push(...merged.map((tail) => tail.path));
  }

  /**
   * Gives up the rows of the open segment but those that are on the disk, which close it.
   *
   * @returns what is lost
   */
  discard(): RowCounts {
    const { counts: all } = this.#tally;
    const { number, tails } = this.#endSegment();
    for (const { path, endRow, firstRow, counts } of tails) {
      this.#closed.push({ path, number, endRow, counts, isSynced: true });
      this.#closedRows += endRow - firstRow;
    }
    return difference(all, tails.map((tail) => tail.counts));
  }

  /**
   * Writes what is left. There is always a segment, if only one without rows.
   *
   * @returns paths of all segments in order, and their rows
   * @throws {RunError} if a segment cannot be written
   */
  finish(): FinishedRows {
    if (this.#table.rows > 0 || this.#segments === 0) this.#writeSegment();
    return { segments: this.#closed.map(({ path }) => path), rows: this.#closedRows };
  }

  /** Writes the open segment, if only one without rows. */
  writeOpen(): void {
    this.#writeSegment();
  }

  /** Releases DuckDB. The segments stay. Idempotent. */
  close(): void {
    this.#writer[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #writeSegment(): void {
    const path = join(this.#directory, segmentName(this.#segments + 1));
    const { counts } = this.#tally;
    this.#writer.write(this.#table, path, { metadata: this.#metadataWith(counts) });
    const { rows } = this.#table;
    const { number, tails } = this.#endSegment();
    this.#closed.push({ path, number, endRow: null, counts, isSynced: false });
    this.#superseded.push(...tails.map((tail) => tail.path));
    this.#closedRows += rows;
    this.#writtenBytes += Deno.statSync(path).size;
  }

  #endSegment(): { number: number; tails: readonly Tail[] } {
    const tails = this.#tails;
    this.#tails = [];
    this.#closedAddresses += this.#table.newAddresses;
    this.#table.clear();
    this.#tally.clear();
    return { number: ++this.#segments, tails };
  }

  #metadataWith(counts: RowCounts): Record<string, string> {
    if (Object.keys(this.#metadata).length === 0) return {};
    return { ...this.#metadata, [SEGMENT_COUNTS_KEY]: JSON.stringify(counts) };
  }
}

/** What is left of `all` without `parts`. */
function difference(all: RowCounts, parts: readonly RowCounts[]): RowCounts {
  return all.map((one, index) => {
    let [rows, bytes] = one ?? [0, 0];
    for (const part of parts) {
      rows -= part[index]?.[0] ?? 0;
      bytes -= part[index]?.[1] ?? 0;
    }
    return [rows, bytes];
  });
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The disk refuses that too.
  }
}
