/**
 * A Parquet file that takes segments in as they come, and gets its footer at its end. So the data is
 * there once, and the end of a recording costs a footer.
 *
 * Until then it is two files: the data, and an index that tells what of it is whole, a line of JSON for
 * each segment. What a killed process leaves is made a Parquet file from both.
 *
 * @module
 */
import { DataFile, SystemError } from "../../ffi/mod.ts";
import { addRowCounts, readRowCounts, type RowCounts } from "../contract/row_counts.ts";
import { RunError } from "../core/errors.ts";
import { PROGRAM_NAME, VERSION } from "../core/version.ts";
import { concatenate } from "./column_chunk.ts";
import { openFile, readParquetEnd, writeHint } from "./file_access.ts";
import {
  describeFile,
  isSameSchema,
  moveRowGroup,
  PARQUET_MAGIC,
  schemaBytes,
  writeFooter,
} from "./footer.ts";
import { readThriftStruct, writeThriftStruct } from "./thrift_compact.ts";

/** What is to become a part of the file. */
export interface Segment {
  /** Path of a Parquet file. */
  readonly path: string;
  /** Number of the segment; goes up by one. */
  readonly number: number;
  /** The piece of the segment that the file holds ends before this row; null = it is all of it. */
  readonly endRow: number | null;
  readonly counts: RowCounts;
}

/** Paths of the two files. */
export interface GrowingPaths {
  readonly data: string;
  readonly index: string;
}

/** What a finished file holds. */
export interface FinishedFile {
  readonly rows: number;
  readonly bytes: number;
  readonly counts: RowCounts;
  /**
   * Bytes that it took beside itself while it grew, at most: a segment is there once more until it is
   * taken in, and its rows before that.
   */
  readonly workBytes: number;
}

/** A line of the index. */
interface Entry {
  readonly segment: number;
  readonly endRow: number | null;
  readonly rows: number;
  /** Position behind its data. */
  readonly end: number;
  readonly counts: RowCounts;
  /** Row groups at their new places, each in Thrift, in base 64. */
  readonly groups: readonly string[];
  /** All of a footer but rows and row groups: in the first line only. */
  readonly rest?: string;
}

/** Pieces in which data is copied where there is no room for two of it. */
const SCARCE_BYTES = 64 * 1024;

/** The segment itself, and the files that have held its rows until it was closed. */
const SEGMENT_COPIES = 2;

/** The open end of the file. Dispose closes it; both files stay. */
export class GrowingFile implements Disposable {
  readonly #paths: GrowingPaths;
  readonly #data: DataFile;
  readonly #index: DataFile;
  #end: number;
  #indexEnd: number;
  #syncedEnd = 0;
  #schema: Uint8Array | null = null;
  #rows = 0;
  #counts: RowCounts = [];

  private constructor(paths: GrowingPaths, data: DataFile, index: DataFile) {
    this.#paths = paths;
    this.#data = data;
    this.#index = index;
    this.#end = PARQUET_MAGIC.length;
    this.#indexEnd = 0;
  }

  /**
   * Makes both files, which must not exist.
   *
   * @throws {RunError} if they cannot be made; then neither is left, and it can be tried again
   */
  static create(paths: GrowingPaths): GrowingFile {
    return attempt(paths.data, () => {
      using stack = new DisposableStack();
      const make = (path: string) => {
        const file = stack.use(DataFile.openPath(path, "create"));
        stack.defer(() => removeQuietly(path));
        return file;
      };
      const [data, index] = [make(paths.data), make(paths.index)];
      data.writeAt(0, PARQUET_MAGIC);
      stack.move();
      return new GrowingFile(paths, data, index);
    });
  }

