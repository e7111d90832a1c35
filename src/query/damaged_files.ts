/**
 * Files whose footer is good, and whose pages are not. That shows only when a question reads them.
 *
 * @module
 */
import { COLUMNS } from "../contract/columns.ts";
import { InspectorError, RunError } from "../core/errors.ts";
import type { OpenRecording } from "./open_recording.ts";
import { damageError, namedPath, queryError } from "./query_errors.ts";
import { QuerySession } from "./session.ts";
import { quoteText } from "./sql_text.ts";
import { checkedColumn } from "./vocabulary.ts";

/** What is wrong with files that are damaged inside, by their absolute path. */
export type Damaged = ReadonlyMap<string, RunError>;

/** A question failed over files that nobody named: it can be asked without them. */
export class DamagedFiles extends RunError {
  readonly found: Damaged;

  constructor(found: Damaged) {
    const [first] = found.values();
    super(first!.message, { cause: first!.cause });
    this.found = found;
  }
}

/** Errors of DuckDB that a damaged page can lead to, and hardly what a user wrote. */
const OF_PAGES = /^(?:Invalid|IO|INTERNAL|FATAL) Error/;

/** DuckDB's error about a question of ours, in our words, naming the file that is damaged. */
export async function answerError(
  session: QuerySession,
  cause: unknown,
  files: readonly OpenRecording[],
): Promise<unknown> {
  const error = queryError(cause, files);
  if (error !== null) return error;
  const isOne = files.length === 1 && files[0]!.input.named;
  return (isOne ? null : await damageIn(session, cause, files)) ?? damageError(cause, files);
}

/** The same of a statement that the user wrote; null = it is about something else. */
export async function statementDamage(
  session: QuerySession,
  cause: unknown,
  files: readonly OpenRecording[],
): Promise<unknown> {
  if (!(cause instanceof Error) || cause instanceof InspectorError) return null;
  const path = namedPath(cause);
  const isOfPages = path === null
    ? OF_PAGES.test(cause.message)
    : /^(?:Invalid|IO|INTERNAL|FATAL) /.test(cause.message) &&
      files.some((file) => file.path === path);
  if (!isOfPages) return null;
  return queryError(cause, files) ?? await damageIn(session, cause, files);
}

/**
 * Finds out which files it is. Only that takes reading all of each.
 *
 * @returns null if all can be read
 */
async function damageIn(
  session: QuerySession,
  cause: unknown,
  files: readonly OpenRecording[],
): Promise<RunError | null> {
  const path = namedPath(cause);
  const culprit = files.find((file) => file.path === path);
  if (culprit?.input.named) return damageError(cause, [culprit]);
  const found = new Map<string, RunError>();
  let named: RunError | null = null;
  for await (const [{ input }, error] of unreadable(files, session.stop)) {
    if (input.named) named ??= error;
    else found.set(input.path, error);
  }
  return found.size === 0 ? named : new DamagedFiles(found);
}

/** Reads every value of each file alone. */
async function* unreadable(
  files: readonly OpenRecording[],
  stop: AbortSignal | undefined,
): AsyncGenerator<readonly [OpenRecording, RunError]> {
  const paths = files.map(({ path }) => path);
  // A database in which a defect of DuckDB showed answers nothing any more: each fault gets another one.
  let session: QuerySession | null = null;
  try {
    for (const file of files) {
      session ??= await QuerySession.open(paths, stop, { isReport: true });
      try {
        await session.rows(everyValue(file.path));
      } catch (cause) {
        const error = queryError(cause, [file]);
        if (error !== null) throw error;
        session[Symbol.dispose]();
        session = null;
        yield [file, damageError(cause, [file])];
      }
    }
  } finally {
    session?.[Symbol.dispose]();
  }
}

/** Nothing of this is known without reading. */
function everyValue(path: string): string {
  const columns = COLUMNS.map(({ name }) => checkedColumn(name)).join(", ");
  return `SELECT bit_xor(hash(COLUMNS(*))) FROM (
    SELECT ${columns} FROM read_parquet(${quoteText(path)}, hive_partitioning = false))`;
}
