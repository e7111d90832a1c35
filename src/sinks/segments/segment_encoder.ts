/**
 * DuckDB as a Parquet encoder: a table function that reads the staging table, and COPY.
 *
 * @module
 */
import { resolve } from "node:path";
import {
  type DuckdbChunk,
  DuckdbEngine,
  type DuckdbType,
  type TableRows,
} from "../../../ffi/mod.ts";
import { RunError } from "../../core/errors.ts";
import { lowerFirst } from "../../core/lower_first.ts";
import { systemReason } from "../../core/system_reason.ts";
import { addOwnColumns, findOwnColumns } from "./own_columns.ts";
import { writeHint } from "../../parquet/file_access.ts";
import type { StagedColumn } from "./staged_column.ts";
import type { StagingTable } from "./staging_table.ts";
import { ValidityMasks } from "./validity_masks.ts";

/** Rows of a Parquet row group: DuckDB's default, and what it reads best. */
export const ROW_GROUP_ROWS = 122_880;

/** Ending of a file that is being written. */
const UNFINISHED = ".unfinished";

const TABLE_FUNCTION = "staged_rows";

/**
 * Numeric columns with more distinct values per row group than this are written as differences instead
 * of by dictionary: looking for more costs a third of the time and saves 0.5 % of the bytes.
 */
const DICTIONARY_SIZE_LIMIT = 4096;

/** The data is packed to the bit already: higher levels cost a tenth of the time and save nothing. */
const COMPRESSION_LEVEL = 1;

const COPY_OPTIONS = `(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, ` +
  `COMPRESSION_LEVEL ${COMPRESSION_LEVEL}, ` +
  `ROW_GROUP_SIZE ${ROW_GROUP_ROWS}, DICTIONARY_SIZE_LIMIT ${DICTIONARY_SIZE_LIMIT})`;

/** Where a process finds what it has open: proc_pid_fd(5). */
const OWN_DESCRIPTORS = "/proc/self/fd/";

const CONFIGURATION = {
  threads: "1",
  // A row group, its encoded form and the dictionaries need about a third of it.
  memory_limit: "512MiB",
  // Nothing is ever spilled.
  temp_directory: "",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
} as const;

/** A column as DuckDB sees it, for one segment. */
interface BoundColumn {
  readonly name: string;
  readonly type: DuckdbType;
  readonly presence: number;
  /** All rows, as bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rowBytes: number;
  /** Set when DuckDB keeps the codes of this dictionary in bytes: room for those of a chunk. */
  readonly narrowed: Uint8Array<ArrayBuffer> | null;
}

/** What of a table is written, and what is said in the file. */
export interface WrittenPart {
  /** The first row; up to the last one. */
  readonly firstRow?: number;
  /** Key/value metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Writes staging tables as Parquet files. One at a time. */
export class ParquetWriter implements Disposable {
  readonly #engine: DuckdbEngine;

  private constructor(engine: DuckdbEngine) {
    this.#engine = engine;
  }

  /**
   * Starts a DuckDB that has one thread, loads no extensions and can write nowhere else.
   *
   * @param directory where files will be written; exists
   */
  static async create(directory: string): Promise<ParquetWriter> {
    const engine = await DuckdbEngine.open(CONFIGURATION);
    try {
      const allowed = allowedDirectories(directory).map(quote).join();
      engine.run(`SET allowed_directories = [${allowed}]`);
      engine.run("SET enable_external_access = false");
      engine.run("SET lock_configuration = true");
      engine.addTableFunction(TABLE_FUNCTION);
    } catch (error) {
      engine[Symbol.dispose]();
      throw error;
    }
    return new ParquetWriter(engine);
  }

  /**
   * Writes the rows of `table`.
   *
   * The file gets its name when it is complete: until then the name has another ending.
   *
   * @param path of the new file, in the writer's directory
   * @throws {RunError} if it cannot be written; nothing is left at `path` then
   */
  write(table: StagingTable, path: string, part: WrittenPart = {}): void {
    const { firstRow = 0, metadata = {} } = part;
    const own = findOwnColumns(table, firstRow);
    const unfinished = `${resolve(path)}${UNFINISHED}`;
    try {
      using rows = new StagedRows(this.#engine, table, firstRow, own.map(({ name }) => name));
      this.#engine.run(
        `COPY (SELECT * FROM ${TABLE_FUNCTION}()) TO ${quote(unfinished)} ${COPY_OPTIONS}`,
        rows,
      );
      if (own.length > 0 || Object.keys(metadata).length > 0) {
        addOwnColumns(unfinished, own, metadata, path);
      }
      rename(unfinished, path);
    } catch (error) {
      removeUnfinished(unfinished);
      throw error instanceof RunError ? error : writeError(path, error);
    }
  }

