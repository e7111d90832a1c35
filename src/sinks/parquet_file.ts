/**
 * Rows as Parquet files: in segments while they come, which go into the file one by one. One file, or a
 * series of them.
 *
 * @module
 */
import { DataFile, SystemError } from "../../ffi/mod.ts";
import type { ColumnBatch } from "../batch/column_batch.ts";
import { addRowCounts, type RowCounts } from "../contract/row_counts.ts";
import { RunError } from "../core/errors.ts";
import { systemReason } from "../core/system_reason.ts";
import { finishGrowing, GrowingFile } from "../parquet/growing_file.ts";
import { DiskRoom } from "./disk_room.ts";
import type { RowSink, RowSinkOptions, SinkEvents } from "./row_sink.ts";
import { RowTally } from "./segments/row_tally.ts";
import { ROW_GROUP_ROWS } from "./segments/segment_encoder.ts";
import { growingPaths } from "./segments/segment_names.ts";
import { SegmentStore } from "./segments/segment_store.ts";
import type { ParquetFilePlan } from "./sink_plan.ts";

/** Bytes that a row is taken for before any was written. */
const FIRST_ROW_BYTES = 24;

/** Milliseconds that a packet may have been under way, and that writing may take. */
const UNDERWAY_MS = 800;
const SHORTEST_WAIT_MS = 200;

/** Every row is in a file, in a segment beside it, or said to be lost. Its directory is its owner's to remove. */
export class ParquetFile implements RowSink {
  readonly #plan: ParquetFilePlan;
  readonly #events: SinkEvents;
  readonly #store: SegmentStore;
  readonly #room: DiskRoom;
  /** The file in the making; null until it is needed. */
  #growing: GrowingFile | null = null;
  #part = 1;
  /** Of all parts that have ended. */
  #closedRows = 0;
  #lostBefore: RowCounts = [];
  /** When the first row came that a crash would cost; null = there is none. */
  #endangeredSince: number | null = null;
  /** Rows that were in memory when writing failed, and those that came after it had ended. */
  #lost: RowCounts = [];
  readonly #late = new RowTally();
  #inTrouble = false;
  /** Nothing is written any more but what is there already. */
  #hasStopped = false;

  private constructor(plan: ParquetFilePlan, store: SegmentStore, events: SinkEvents) {
    this.#plan = plan;
    this.#store = store;
    this.#events = events;
    this.#room = new DiskRoom(plan.workDirectory, plan.minFreeBytes ?? 0);
  }

  /** @throws {RunError} if DuckDB cannot be loaded */
  static async open(
    plan: ParquetFilePlan,
    { attachments, metadata }: RowSinkOptions,
    events: SinkEvents,
  ): Promise<ParquetFile> {
    const directory = plan.workDirectory;
    return new ParquetFile(
      plan,
      await SegmentStore.create({ directory, attachments, metadata }),
      events,
    );
  }

  /** Bytes of the closed segments. */
  get writtenBytes(): number {
    return this.#store.writtenBytes;
  }

  get newAddresses(): number {
    return this.#store.newAddresses;
  }

