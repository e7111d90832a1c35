/**
 * Whether a statement that a user wrote only reads. DuckDB says what it would do: its kind, and the
 * functions in its plan, in whatever view, text or macro they were hidden.
 *
 * @module
 */
import { StatementType } from "@duckdb/node-api";
import { RunError } from "../core/errors.ts";
import type { QuerySession, StatementFacts } from "./session.ts";
import { UNRESTRICTED_HINT } from "./sql_error.ts";
import { withoutComments } from "./statements.ts";

/**
 * Functions over tables that change nothing. Those that are not listed set what holds for the session
 * (`enable_logging`), end it or hide a query (`json_execute_serialized_sql`).
 */
const READING = new RegExp(
  `^(?:${
    [
      "(?:duckdb|pragma|parquet|read|icu)_\\w+",
      "generate_series|glob|json_each|json_tree|pg_timezone_names|range|repeat|repeat_row",
      "seq_scan|sniff_csv|sql_auto_complete|summary|test_all_types|test_vector_types|unnest",
      "which_secret",
    ].join("|")
  })$`,
  "i",
);

/**
 * Statements that DuckDB makes a query of, and does not explain. What it is given it puts into the query as
 * it stands.
 */
const PRAGMA = new RegExp(
  `^\\s*pragma\\s+(?:${
    [
      "collations|database_list|database_size|functions|metadata_info|platform|show|show_tables",
      "show_tables_expanded|storage_info|table_info|user_agent|version",
    ].join("|")
  })\\s*(?:\\(\\s*(['"]?)\\w+\\1\\s*\\))?\\s*$`,
  "i",
);

/** `EXPLAIN`, its options, and the statement, which `ANALYZE` runs. */
const EXPLAIN = /^\s*(explain(?:\s+analyze\b)?(?:\s*\([\w\s,]*\))?)\s*([^]+)$/i;

/** A node of DuckDB's plan. */
interface PlanNode {
  readonly extra_info?: { readonly Function?: string };
  readonly children?: readonly PlanNode[];
}

/**
 * Makes sure that a statement does no more than to read.
 *
 * @param sql one statement
 * @returns what to run: what was looked at, and nothing else
 * @throws {RunError} it does more
 */
export async function readingStatement(
  session: QuerySession,
  sql: string,
  { type }: StatementFacts,
): Promise<string> {
  const text = withoutComments(sql);
  if (type === StatementType.SELECT) {
    if (!PRAGMA.test(text)) await checkFunctions(session, sql, text);
    return sql;
  }
  const [, explain, explained] = type === StatementType.EXPLAIN ? EXPLAIN.exec(text) ?? [] : [];
  if (explain === undefined || explained === undefined) throw refusal(text);
  const facts = await session.describe(explained);
  if (facts.type !== StatementType.SELECT) throw refusal(text);
  await checkFunctions(session, explained, explained);
  // A comment that is one to us and none to DuckDB cannot carry anything in.
  return `${explain} ${explained}`;
}

/** Binding has no effect; what a function does it does when the statement runs. */
async function checkFunctions(session: QuerySession, sql: string, text: string): Promise<void> {
  if (/^\s*pragma\b/i.test(text)) throw refusal(text);
  const rows = await session.rows(`EXPLAIN (FORMAT json) ${sql}`);
  const plan = JSON.parse(String(rows[0]?.at(-1))) as PlanNode[];
  for (const name of plan.flatMap(functionsOf)) {
    if (!READING.test(name)) throw refusal(text, name.toLowerCase());
  }
}

function functionsOf({ extra_info, children = [] }: PlanNode): string[] {
  const own = extra_info?.Function;
  return [...own === undefined ? [] : [own], ...children.flatMap(functionsOf)];
}

/** @param name what does more than to read; the first word unless given */
function refusal(text: string, name?: string): RunError {
  const word = name ?? /^[\s;]*([a-z]+)/i.exec(text)?.[1]?.toUpperCase();
  return new RunError(`Cannot run ${word ?? "the statement"}: statements may only read`, {
    hint: UNRESTRICTED_HINT,
  });
}