  /** Ends DuckDB. Idempotent. */
  [Symbol.dispose](): void {
    this.#engine[Symbol.dispose]();
  }
}

/**
 * Where DuckDB may write. It compares real paths, as far as it can find them out: a process that has
 * become somebody who may not enter the directories above gets only as far as its own descriptors.
 */
function allowedDirectories(directory: string): string[] {
  const own = directory.startsWith(OWN_DESCRIPTORS) ? [OWN_DESCRIPTORS] : [];
  return [resolve(directory), ...own];
}

/** Rows of a staging table, chunk by chunk, up to the last. */
class StagedRows implements TableRows, Disposable {
  readonly columns: readonly BoundColumn[];
  readonly rows: number;
  readonly #present: Uint16Array;
  readonly #chunkRows: number;
  readonly #masks: ValidityMasks;
  readonly #endRow: number;
  #nextRow: number;

  /** @param left names of columns that DuckDB is not to write */
  constructor(
    engine: DuckdbEngine,
    table: StagingTable,
    firstRow: number,
    left: readonly string[],
  ) {
    this.rows = table.rows - firstRow;
    this.#endRow = table.rows;
    this.#nextRow = firstRow;
    this.#present = table.present;
    this.#chunkRows = engine.chunkRows;
    this.#masks = new ValidityMasks(engine.chunkRows);
    const columns: BoundColumn[] = [];
    this.columns = columns;
    try {
      for (const column of table.columns) {
        if (!left.includes(column.name)) columns.push(bind(engine, column));
      }
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  fill(chunk: DuckdbChunk): number {
    const first = this.#nextRow;
    const rows = Math.min(this.#chunkRows, this.#endRow - first);
    this.#nextRow += rows;
    if (rows === 0) return 0;
    this.#masks.build(this.#present, first, rows);
    this.columns.forEach((column, index) => {
      const { presence } = column;
      if (this.#masks.any(presence)) chunk.setValues(index, valuesOf(column, first, rows));
      const mask = this.#masks.mask(presence);
      if (mask) chunk.setValidity(index, mask);
    });
    return rows;
  }

  [Symbol.dispose](): void {
    for (const { type } of this.columns) type[Symbol.dispose]();
  }
}

function bind(engine: DuckdbEngine, column: StagedColumn): BoundColumn {
  const { name, presence, values, rowBytes, dictionary } = column;
  const bytes = new Uint8Array(values.buffer);
  // An ENUM needs a value. A text column without one is NULL in every row.
  if (!dictionary || dictionary.size === 0) {
    const type = engine.plainType(column.type);
    return { name, type, presence, bytes, rowBytes, narrowed: null };
  }
  const type = engine.enumType(dictionary.texts());
  const narrowed = type.hasByteCodes ? new Uint8Array(engine.chunkRows) : null;
  return { name, type, presence, bytes, rowBytes, narrowed };
}

/** Values of some rows as DuckDB wants them. */
function valuesOf(
  { bytes, rowBytes, narrowed }: BoundColumn,
  first: number,
  rows: number,
): Uint8Array<ArrayBuffer> {
  if (narrowed === null) return bytes.subarray(rowBytes * first, rowBytes * (first + rows));
  const codes = new Uint16Array(bytes.buffer);
  for (let index = 0; index < rows; index++) narrowed[index] = codes[first + index]!;
  return narrowed.subarray(0, rows);
}

/** An SQL string literal. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function rename(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (cause) {
    throw new RunError(`Cannot write "${to}": ${systemReason(cause)}`, { cause });
  }
}

/** What is left of a file without a footer is no use to anybody. */
function removeUnfinished(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Not even begun.
  }
}

function writeError(path: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [, kind, detail] = /^(\w[\w ]*) Error: (.*)$/s.exec(message) ?? [];
  // DuckDB's: `IO Error: Could not write file "...": No space left on device`.
  const reason = detail?.split(": ").at(-1) ?? message;
  if (kind === "Out of Memory") {
    return new RunError(`Cannot write "${path}": not enough memory`, {
      hint: "Free memory, or end other programs",
      cause,
    });
  }
  if (kind === "IO" || kind === "Permission") {
    const hint = writeHint(reason, path);
    return new RunError(`Cannot write "${path}": ${lowerFirst(reason)}`, { hint, cause });
  }
  return new Error(`Cannot write "${path}": ${message}`, { cause });
}