  get lost(): RowCounts {
    return addRowCounts(this.#lostBefore, this.#lostOfPart);
  }

  get #lostOfPart(): RowCounts {
    return addRowCounts(this.#lost, this.#late.counts);
  }

  append(batch: ColumnBatch, rows: number): void {
    if (this.#hasStopped) return this.#late.add(batch, 0, rows);
    const before = this.#store.closed.length;
    this.#store.append(batch, rows, (error) => this.#trouble(error));
    if (this.#store.closed.length > before) this.#try(() => this.#absorb());
    if (this.#hasStopped) return this.#lose();
    this.#endangeredSince ??= performance.now();
    const partBytes = this.#plan.series?.partBytes ?? 0;
    if (partBytes > 0 && this.#expectedBytes() >= partBytes) this.#closePart();
  }

  /** What was appended so far becomes a segment of its own, or the end of a part of a series. */
  closeSegment(): void {
    if (this.#plan.series !== undefined) return this.#closePart();
    this.#try(() => this.#store.closeSegment());
  }

  tend(): number {
    const flushMs = this.#plan.flushMs ?? 0;
    if (flushMs === 0 || this.#endangeredSince === null) return Infinity;
    const waitMs = Math.max(SHORTEST_WAIT_MS, flushMs - UNDERWAY_MS);
    const leftMs = this.#endangeredSince + waitMs - performance.now();
    if (leftMs > 0) return leftMs;
    this.#try(() => {
      this.#room.check();
      const before = this.#store.closed.length;
      this.#store.secure();
      if (this.#store.closed.length > before || this.#inTrouble) this.#absorb();
      this.#growing?.sync();
      this.#removeSuperseded();
      this.#keepRoom();
    });
    this.#endangeredSince = null;
    return Infinity;
  }

  /** @throws {RunError} if nothing at all can be written */
  finish(): number {
    if (!this.#hasStopped && this.#store.openRows > 0) this.#try(() => this.#store.writeOpen());
    this.#room.release();
    this.#absorbAtLast();
    for (const { counts } of this.#store.closed) this.#lost = addRowCounts(this.#lost, counts);
    if (this.#isEmpty) {
      // There is always a file, if only one without rows.
      this.#store.writeOpen();
      this.#absorb(true);
    }
    const rows = this.#closedRows + this.#growing!.rows;
    // What is left needs none of what the store holds.
    this.#store.close();
    if (this.#plan.series !== undefined) this.#endPart();
    return rows;
  }

  /** @throws {RunError} if the file cannot be written */
  complete(metadata: Readonly<Record<string, string>>): number {
    if (this.#plan.series !== undefined) return this.writtenBytes;
    this.#growing?.[Symbol.dispose]();
    const paths = growingPaths(this.#plan.workDirectory, this.#part);
    const { bytes } = finishGrowing(paths, metadata);
    try {
      using file = DataFile.openPath(paths.data, "write");
      file.syncData();
      Deno.renameSync(paths.data, this.#plan.path);
    } catch (cause) {
      const reason = cause instanceof SystemError ? cause.reason : systemReason(cause);
      throw new RunError(`Cannot write "${this.#plan.path}": ${reason}`, { cause });
    }
    remove(paths.index);
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#room[Symbol.dispose]();
    this.#growing?.[Symbol.dispose]();
    this.#store.close();
  }

  /** Whether the part has nothing, not even a segment without rows. */
  get #isEmpty(): boolean {
    return this.#growing === null || this.#growing.isEmpty;
  }

  #expectedBytes(): number {
    const { openRows, writtenBytes, writtenRows } = this.#store;
    const rowBytes = writtenRows > 0 ? writtenBytes / writtenRows : FIRST_ROW_BYTES;
    return (this.#growing?.bytes ?? 0) + openRows * rowBytes;
  }

  /** Moves closed segments into the file. */
  #absorb(isScarce = false): void {
    if (!isScarce) this.#room.check();
    for (let next = this.#store.closed[0]; next !== undefined; next = this.#store.closed[0]) {
      this.#growing ??= GrowingFile.create(growingPaths(this.#plan.workDirectory, this.#part));
      this.#growing.take(next, isScarce);
      this.#store.shiftClosed();
      remove(next.path);
    }
  }

  /** The same at the end, where a disk may be full. */
  #absorbAtLast(): void {
    try {
      this.#absorb();
    } catch {
      this.#try(() => this.#absorb(true));
    }
  }

  #removeSuperseded(): void {
    for (const path of this.#store.takeSuperseded()) remove(path);
  }

  #keepRoom(): void {
    const rows = this.#growing?.rows ?? 0;
    const { tailBytes } = this.#store;
    this.#room.keepForEnd(Math.ceil(rows / ROW_GROUP_ROWS) + 1, tailBytes);
  }

  #closePart(): void {
    this.#try(() => {
      if (this.#store.openRows > 0) this.#store.writeOpen();
      this.#absorb();
      if (this.#isEmpty) {
        this.#store.writeOpen();
        this.#absorb();
      }
      this.#growing!.sync();
      this.#removeSuperseded();
    });
    if (this.#hasStopped || this.#isEmpty) return;
    this.#endPart();
    this.#endangeredSince = null;
  }

  #endPart(): void {
    const { rows, counts } = this.#growing!;
    this.#growing![Symbol.dispose]();
    this.#growing = null;
    this.#closedRows += rows;
    const lost = this.#lostOfPart;
    this.#lost = [];
    this.#late.clear();
    this.#lostBefore = addRowCounts(this.#lostBefore, lost);
    this.#events.onPart({ number: this.#part++, rows, counts, lost });
  }

  /** Writes something. What fails ends the writing, or costs the rows of the open segment. */
  #try(action: () => void): void {
    if (this.#hasStopped && !this.#inTrouble) return;
    try {
      action();
    } catch (error) {
      this.#trouble(error);
      return;
    }
    if (!this.#inTrouble || this.#hasStopped) return;
    this.#inTrouble = false;
    this.#events.onResumed();
  }

  #trouble(error: unknown): void {
    const known = error instanceof SystemError
      ? new RunError(`Cannot write "${this.#plan.workDirectory}": ${error.reason}`, {
        cause: error,
      })
      : error;
    if (!(known instanceof RunError)) throw known;
    if (!this.#inTrouble) this.#events.onTrouble(known);
    this.#inTrouble = true;
    if (this.#plan.onError !== "drop") this.#hasStopped = true;
    this.#lose();
  }

  #lose(): void {
    this.#lost = addRowCounts(this.#lost, this.#store.discard());
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Its number says that it is in the file already.
  }
}
