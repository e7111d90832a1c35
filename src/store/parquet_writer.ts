/**
 * DuckDB as a Parquet encoder: a table function that reads the staging table, and COPY.
 *
 * This uses `@duckdb/node-bindings`, the C API beneath `@duckdb/node-api`. The latter makes a string of
 * every dictionary value again for every chunk of an ENUM column, and its appender copies each row
 * twice more. A table function over raw vectors costs less than half: 300 against 700 ns a row, all
 * columns, 10,000 addresses.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import { resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import { systemReason } from "../core/system_reason.ts";
import type { ColumnType } from "../event/schema.ts";
import { addOwnColumns, findOwnColumns } from "./own_columns.ts";
import type { StagedColumn } from "./staged_column.ts";
import type { StagingTable } from "./staging_table.ts";
import { ValidityMasks } from "./validity_masks.ts";

/** Rows of a DuckDB vector. */
const CHUNK_ROWS = duckdb.vector_size();

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
  readonly type: duckdb.LogicalType;
  readonly presence: number;
  readonly values: StagedColumn["values"];
  readonly rowBytes: number;
  /** Set when DuckDB keeps the codes of this dictionary in bytes. */
  readonly narrowed: Uint8Array<ArrayBuffer> | null;
}

/** Writes staging tables as Parquet files. One at a time. */
export class ParquetWriter implements Disposable {
  readonly #database: duckdb.Database;
  readonly #connection: duckdb.Connection;
  readonly #masks = new ValidityMasks(CHUNK_ROWS);
  #table: StagingTable | null = null;
  #columns: readonly BoundColumn[] = [];
  #nextRow = 0;
  #closed = false;

  private constructor(database: duckdb.Database, connection: duckdb.Connection) {
    this.#database = database;
    this.#connection = connection;
  }

  /**
   * Starts a DuckDB that has one thread, loads no extensions and can write nowhere else.
   *
   * @param directory where files will be written; exists
   */
  static async create(directory: string): Promise<ParquetWriter> {
    const configuration = duckdb.create_config();
    for (const [name, value] of Object.entries(CONFIGURATION)) {
      duckdb.set_config(configuration, name, value);
    }
    const database = await duckdb.open(":memory:", configuration);
    const writer = new ParquetWriter(database, await duckdb.connect(database));
    try {
      await writer.#run(`SET allowed_directories = [${quote(resolve(directory))}]`);
      await writer.#run("SET enable_external_access = false");
      await writer.#run("SET lock_configuration = true");
      writer.#registerTableFunction();
    } catch (error) {
      writer[Symbol.dispose]();
      throw error;
    }
    return writer;
  }

