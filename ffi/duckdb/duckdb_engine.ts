/**
 * DuckDB by its C API: SQL statements that read our memory. It runs in the calling thread, and gives
 * all that it took back when it is told to, where the Node.js packages leave that to the garbage
 * collector, which does not see how large the types and vectors behind its handles are.
 *
 * @module
 */

import { cString } from "../linux/cstring.ts";
import { DuckdbChunk } from "./duckdb_chunk.ts";
import { DuckdbType, type DuckdbTypeName } from "./duckdb_type.ts";
import { type DuckdbLibrary, loadDuckdb } from "./load_duckdb.ts";
import { Handle } from "../linux/native_handle.ts";
import { allocate, closedError, withPinned } from "../linux/native_memory.ts";

/** `DuckDBSuccess` of `duckdb_state`. */
const SUCCESS = 0;

/** `sizeof(duckdb_result)`: five words that are deprecated, and one that is not. */
const RESULT_BYTES = 48;

/** A column that DuckDB reads from us. */
export interface TableColumn {
  readonly name: string;
  readonly type: DuckdbType;
}

/** Rows that DuckDB reads from us, while a statement runs. */
export interface TableRows {
  readonly columns: readonly TableColumn[];
  /** All that there will be. */
  readonly rows: number;
  /**
   * Fills the next rows into a chunk, at most {@linkcode DuckdbEngine.chunkRows}.
   *
   * @returns how many; 0 at the end
   */
  fill(chunk: DuckdbChunk): number;
}

/** `duckdb_table_function_bind_t` and `duckdb_table_function_init_t`. */
const ABOUT_INFO = { parameters: ["pointer"], result: "void" } as const;
/** `duckdb_table_function_t`. */
const ABOUT_CHUNK = { parameters: ["pointer", "pointer"], result: "void" } as const;

type InfoCallback = Deno.UnsafeCallback<typeof ABOUT_INFO>;
type ChunkCallback = Deno.UnsafeCallback<typeof ABOUT_CHUNK>;

/** Owner of a DuckDB in memory and of one connection to it. */
export class DuckdbEngine implements Disposable {
  /** Rows of a full chunk. */
  readonly chunkRows: number;
  readonly #library: DuckdbLibrary;
  readonly #database: Handle;
  readonly #connection: Handle;
  readonly #callbacks: (InfoCallback | ChunkCallback)[] = [];
  #table: TableRows | null = null;
  /** What went wrong in a callback: C would only see its text. */
  #failure: { readonly cause: unknown } | null = null;
  #closed = false;

  private constructor(library: DuckdbLibrary, database: Handle, connection: Handle) {
    this.#library = library;
    this.#database = database;
    this.#connection = connection;
    this.chunkRows = Number(library.duckdb_vector_size());
  }

  /**
   * Starts a DuckDB.
   *
   * @param settings by name, as in `SET`. With more than one thread, `threads`, the rows could be asked
   *   for by another thread than this, which JavaScript does not allow.
   * @throws {Error} with DuckDB's message
   */
  static async open(
    settings: Readonly<Record<string, string>> & { readonly threads: "1" },
  ): Promise<DuckdbEngine> {
    const library = await loadDuckdb();
    const database = openDatabase(library, settings);
    const connection = new Handle();
    if (library.duckdb_connect(database.pointer, connection.memory) !== SUCCESS) {
      library.duckdb_close(database.memory);
      throw new Error("Cannot connect to DuckDB");
    }
    return new DuckdbEngine(library, database, connection);
  }

