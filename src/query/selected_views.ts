/**
 * The views over files, with what is selected of them.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import type { WrittenFilter } from "../filter/written_filter.ts";
import type { CheckedFile } from "./checked_file.ts";
import { checkCondition, conditionSql } from "./condition.ts";
import { answerError } from "./damaged_files.ts";
import { factStatements } from "./fact_tables.ts";
import { selectedDirection } from "./selected_facts.ts";
import type { Selection } from "./selection.ts";
import type { QuerySession } from "./session.ts";
import { callsMacro, createMacros } from "./sql_macros.ts";
import type { TimeWindow } from "./time_window.ts";
import { packetsView, viewStatements } from "./views.ts";

/** More names than these do not fit a message. */
const MAX_NAMED = 8;

/** Creates the views. */
export async function createViews(
  session: QuerySession,
  files: {
    readonly all: readonly CheckedFile[];
    readonly read: readonly CheckedFile[];
    readonly selected: readonly CheckedFile[];
  },
  selection: Selection,
  window: TimeWindow,
): Promise<void> {
  // A view is over one file at least; in a time in which none recorded, it has no packet of that.
  const read = files.read.length === 0 ? files.all.slice(0, 1) : files.read;
  const views = read.map(({ open, sampleRate }) => ({ openPath: open.path, sampleRate }));
  const facts = files.selected.map((file) => ({ ...file, path: file.open.input.path }));
  const { interfaces, where } = selection;
  const rows = { window, interfaces, direction: selectedDirection(selection) };
  try {
    for (const statement of [...viewStatements(views, rows), ...factStatements(facts)]) {
      await session.rows(statement);
    }
    if (where !== null) {
      if (callsMacro(where)) await createMacros(session);
      await checkCondition(session, where);
    }
    const { conditions } = await selectedConditions(selection);
    if (conditions.length > 0) await session.rows(packetsView(views, rows, conditions));
  } catch (cause) {
    throw await answerError(session, cause, files.all.map(({ open }) => open));
  }
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
    await session.rows(packetsView(views, everything, []));
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