  /**
   * Writes all rows of `table`, which must not change meanwhile.
   *
   * The file gets its name when it is complete: until then the name has another ending.
   *
   * @param path of the new file, in the writer's directory
   * @throws {RunError} if it cannot be written; nothing is left at `path` then
   */
  async write(table: StagingTable, path: string): Promise<void> {
    const own = findOwnColumns(table);
    const ownNames = new Set<string>(own.map(({ name }) => name));
    const unfinished = `${resolve(path)}${UNFINISHED}`;
    this.#table = table;
    this.#columns = table.columns.filter(({ name }) => !ownNames.has(name)).map(bind);
    this.#nextRow = 0;
    try {
      await this.#run(
        `COPY (SELECT * FROM ${TABLE_FUNCTION}()) TO ${quote(unfinished)} ${COPY_OPTIONS}`,
      );
      if (own.length > 0) addOwnColumns(unfinished, own, path);
      rename(unfinished, path);
    } catch (error) {
      removeUnfinished(unfinished);
      throw error instanceof RunError ? error : writeError(path, error);
    } finally {
      this.#table = null;
      this.#columns = [];
    }
  }

  /** Ends DuckDB. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    duckdb.disconnect_sync(this.#connection);
    duckdb.close_sync(this.#database);
  }

  #run(sql: string): Promise<duckdb.Result> {
    return duckdb.query(this.#connection, sql);
  }

  #registerTableFunction(): void {
    const tableFunction = duckdb.create_table_function();
    try {
      duckdb.table_function_set_name(tableFunction, TABLE_FUNCTION);
      duckdb.table_function_set_bind(tableFunction, (info) => {
        for (const { name, type } of this.#columns) duckdb.bind_add_result_column(info, name, type);
        duckdb.bind_set_cardinality(info, this.#table!.rows, true);
      });
      duckdb.table_function_set_init(tableFunction, (info) => duckdb.init_set_max_threads(info, 1));
      duckdb.table_function_set_function(tableFunction, (_, chunk) => this.#fill(chunk));
      duckdb.register_table_function(this.#connection, tableFunction);
    } finally {
      duckdb.destroy_table_function_sync(tableFunction);
    }
  }

  /** Copies the next rows into a chunk of DuckDB's; none at the end. */
  #fill(chunk: duckdb.DataChunk): void {
    const first = this.#nextRow;
    const { present, rows: total } = this.#table!;
    const rows = Math.min(CHUNK_ROWS, total - first);
    this.#nextRow += rows;
    if (rows > 0) this.#masks.build(present, first, rows);
    for (let index = 0; rows > 0 && index < this.#columns.length; index++) {
      this.#fillColumn(
        duckdb.data_chunk_get_vector(chunk, index),
        this.#columns[index]!,
        first,
        rows,
      );
    }
    duckdb.data_chunk_set_size(chunk, rows);
  }

  #fillColumn(vector: duckdb.Vector, column: BoundColumn, first: number, rows: number): void {
    const { values, rowBytes, narrowed, presence } = column;
    if (this.#masks.any(presence)) {
      if (narrowed) {
        for (let index = 0; index < rows; index++) narrowed[index] = values[first + index]!;
        duckdb.copy_data_to_vector(vector, 0, narrowed.buffer, 0, rows);
      } else {
        duckdb.copy_data_to_vector(vector, 0, values.buffer, first * rowBytes, rows * rowBytes);
      }
    }
    const mask = this.#masks.mask(presence);
    if (mask) {
      duckdb.vector_ensure_validity_writable(vector);
      duckdb.copy_data_to_vector_validity(vector, 0, mask, 0, mask.byteLength);
    }
  }
}

function bind(column: StagedColumn): BoundColumn {
  const { name, presence, values, rowBytes, dictionary } = column;
  // An ENUM needs a value. A text column without one is NULL in every row.
  const type = dictionary && dictionary.size > 0
    ? duckdb.create_enum_type(dictionary.texts())
    : duckdb.create_logical_type(TYPES[column.type]);
  const isNarrow = dictionary && dictionary.size > 0 &&
    duckdb.enum_internal_type(type) === duckdb.Type.UTINYINT;
  const narrowed = isNarrow ? new Uint8Array(CHUNK_ROWS) : null;
  return { name, type, presence, values, rowBytes, narrowed };
}

const TYPES: Readonly<Record<ColumnType, duckdb.Type>> = {
  TIMESTAMP_NS: duckdb.Type.TIMESTAMP_NS,
  VARCHAR: duckdb.Type.VARCHAR,
  UINTEGER: duckdb.Type.UINTEGER,
  USMALLINT: duckdb.Type.USMALLINT,
  UTINYINT: duckdb.Type.UTINYINT,
  BOOLEAN: duckdb.Type.BOOLEAN,
};

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
    return new RunError(`Cannot write "${path}": not enough memory`, { cause });
  }
  if (kind === "IO" || kind === "Permission") {
    const hint = "Free space there, or choose another place with --output";
    return new RunError(`Cannot write "${path}": ${lowerFirst(reason)}`, { hint, cause });
  }
  return new Error(`Cannot write "${path}": ${message}`, { cause });
}

function lowerFirst(text: string): string {
  return text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}
