/**
 * The views over files, with what is selected of them.
 *
 * @module
 */
import type { ColumnName } from "../contract/columns.ts";
import { RunError } from "../core/errors.ts";
import type { WrittenFilter } from "../filter/written_filter.ts";
import type { FooterOutline } from "../parquet/footer_outline.ts";
import type { CheckedFile } from "./checked_file.ts";
import { answerError } from "./damaged_files.ts";
import { factTables } from "./fact_tables.ts";
import { selectedDirection } from "./selected_facts.ts";
import type { Selection } from "./selection.ts";
import type { QuerySession } from "./session.ts";
import type { TimeWindow } from "./time_window.ts";
import { conditionSql } from "./sql_text.ts";
import {
  longTextsSql,
  packetsView,
  type ViewFile,
  type ViewRows,
  viewStatements,
} from "./views.ts";
import { MAX_TEXT_BYTES } from "./vocabulary.ts";

/** More names than these do not fit a message. */
const MAX_NAMED = 8;

/** Files, by what is to be done with them. */
export interface ViewedFiles {
  readonly all: readonly CheckedFile[];
  /** Those that have rows in the selected time. */
  readonly read: readonly CheckedFile[];
  /** Those that are told about, as far as they are selected. */
  readonly selected: readonly CheckedFile[];
}

