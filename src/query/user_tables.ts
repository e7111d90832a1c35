/**
 * Tables of the user's own beside the recordings: `--table name=inventory.csv`.
 *
 * @module
 */
import { closeSync, constants, openSync } from "node:fs";
import { resolve } from "node:path";
import { RunError } from "../core/errors.ts";
import { attempt, checkRegularFile } from "./file_check.ts";
import { descriptorPath } from "./open_recording.ts";
import type { QuerySession } from "./session.ts";
import { sqlError } from "./sql_error.ts";
import { quoteName, quoteText } from "./sql_text.ts";

/** What was written: a name for a file. */
export interface TableRequest {
  readonly name: string;
  readonly path: string;
}

/** DuckDB's function for the files of an ending. */
const READERS: Readonly<Record<string, string>> = {
  ".csv": "read_csv",
  ".tsv": "read_csv",
  ".parquet": "read_parquet",
  ".json": "read_json",
  ".ndjson": "read_json",
  ".jsonl": "read_json",
};

/** Endings of files that can be tables. */
const TABLE_ENDINGS: readonly string[] = Object.keys(READERS);

/** The ending of a name that {@linkcode TABLE_ENDINGS} has; undefined if it has another. */
function tableEnding(path: string): string | undefined {
  return TABLE_ENDINGS.find((ending) => path.toLowerCase().endsWith(ending));
}

/** A file that is held open, so that it stays the same for all that is asked. */
export class UserTable implements Disposable {
  readonly #request: TableRequest;
  readonly #descriptor: number;
  /** What DuckDB opens. */
  readonly openPath: string;

  private constructor(request: TableRequest, descriptor: number) {
    this.#request = request;
    this.#descriptor = descriptor;
    this.openPath = descriptorPath(descriptor);
  }

  /** @throws {RunError} naming the file and what is wrong with it */
  static open(request: TableRequest): UserTable {
    const input = { path: resolve(request.path), label: request.path, named: true };
    checkRegularFile(input, "Write the table into it, or leave it out");
    const descriptor = attempt(
      input,
      () => openSync(input.path, constants.O_RDONLY | constants.O_NONBLOCK),
    );
    return new UserTable(request, descriptor);
  }

  /** The file's name as the user wrote it. */
  get label(): string {
    return this.#request.path;
  }

  /**
   * Makes the table.
   *
   * @throws {RunError} the file is none that DuckDB can read
   */
  async create(session: QuerySession): Promise<void> {
    const { name, path } = this.#request;
    const reader = READERS[tableEnding(path)!]!;
    // Text is read once: what it means is found out by looking at all of it.
    const kind = reader === "read_parquet" ? "VIEW" : "TABLE";
    const sql = `CREATE TEMP ${kind} ${quoteName(name)} AS
      SELECT * FROM ${reader}(${quoteText(this.openPath)})`;
    try {
      await session.rows(sql);
    } catch (cause) {
      const error = sqlError(cause, new Map([[this.openPath, path]]));
      const reason = error.message.replace(/^Cannot run the query: /, "");
      throw new RunError(`Cannot read "${path}" as table "${name}": ${reason}`, {
        cause,
        hint: `Check that it is what its name says: ${tableEnding(path)}`,
      });
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }
}
