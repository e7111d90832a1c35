/**
 * Recordings, and the user's own files, opened for SQL.
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import type { ProgressWatcher } from "../../core/progress.ts";
import type { Damaged } from "../../query/damaged_files.ts";
import { eventStatements, recordingsStatements } from "../../query/recordings_table.ts";
import { Recordings } from "../../query/recordings.ts";
import { type ResultRows, runStatement } from "../../query/result_rows.ts";
import type { Selection } from "../../query/selection.ts";
import { createMacros } from "../../query/sql_macros.ts";
import { splitStatements } from "../../query/statements.ts";
import { type TableRequest, UserTable } from "../../query/user_tables.ts";
import { reportViews } from "../../reports/sql_views.ts";

/** What a session is about. */
export interface SqlRequest {
  readonly files: readonly string[];
  readonly selection: Selection;
  readonly tables: readonly TableRequest[];
  /** Whether statements may do whatever DuckDB can. */
  readonly isUnrestricted: boolean;
}

export class SqlSession implements Disposable {
  readonly recordings: Recordings;
  readonly #isUnrestricted: boolean;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #resources: DisposableStack;

  private constructor(
    recordings: Recordings,
    tables: readonly UserTable[],
    isUnrestricted: boolean,
    resources: DisposableStack,
  ) {
    this.recordings = recordings;
    this.#isUnrestricted = isUnrestricted;
    this.#labels = new Map([
      ...recordings.files.map(({ open }) => [open.path, open.input.label] as const),
      ...tables.map(({ openPath, label }) => [openPath, label] as const),
    ]);
    this.#resources = resources;
  }

  /**
   * Opens the files and makes the views.
   *
   * @param watcher shows how far inputs are that recordings are made of
   * @param damaged files that are left out, if they were found
   * @throws {RunError} naming the file and what is wrong with it
   */
  static async open(
    { files, selection, tables, isUnrestricted }: SqlRequest,
    stop: AbortSignal,
    watcher?: ProgressWatcher,
    damaged: Damaged = new Map(),
  ): Promise<SqlSession> {
    using resources = new DisposableStack();
    const own = tables.map((table) => resources.use(UserTable.open(table)));
    const recordings = resources.use(
      await Recordings.open(files, {
        selection,
        stop,
        watcher,
        damaged,
        alsoOpen: own.map(({ openPath }) => openPath),
        isUnrestricted,
        // As DuckDB has it by itself.
        keepsOrder: true,
      }),
    );
    const { session } = recordings;
    await recordings.provideTables();
    await createMacros(session);
    await session.execute([
      ...recordingsStatements(recordings.files),
      ...eventStatements(recordings.files),
      ...reportViews().map(({ statement }) => statement),
    ]);
    for (const table of own) await table.create(session);
    return new SqlSession(recordings, own, isUnrestricted, resources.move());
  }

  /**
   * Runs one statement.
   *
   * @param limit rows at most; 0 = all
   * @throws {RunError} it is wrong, or may not be run
   */
  ask(sql: string, limit: number): Promise<ResultRows> {
    const isUnrestricted = this.#isUnrestricted;
    return runStatement(this.recordings.session, sql, {
      isUnrestricted,
      limit,
      labels: this.#labels,
      // What may have changed something is not asked again.
      files: isUnrestricted ? [] : this.recordings.files.map(({ open }) => open),
    });
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}

/**
 * The statements of a text. The last one needs no semicolon.
 *
 * @throws {RunError} there is none
 */
export function statementsOf(text: string): readonly string[] {
  const { complete, rest } = splitStatements(text);
  const all = rest === "" ? complete : [...complete, rest];
  if (all.length > 0) return all;
  throw new RunError("Cannot run the query: it is empty", {
    hint: 'Write one, as in "SELECT count(*) FROM packets"',
  });
}