/** The function of `sql_macros.ts` that a report calls. */
const CALLED_FUNCTION = /\bsubnet\(/;

/** The views of a session. What takes time is made when the first query names it. */
export class SelectedViews {
  readonly #session: QuerySession;
  readonly #views: readonly ViewFile[];
  readonly #rows: ViewRows;
  readonly #conditions: readonly string[];
  /** Tables that have not been made. */
  readonly #tables: ReturnType<typeof factTables>;
  /** Columns that have not been looked at. */
  readonly #unknown: Set<ColumnName>;
  readonly #short = new Set<ColumnName>();

  private constructor(
    session: QuerySession,
    files: ViewedFiles,
    rows: ViewRows,
    conditions: readonly string[],
  ) {
    this.#session = session;
    this.#rows = rows;
    this.#conditions = conditions;
    this.#views = viewedRows(files).map(({ open, sampleRate }) => {
      return { openPath: open.path, sampleRate };
    });
    this.#tables = factTables(
      files.selected.map((file) => ({ ...file, path: file.open.input.path })),
    );
    // Where there is no dictionary, a look takes as long as a query.
    this.#unknown = new Set(
      [...MAX_TEXT_BYTES.keys()].filter((column) => {
        return viewedRows(files).every(({ open }) => hasDictionary(open.outline, column));
      }),
    );
  }

  /** Creates the view `packets`, and the sums. */
  static async create(
    session: QuerySession,
    files: ViewedFiles,
    selection: Selection,
    window: TimeWindow,
  ): Promise<SelectedViews> {
    const { interfaces, where } = selection;
    const rows = { window, interfaces, direction: selectedDirection(selection) };
    const { conditions } = await selectedConditions(selection);
    const views = new SelectedViews(session, files, rows, conditions);
    try {
      await session.execute(viewStatements(views.#views, rows));
      if (where !== null) await checkWhere(session, where);
      if (conditions.length > 0) await views.#createPackets();
    } catch (cause) {
      throw await answerError(session, cause, files.all.map(({ open }) => open));
    }
    return views;
  }

  /** Makes what a query names that has not been made. */
  async provide(sql: string): Promise<void> {
    await this.#provideTables((name) => sql.includes(name));
    if (CALLED_FUNCTION.test(sql)) {
      await (await import("./sql_macros.ts")).createMacros(this.#session);
    }
    const columns = [...this.#unknown].filter((name) => sql.includes(name));
    if (columns.length === 0) return;
    for (const column of columns) this.#unknown.delete(column);
    const [found] = await this.#session.rows(longTextsSql(this.#views, this.#rows, columns));
    const short = columns.filter((_, index) => found?.[index] === false);
    if (short.length === 0) return;
    for (const column of short) this.#short.add(column);
    await this.#createPackets();
  }

  /** Makes all tables, for statements that nobody knows yet. */
  async provideTables(): Promise<void> {
    await this.#provideTables(() => true);
  }

  /** From now on the view `packets` is another's. */
  leavePackets(): void {
    this.#unknown.clear();
  }

  async #provideTables(isNamed: (name: string) => boolean): Promise<void> {
    const statements: string[] = [];
    for (const [name, make] of this.#tables) {
      if (!isNamed(name)) continue;
      this.#tables.delete(name);
      statements.push(...await make());
    }
    if (statements.length > 0) await this.#session.execute(statements);
  }

  async #createPackets(): Promise<void> {
    const extras = { conditions: this.#conditions, short: this.#short };
    await this.#session.execute([packetsView(this.#views, this.#rows, extras)]);
  }
}

/** A view is over one file at least; in a time in which none recorded, it has no packet of that. */
function viewedRows({ all, read }: ViewedFiles): readonly CheckedFile[] {
  return read.length === 0 ? all.slice(0, 1) : read;
}

function hasDictionary({ columns, dictionaries }: FooterOutline, name: ColumnName): boolean {
  const leaf = columns.find((column) => column.name === name)?.leaf ?? null;
  return leaf !== null && dictionaries[leaf] === true;
}

/** What checks a condition is loaded where somebody has one. */
async function checkWhere(session: QuerySession, where: string): Promise<void> {
  const { callsMacro, createMacros } = await import("./sql_macros.ts");
  if (callsMacro(where)) await createMacros(session);
  const { checkCondition } = await import("./condition.ts");
  await checkCondition(session, where);
}

/** SQL over the columns of the view, and the text of the filter that it comes from, if from one. */
export async function selectedConditions(
  { where, filter }: Selection,
): Promise<{ conditions: string[]; filter: string | null }> {
  const loaded = filter === null ? null : await filterOf(filter);
  const conditions = [where, loaded && loaded.sql].filter((text) => text !== null)
    .map(conditionSql);
  return { conditions, filter: loaded && loaded.text };
}

/** The language is loaded where somebody uses it. */
async function filterOf(written: WrittenFilter): Promise<{ text: string; sql: string }> {
  const { loadFilter } = await import("../filter/written_filter.ts");
  const { filterSql } = await import("../filter/sql.ts");
  const { text, condition } = await loadFilter(written);
  return { text, sql: filterSql(condition) };
}

/**
 * Makes sure that each selected interface is one of the recorded ones.
 *
 * @throws {RunError} naming those that are
 */
export async function checkInterfaces(
  session: QuerySession,
  files: readonly CheckedFile[],
  { interfaces }: Selection,
): Promise<void> {
  const known = new Set(
    files.flatMap(({ attachments }) => attachments.flatMap((one) => one.interface ?? [])),
  );
  const isKnown = () => interfaces.every((name) => known.has(name));
  if (isKnown()) return;
  const silent = files.filter(({ attachments }) => attachments.length === 0);
  if (silent.length > 0) {
    for (const name of await interfacesInRows(session, silent)) known.add(name);
    if (isKnown()) return;
  }
  throw unknownInterface(interfaces.find((name) => !known.has(name))!, [...known]);
}

/** Names in the rows of files that do not say what they recorded. */
async function interfacesInRows(
  session: QuerySession,
  files: readonly CheckedFile[],
): Promise<string[]> {
  const views = files.map(({ open, sampleRate }) => ({ openPath: open.path, sampleRate }));
  const everything = { window: { from: null, to: null }, interfaces: [], direction: null };
  try {
    await session.rows(packetsView(views, everything));
    const rows = await session.rows(
      "SELECT DISTINCT interface FROM packets WHERE interface IS NOT NULL ORDER BY 1",
    );
    return rows.map(([name]) => String(name));
  } catch (cause) {
    throw await answerError(session, cause, files.map(({ open }) => open));
  }
}

function unknownInterface(name: string, known: readonly string[]): RunError {
  const names = known.slice(0, MAX_NAMED).map((one) => `"${one}"`).join(", ");
  const more = known.length > MAX_NAMED ? ` and ${known.length - MAX_NAMED} more` : "";
  return new RunError(`Cannot select interface "${name}": it was not recorded`, {
    hint: known.length === 0 ? "The files do not name any interface" : `Recorded: ${names}${more}`,
  });
}
