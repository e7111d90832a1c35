/**
 * A locked-down DuckDB for questions about a fixed list of files: it can open these files and its
 * own spill files, nothing else, and no statement can change that.
 *
 * @module
 */
import { join } from "node:path";
import {
  DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBResult,
  type DuckDBScalarFunction,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  type StatementType,
  VARCHAR,
} from "@duckdb/node-api";
import { RunError } from "../core/errors.ts";
import { type ScannedRows, scannedRows } from "./scanned_rows.ts";
import { DEFAULTS_SQL, memorySettings, settings } from "./session_settings.ts";
import { spillPlace } from "./spill_directory.ts";
import { quoteText } from "./sql_text.ts";

/** A value of a result: HUGEINT and BIGINT arrive as bigint, so no digit is lost. */
export type Value = string | number | bigint | boolean | null;
export type Row = readonly Value[];

/** Bound parameters by name, without `$`. A list binds as VARCHAR[]. */
export type Parameters = Readonly<Record<string, string | number | bigint | readonly string[]>>;

/** A column of a result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** What DuckDB says of a statement that it has not run. */
export interface StatementFacts {
  readonly type: StatementType;
  readonly parameters: number;
  readonly columns: readonly ResultColumn[];
}

/** DuckDB looks for an interrupt between vectors; a page that is being unpacked can take longer. */
const INTERRUPT_MS = 1000;

/** What is read at once of a file that DuckDB has made. */
const PART_BYTES = 2 ** 20;

/** What a session is for. */
export interface SessionOptions {
  /** Whether statements may do whatever DuckDB can. */
  readonly isUnrestricted?: boolean | undefined;
  /** Whether rows that are not sorted come in the order of the files. */
  readonly keepsOrder?: boolean | undefined;
  /** Whether it takes little memory before it spills, if there is a disk to spill to. */
  readonly isReport?: boolean | undefined;
  /** How many are open at one time: they share what one may take. */
  readonly sessions?: number | undefined;
  /** Directory that queries may write to; the order of rows is then kept. */
  readonly writesTo?: string | undefined;
}

