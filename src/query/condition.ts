/**
 * A condition in SQL that a user wrote. DuckDB takes it apart, so that what is checked is what is
 * asked: one expression about the columns of one packet, and nothing around it.
 *
 * @module
 */
import { COLUMNS } from "../contract/columns.ts";
import { InspectorError, RunError } from "../core/errors.ts";
import { suggestion } from "../core/near_names.ts";
import { isWord } from "../filter/words.ts";
import { PROGRAM_NAME } from "../core/version.ts";
import type { QuerySession } from "./session.ts";
import { conditionSql } from "./sql_text.ts";

/** Columns of the view `packets`. */
const NAMES: readonly string[] = [...COLUMNS.map(({ name }) => name), "sample_rate"];

/** Kinds of expressions that are about one row; those that are not listed are refused. */
const ALLOWED = new Set([
  "BETWEEN",
  "CASE",
  "CAST",
  "COLLATE",
  "COLUMN_REF",
  "COMPARISON",
  "CONJUNCTION",
  "CONSTANT",
  "FUNCTION",
  "OPERATOR",
]);
const REFUSED: Readonly<Record<string, string>> = {
  SUBQUERY: "it has a query of its own",
  WINDOW: "it has a window function",
  PARAMETER: "it has a parameter",
  STAR: "it has a star",
};

const TEXT_HINT = "Text is written in single quotes, as in 'TCP'";

/** What the condition is put behind, and between, when it is looked at. */
const BARE = "SELECT 1 FROM packets WHERE ";
const CLOSED = "SELECT 1 FROM packets WHERE (\n";

/** A node of DuckDB's tree. */
interface Node {
  readonly [name: string]: unknown;
}

/**
 * Makes sure that a text is one condition about the columns of the view `packets`, which must be there.
 *
 * @throws {RunError} naming what is wrong, and where
 */
export async function checkCondition(session: QuerySession, text: string): Promise<void> {
  if (hasComment(text)) {
    throw refusal(text, "it has a comment", {
      hint: "Leave out what follows -- and between /* */",
    });
  }
  const bare = await parse(session, text, BARE, "");
  const closed = await parse(session, text, CLOSED, "\n)");
  // What is different inside of parentheses ends them, or goes on behind the condition.
  if (bare === null || closed === null || withoutPlaces(bare) !== withoutPlaces(closed)) {
    throw refusal(text, "it is more than one condition", { hint: "Join conditions with AND" });
  }
  const nodes = [...nodesOf(closed)];
  for (const { class: kind } of nodes) {
    if (typeof kind !== "string" || ALLOWED.has(kind)) continue;
    const reason = REFUSED[kind] ?? `it has a ${kind.toLowerCase().replaceAll("_", " ")}`;
    throw refusal(text, reason, { hint: "A condition is about the columns of one packet" });
  }
  await refuseVolatile(session, text, nodes);
  try {
    await session.rows(`EXPLAIN SELECT 1 FROM packets WHERE ${conditionSql(text)}`);
  } catch (cause) {
    // The answer was called off.
    if (cause instanceof InspectorError) throw cause;
    throw unknownColumn(text, nodes) ?? conditionError(text, cause);
  }
  const type = (await session.rows(`DESCRIBE SELECT ${conditionSql(text)} FROM packets`))[0]?.[1];
  if (type !== "BOOLEAN") {
    throw refusal(text, `it is ${type} and not true or false`, {
      hint: 'Compare it with something, as in "destination_port = 443"',
    });
  }
}

/** DuckDB's own words about a condition, which it says while it checks or while it answers. */
export function conditionError(text: string, cause: unknown): RunError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [detail = ""] = message.split("\n");
  return refusal(text, detail.replace(/[.!]$/, ""), { cause, at: placeInText(message, text) });
}

/** The expression, null if there is more around it. */
async function parse(
  session: QuerySession,
  text: string,
  before: string,
  after: string,
): Promise<Node | null> {
  const sql = before + text + after;
  const [row] = await session.rows("SELECT json_serialize_sql($sql::VARCHAR)", { sql });
  const parsed = JSON.parse(String(row?.[0])) as Node;
  if (parsed.error === true) {
    // A statement behind it that is no question.
    if (parsed.error_type !== "parser") return null;
    // Counted in characters, unlike the places in the tree.
    const place = Number(parsed.position) - before.length;
    const at = place >= 0 && place <= text.length ? place : null;
    throw refusal(text, String(parsed.error_message), { at });
  }
  const [statement, ...others] = parsed.statements as { readonly node: Node }[];
  if (statement === undefined || others.length > 0) return null;
  const { where_clause: condition, ...rest } = statement.node;
  const isBare = rest.type === "SELECT_NODE" && (rest.modifiers as unknown[]).length === 0 &&
    (rest.group_expressions as unknown[]).length === 0 && rest.having === null &&
    rest.qualify === null && rest.sample === null;
  return isBare ? condition as Node : null;
}