  /** A type, other than an ENUM, for a column. The caller disposes of it. */
  plainType(name: DuckdbTypeName): DuckdbType {
    return DuckdbType.plain(this.#library, name);
  }

  /**
   * An ENUM for a column. The caller disposes of it.
   *
   * @param texts values in order of their codes: at least one, distinct, without NUL
   */
  enumType(texts: readonly string[]): DuckdbType {
    return DuckdbType.enumOf(this.#library, texts);
  }

  /**
   * Runs one statement, and blocks the thread meanwhile. Its result is dropped.
   *
   * @param table what the table functions of this engine read
   * @throws what `table` throws
   * @throws {Error} with DuckDB's message, such as `IO Error: Cannot open file "..."`
   */
  run(sql: string, table: TableRows | null = null): void {
    if (this.#closed) throw closedError("DuckdbEngine");
    const library = this.#library;
    const text = cString(sql);
    const result = allocate(RESULT_BYTES);
    this.#table = table;
    this.#failure = null;
    try {
      const state = withPinned(
        [text, result],
        () => library.duckdb_query(this.#connection.pointer, text, result),
      );
      const failure = this.#failure as { readonly cause: unknown } | null;
      if (failure !== null) throw failure.cause;
      if (state !== SUCCESS) throw new Error(textAt(library.duckdb_result_error(result)));
    } finally {
      this.#table = null;
      library.duckdb_destroy_result(result);
    }
  }

  /**
   * Makes `name()` a table in SQL: the source of the statement that reads it. It can be read once in a
   * statement.
   */
  addTableFunction(name: string): void {
    const library = this.#library;
    const bind = this.#callback((info) => {
      const { columns, rows } = this.#table!;
      for (const column of columns) {
        library.duckdb_bind_add_result_column(info, cString(column.name), column.type.pointer);
      }
      library.duckdb_bind_set_cardinality(info, BigInt(rows), true);
    }, (info, message) => library.duckdb_bind_set_error(info, message));
    const init = this.#callback(
      (info) => library.duckdb_init_set_max_threads(info, 1n),
      () => {},
    );
    const fill = new Deno.UnsafeCallback(ABOUT_CHUNK, (info, chunk) => {
      try {
        const rows = this.#table!.fill(new DuckdbChunk(library, chunk));
        library.duckdb_data_chunk_set_size(chunk, BigInt(rows));
      } catch (cause) {
        this.#failure = { cause };
        library.duckdb_function_set_error(info, cString("no rows"));
      }
    });
    this.#callbacks.push(fill);
    const handle = new Handle(library.duckdb_create_table_function());
    try {
      const { pointer } = handle;
      library.duckdb_table_function_set_name(pointer, cString(name));
      library.duckdb_table_function_set_bind(pointer, bind.pointer);
      library.duckdb_table_function_set_init(pointer, init.pointer);
      library.duckdb_table_function_set_function(pointer, fill.pointer);
      const state = library.duckdb_register_table_function(this.#connection.pointer, pointer);
      if (state !== SUCCESS) throw new Error(`Cannot add the table function "${name}" to DuckDB`);
    } finally {
      library.duckdb_destroy_table_function(handle.memory);
    }
  }

  /** Ends DuckDB. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#library.duckdb_disconnect(this.#connection.memory);
    this.#library.duckdb_close(this.#database.memory);
    for (const callback of this.#callbacks) callback.close();
  }

  /** A function for C that throws nothing: an exception must not pass through frames of C++. */
  #callback(
    action: (info: Deno.PointerValue) => void,
    setError: (info: Deno.PointerValue, message: Uint8Array<ArrayBuffer>) => void,
  ): InfoCallback {
    const callback = new Deno.UnsafeCallback(ABOUT_INFO, (info) => {
      try {
        action(info);
      } catch (cause) {
        this.#failure = { cause };
        setError(info, cString("no columns"));
      }
    });
    this.#callbacks.push(callback);
    return callback;
  }
}

function openDatabase(library: DuckdbLibrary, settings: Readonly<Record<string, string>>): Handle {
  const config = new Handle();
  if (library.duckdb_create_config(config.memory) !== SUCCESS) {
    throw new Error("Cannot configure DuckDB");
  }
  try {
    for (const [name, value] of Object.entries(settings)) {
      const state = library.duckdb_set_config(config.pointer, cString(name), cString(value));
      if (state !== SUCCESS) throw new Error(`Cannot set "${name}" of DuckDB to "${value}"`);
    }
    const database = new Handle();
    const message = new Handle();
    const state = library.duckdb_open_ext(
      cString(":memory:"),
      database.memory,
      config.pointer,
      message.memory,
    );
    if (state !== SUCCESS) {
      const text = textAt(message.pointer);
      library.duckdb_free(message.pointer);
      throw new Error(text);
    }
    return database;
  } finally {
    library.duckdb_destroy_config(config.memory);
  }
}

/** A C string that DuckDB owns. */
function textAt(pointer: Deno.PointerValue): string {
  return pointer === null ? "no reason given" : new Deno.UnsafePointerView(pointer).getCString();
}