export class QuerySession implements Disposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #spillDirectory: string;
  #stop: AbortSignal | undefined;
  #isWatched = false;
  /** What the query that runs reads; null = nothing is known. */
  #scanned: ScannedRows | null = null;
  #isOpen = true;
  /** Whether DuckDB did not end a query when it was told to. */
  #isStuck = false;

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    spillDirectory: string,
    stop: AbortSignal | undefined,
  ) {
    this.#instance = instance;
    this.#connection = connection;
    this.#spillDirectory = spillDirectory;
    this.#stop = stop;
  }

  /**
   * @param paths absolute paths of the only files that queries may open
   * @param stop ends the query that runs, which then fails with its reason
   */
  static async open(
    paths: readonly string[],
    stop?: AbortSignal,
    { isUnrestricted = false, keepsOrder = false, isReport = false, sessions = 1, writesTo }:
      SessionOptions = {},
  ): Promise<QuerySession> {
    const place = spillPlace();
    // The name cannot be guessed and so not be prepared by others.
    const spillDirectory = place === null
      ? ""
      : join(place.directory, `xdp-inspector-${crypto.randomUUID()}`);
    const instance = await DuckDBInstance.create(":memory:", {
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
      preserve_insertion_order: String(keepsOrder || writesTo !== undefined),
      // Made by DuckDB when memory runs out and removed with the instance. Its default would be
      // ".tmp" in the working directory.
      temp_directory: spillDirectory,
      ...(place !== null && {
        max_temp_directory_size: `${Math.floor(place.bytes / sessions / 1024)}KiB`,
      }),
    });
    const session = new QuerySession(instance, await instance.connect(), spillDirectory, stop);
    try {
      const [row] = await session.rows(DEFAULTS_SQL);
      await session.execute([
        ...memorySettings(row!, {
          spillBytes: isReport ? place?.bytes ?? 0 : null,
          sessions,
          isWriter: writesTo !== undefined,
        }),
        ...settings(isUnrestricted ? null : paths, writesTo ?? null),
      ]);
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
    return session;
  }

  /** Runs statements of which no rows are wanted, at once: each way to DuckDB and back takes time. */
  async execute(statements: readonly string[]): Promise<void> {
    await this.#stoppable(() => this.#connection.run(statements.join(";\n")));
  }

  /** All rows of a result that is known to be small. */
  async rows(sql: string, parameters: Parameters = {}): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const batch of this.stream(sql, parameters)) rows.push(...batch);
    return rows;
  }

  /** The rows of a result as DuckDB produces them, at most a vector (2,048 rows) at a time. */
  async *stream(sql: string, parameters: Parameters = {}): AsyncGenerator<Row[]> {
    for await (const chunk of this.chunks(sql, parameters)) yield chunk.getRows() as Row[];
  }

  /** As {@linkcode stream}, in DuckDB's own form. A chunk is valid until the next one is asked for. */
  async *chunks(sql: string, parameters: Parameters = {}): AsyncGenerator<DuckDBDataChunk> {
    if (this.#isWatched) this.#scanned = await this.#scannedBy(sql, parameters);
    const result = await this.#stoppable(() => this.#start(sql, parameters));
    for (;;) {
      const chunk = await this.#stoppable(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  /** The columns of a query, which is not run. */
  async columns(sql: string): Promise<readonly ResultColumn[]> {
    return (await this.describe(sql)).columns;
  }

  /** What one statement is, which is not run. */
  async describe(sql: string): Promise<StatementFacts> {
    const prepared = await this.#stoppable(() => this.#connection.prepare(sql));
    try {
      const parameters = prepared.parameterCount;
      // The types are not known without their values.
      const columnCount = parameters > 0 ? 0 : prepared.columnCount;
      return {
        type: prepared.statementType,
        parameters,
        columns: Array.from({ length: columnCount }, (_, index) => {
          return { name: prepared.columnName(index), type: prepared.columnType(index) };
        }),
      };
    } finally {
      prepared.destroySync();
    }
  }

  /** What ends the queries from now on. */
  set stop(signal: AbortSignal | undefined) {
    this.#stop = signal;
  }

  get stop(): AbortSignal | undefined {
    return this.#stop;
  }

  /**
   * A query's rows as a Parquet file, part by part. DuckDB writes it beside what it spills: a place that
   * is on a disk, and nobody else's to read.
   *
   * @throws {RunError} there is no such place
   */
  async *parquet(
    sql: string,
    parameters: Parameters = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (this.#spillDirectory === "") {
      throw new RunError("Cannot write Parquet: there is no directory on a disk to make it in", {
        hint: "Point TMPDIR to one",
      });
    }
    Deno.mkdirSync(this.#spillDirectory, { recursive: true, mode: 0o700 });
    const path = join(this.#spillDirectory, `${crypto.randomUUID()}.parquet`);
    try {
      const copy = `COPY (${sql}\n) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`;
      await this.rows(copy, parameters);
      using file = Deno.openSync(path, { read: true });
      for (;;) {
        const part = new Uint8Array(PART_BYTES);
        const count = file.readSync(part);
        if (count === null) return;
        yield part.subarray(0, count);
      }
    } finally {
      removeAll(path);
    }
  }

  /** Adds a function to those of SQL. It is called in this thread. */
  register(scalarFunction: DuckDBScalarFunction): void {
    this.#connection.registerScalarFunction(scalarFunction);
  }

  /** From now on the plans of queries are looked at, for {@linkcode reading}. */
  watch(): void {
    this.#isWatched = true;
  }

  /**
   * How much of what it reads a query has read, 0 to 1, and how many times it reads the files; null if
   * nobody knows. When all is read it may still have to sort and to compute.
   */
  get reading(): { readonly share: number; readonly scans: number } | null {
    if (!this.#isOpen || this.#isStuck || this.#scanned === null) return null;
    const { percentage, rows_processed } = this.#connection.progress;
    if (percentage < 0) return null;
    const { expected, scans } = this.#scanned;
    return { share: Math.min(1, Number(rows_processed) / expected), scans };
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isStuck) {
      this.#connection.closeSync();
      this.#instance.closeSync();
    }
    // DuckDB removes its directory with its last reference, which a query that was called off may hold.
    if (this.#spillDirectory !== "") removeAll(this.#spillDirectory);
  }

  /** Waits for DuckDB; when the answer is called off, no longer than it needs to notice. */
  async #stoppable<T>(start: () => Promise<T>): Promise<T> {
    const stop = this.#stop;
    if (stop === undefined) return await start();
    stop.throwIfAborted();
    const answer = start();
    const stopped = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const interrupt = () => {
      this.#connection.interrupt();
      timer = setTimeout(() => {
        this.#isStuck = true;
        stopped.resolve();
      }, INTERRUPT_MS);
    };
    stop.addEventListener("abort", interrupt);
    try {
      const settled = answer.then(() => {}, () => {});
      await Promise.race([settled, stopped.promise]);
      stop.throwIfAborted();
      return await answer;
    } finally {
      clearTimeout(timer);
      stop.removeEventListener("abort", interrupt);
    }
  }

  /** @returns null for what has no plan */
  async #scannedBy(sql: string, parameters: Parameters): Promise<ScannedRows | null> {
    try {
      const result = await this.#stoppable(() =>
        this.#start(`EXPLAIN (FORMAT json) ${sql}`, parameters)
      );
      return scannedRows(String((await result.getRows())[0]?.[1]));
    } catch {
      this.#stop?.throwIfAborted();
      return null;
    }
  }

  #start(sql: string, parameters: Parameters): Promise<DuckDBResult> {
    const values: Record<string, DuckDBValue> = {};
    const types: Record<string, ReturnType<typeof LIST>> = {};
    for (const [name, value] of Object.entries(parameters)) {
      if (typeof value === "object") {
        values[name] = listValue(value);
        types[name] = LIST(VARCHAR);
      } else values[name] = value;
    }
    return this.#connection.stream(sql, values, types);
  }
}

/** Nothing may be left of a report but its output: what is spilled has addresses in it. */
function removeAll(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is made only when memory runs out, and removed by DuckDB.
  }
}