  /**
   * Goes on with what a killed process has left.
   *
   * @throws {RunError} if it cannot be read or written
   */
  static resume(paths: GrowingPaths): GrowingFile {
    return attempt(paths.data, () => {
      using stack = new DisposableStack();
      const data = stack.use(DataFile.openPath(paths.data, "write"));
      const index = stack.use(DataFile.openPath(paths.index, "write"));
      const file = new GrowingFile(paths, data, index);
      const { entries, bytes } = readIndex(index, data.status().size);
      for (const entry of entries) file.#count(entry);
      file.#indexEnd = bytes;
      const rest = entries[0]?.rest;
      if (rest !== undefined) file.#schema = schemaOf(Uint8Array.fromBase64(rest));
      data.writeAt(0, PARQUET_MAGIC);
      file.#cutOff();
      stack.move();
      return file;
    });
  }

  /** Bytes of the data so far. */
  get bytes(): number {
    return this.#end;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Whether nothing was taken in, not even a segment without rows. */
  get isEmpty(): boolean {
    return this.#schema === null;
  }

  get counts(): RowCounts {
    return this.#counts;
  }

  /** Whether there is something that {@linkcode GrowingFile.sync} would bring onto the disk. */
  get isSynced(): boolean {
    return this.#syncedEnd === this.#end;
  }

  /**
   * Takes the data of a segment in, whose file stays.
   *
   * @param isScarce give the space of the segment's file back piece by piece, which destroys it: for a
   * disk that has no room for both
   * @throws {RunError} if there is no room; then nothing has changed here
   */
  take({ path, number, endRow, counts }: Segment, isScarce = false): void {
    using segment = openFile(path, "read", { read: true });
    const { footer, dataEnd } = readParquetEnd(segment);
    const schema = schemaBytes(footer);
    if (this.#schema !== null && !isSameSchema(this.#schema, schema)) {
      throw segment.error("its columns differ");
    }
    const start = PARQUET_MAGIC.length;
    const shift = BigInt(this.#end - start);
    const groups = footer.rowGroups.map((group) => {
      return writeThriftStruct(moveRowGroup(group, shift)).toBase64();
    });
    const entry: Entry = {
      segment: number,
      endRow,
      rows: Number(footer.rows),
      end: this.#end + dataEnd - start,
      counts,
      groups,
      ...this.#schema === null && { rest: writeThriftStruct(footer.rest).toBase64() },
    };
    const line = new TextEncoder().encode(`${JSON.stringify(entry)}\n`);
    try {
      attempt(this.#paths.data, () => {
        using source = DataFile.openPath(path, isScarce ? "write" : "read");
        if (isScarce) this.#copyScarce(source, start, dataEnd - start);
        else this.#data.copyFrom(source, start, this.#end, dataEnd - start);
        this.#index.writeAt(this.#indexEnd, line);
      });
    } catch (error) {
      this.#cutOff();
      throw error;
    }
    this.#data.beginSync(this.#end, dataEnd - start);
    this.#indexEnd += line.length;
    this.#schema = schema;
    this.#count(entry);
  }

  /** Brings what was taken in onto the disk: the data first, then what says that it is there. */
  sync(): void {
    if (this.isSynced) return;
    attempt(this.#paths.data, () => {
      this.#data.syncData();
      this.#index.syncData();
    });
    this.#syncedEnd = this.#end;
  }

  [Symbol.dispose](): void {
    this.#data[Symbol.dispose]();
    this.#index[Symbol.dispose]();
  }

  #count({ rows, end, counts }: Entry): void {
    this.#end = end;
    this.#rows += rows;
    this.#counts = addRowCounts(this.#counts, counts);
  }

  #copyScarce(source: DataFile, start: number, length: number): void {
    for (let done = 0; done < length;) {
      const count = Math.min(SCARCE_BYTES, length - done);
      this.#data.copyFrom(source, start + done, this.#end + done, count);
      source.punch(start + done, count);
      done += count;
    }
  }

  /** Removes what is behind the last whole segment. */
  #cutOff(): void {
    try {
      this.#data.truncate(this.#end);
      this.#index.truncate(this.#indexEnd);
    } catch {
      // It is written over, or cut off at the end; and must not hide why it was not finished.
    }
  }
}