function withoutPlaces(node: Node): string {
  return JSON.stringify(node, (name, value) => name === "query_location" ? undefined : value);
}

function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Node;
  for (const inner of Object.values(value)) yield* nodesOf(inner);
}

/** What gives another answer for each row, waits, or leaves traces. */
async function refuseVolatile(
  session: QuerySession,
  text: string,
  nodes: readonly Node[],
): Promise<void> {
  const names = nodes.flatMap(({ class: kind, function_name: name, is_operator }) => {
    return kind === "FUNCTION" && is_operator !== true ? [String(name).toLowerCase()] : [];
  });
  if (names.length === 0) return;
  const found = await session.rows(
    `WITH volatile AS (FROM duckdb_functions() WHERE stability = 'VOLATILE')
    SELECT function_name FROM duckdb_functions() AS called
      WHERE list_contains($names, function_name) AND (stability = 'VOLATILE' OR EXISTS (
        FROM volatile WHERE contains(called.macro_definition, volatile.function_name || '(')))`,
    { names },
  );
  if (found.length === 0) return;
  throw refusal(text, `the function "${found[0]![0]}" is not about the packet`, {
    hint: "A condition is about the columns of one packet",
  });
}

function unknownColumn(text: string, nodes: readonly Node[]): RunError | null {
  for (const { class: kind, column_names, query_location } of nodes) {
    if (kind !== "COLUMN_REF") continue;
    const name = (column_names as string[]).at(-1)!;
    if (NAMES.some((known) => known === name.toLowerCase())) continue;
    const near = suggestion(name, NAMES);
    const isQuoted = text.includes(`"${name}"`);
    return refusal(text, `there is no column "${name}"`, {
      at: characters(text, Number(query_location) - CLOSED.length),
      hint: isQuoted || near === undefined ? TEXT_HINT : near,
    });
  }
  return null;
}

/** Characters before a place that is told in bytes; null if it is none of the text. */
function characters(text: string, bytes: number): number | null {
  const all = new TextEncoder().encode(text);
  if (!(bytes >= 0 && bytes <= all.length)) return null;
  return new TextDecoder().decode(all.subarray(0, bytes)).length;
}

/** Whether a comment begins anywhere but in quotes. */
function hasComment(text: string): boolean {
  return /--|\/\*/.test(withoutQuotes(text));
}

/** The place that DuckDB shows with an arrow below a line of its query; null if it shows none. */
function placeInText(message: string, text: string): number | null {
  const lines = message.split("\n");
  const index = lines.findIndex((line) => /^LINE \d+: /.test(line));
  const [head = "", number] = /^LINE (\d+): /.exec(lines[index] ?? "") ?? [];
  const arrow = lines[index + 1]?.indexOf("^") ?? -1;
  if (number === undefined || arrow < head.length) return null;
  const shown = lines[index]!.slice(head.length);
  // Long lines are cut off on both sides.
  const start = shown.startsWith("...") ? 3 : 0;
  const excerpt = shown.slice(start).replace(/\.\.\.$/, "");
  const before = text.split("\n").slice(0, Number(number) - 2).join("\n");
  const lineStart = before === "" ? 0 : before.length + 1;
  const at = text.indexOf(excerpt, lineStart);
  return at < 0 ? null : at + arrow - head.length - start;
}

/** @param at where in the text, counted from 0 */
function refusal(
  text: string,
  reason: string,
  { at = null, ...options }: { at?: number | null; hint?: string; cause?: unknown } = {},
): RunError {
  const place = at === null ? "" : `, at character ${at + 1}`;
  return new RunError(`Cannot use "${text}" for --where: ${reason}${place}`, {
    hint: hintFor(text, reason),
    ...options,
  });
}

/** The next step for what DuckDB refuses. */
function hintFor(text: string, reason: string): string {
  const bare = withoutQuotes(text);
  const [first = ""] = text.trim().split(/[\s[]/, 1);
  if (isWord(first) && !NAMES.includes(first)) {
    return "Write it behind --filter: these are words of tcpdump";
  }
  if (/^unterminated/.test(reason)) return "Close each quote with another one";
  if (bare.split("(").length !== bare.split(")").length) return 'Write a ")" for each "("';
  if (/\d\.\d+\.\d|[\da-f]:[\da-f]*:/i.test(bare)) {
    return "Write addresses in single quotes, as in source_ip = '192.0.2.1'";
  }
  if (/^Conversion Error/.test(reason)) {
    return `Compare a column with a value of its type: "${PROGRAM_NAME} schema" lists them`;
  }
  return `Write comparisons, with AND between them, as in "destination_port = 443 AND ttl < 64"; ` +
    `"${PROGRAM_NAME} schema" lists the columns`;
}

function withoutQuotes(text: string): string {
  return text.replace(/'[^']*'|"[^"]*"/g, "");
}