/** What an index says was taken in last: number of the segment, and the first row that was not. */
export function lastTaken(paths: GrowingPaths): { segment: number; endRow: number | null } {
  const last = entriesOf(paths).at(-1);
  return { segment: last?.segment ?? 0, endRow: last?.endRow ?? null };
}

/** Rows that were taken in. */
export function takenCounts(paths: GrowingPaths): RowCounts {
  return entriesOf(paths).reduce<RowCounts>((sum, one) => addRowCounts(sum, one.counts), []);
}

function entriesOf(paths: GrowingPaths): readonly Entry[] {
  return attempt(paths.data, () => {
    using data = DataFile.openPath(paths.data, "read");
    using index = DataFile.openPath(paths.index, "read");
    return readIndex(index, data.status().size).entries;
  });
}

/**
 * Gives the data its footer: from then on it is a Parquet file. Nothing is brought onto the disk, and the
 * index stays: until the caller removes it, this can be done again.
 *
 * @param metadata key/value metadata of the file
 * @throws {RunError} if it cannot be written, or nothing was taken in
 */
export function finishGrowing(
  paths: GrowingPaths,
  metadata: Readonly<Record<string, string>>,
): FinishedFile {
  return attempt(paths.data, () => {
    using data = DataFile.openPath(paths.data, "write");
    using index = DataFile.openPath(paths.index, "read");
    const { entries, bytes: indexBytes } = readIndex(index, data.status().size);
    const rest = entries[0]?.rest;
    if (rest === undefined) throw new Error("Cannot finish a file without segments");
    const end = entries.at(-1)!.end;
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0);
    const createdBy = `${PROGRAM_NAME} version ${VERSION}`;
    const pieces = writeFooter({
      rest: describeFile(readThriftStruct(Uint8Array.fromBase64(rest)), createdBy, metadata),
      rows: BigInt(rows),
      rowGroups: entries.flatMap(({ groups }) => groups.map((one) => Uint8Array.fromBase64(one))),
    });
    const footer = concatenate(...pieces);
    data.writeAt(end, footer);
    data.truncate(end + footer.length);
    const counts = entries.reduce<RowCounts>((sum, one) => addRowCounts(sum, one.counts), []);
    const segmentBytes = entries.map(({ end }, at) => end - (entries[at - 1]?.end ?? 0));
    const workBytes = SEGMENT_COPIES * Math.max(...segmentBytes) + indexBytes;
    return { rows, bytes: end + footer.length, counts, workBytes };
  });
}

/** The whole lines of an index whose data is there. */
function readIndex(index: DataFile, dataBytes: number): { entries: Entry[]; bytes: number } {
  const content = index.readAt(0, index.status().size);
  const entries: Entry[] = [];
  let bytes = 0;
  for (;;) {
    const end = content.indexOf(0x0a, bytes);
    const entry = end < 0 ? null : readEntry(content.subarray(bytes, end));
    if (entry === null || entry.end > dataBytes) return { entries, bytes };
    entries.push(entry);
    bytes = end + 1;
  }
}

function readEntry(line: Uint8Array): Entry | null {
  try {
    const entry: Entry = JSON.parse(new TextDecoder().decode(line));
    const numbers = [entry.segment, entry.rows, entry.end, entry.endRow ?? 0];
    const isRight = numbers.every(Number.isSafeInteger) && Array.isArray(entry.groups) &&
      readRowCounts(entry.counts) !== null;
    return isRight ? entry : null;
  } catch {
    return null;
  }
}

function schemaOf(rest: Uint8Array): Uint8Array {
  return schemaBytes({ rows: 0n, rowGroups: [], rest: readThriftStruct(rest) });
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof SystemError)) throw cause;
    const { reason } = cause;
    throw new RunError(`Cannot write "${path}": ${reason}`, {
      hint: writeHint(reason, path),
      cause,
    });
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It must not hide why the file could not be made.
  }
}
