/**
 * What the prompt knows beside SQL: commands that begin with a dot, and how words go on.
 *
 * @module
 */
import { COLUMNS } from "../../contract/columns.ts";
import { FUNCTIONS } from "../../query/macro_list.ts";
import { EVENT_COLUMNS, RECORDINGS_COLUMNS } from "../../query/recordings_table.ts";
import type { QuerySession } from "../../query/session.ts";
import { REPORTS } from "../../reports/all.ts";
import { reportViews } from "../../reports/sql_views.ts";

/** Commands of the prompt, and what they do. */
export const DOT_COMMANDS: readonly (readonly [usage: string, help: string])[] = [
  [".schema", "columns of the views, and functions"],
  [".views", "names of the views"],
  [".explain REPORT", "the query of a report of stats"],
  [".help", "this list"],
  [".quit", "leaves; so does Ctrl-D"],
];

/** More words than these are no help. */
const MAX_WORDS = 200;

/** The part of a line that Tab completes. */
const WORD = /[\w.]*$/;

/**
 * How a line can go on.
 *
 * @param before lines of the same statement
 * @param session null = DuckDB is busy
 * @returns the words, and the part of the line that they replace
 */
export async function completeLine(
  line: string,
  before: string,
  session: QuerySession | null,
): Promise<[words: string[], replaced: string]> {
  const report = /^\s*\.explain\s+(\w*)$/.exec(line);
  if (before === "" && report !== null) {
    return [starting(REPORTS.map(({ name }) => name), report[1]!), report[1]!];
  }
  const dot = /^\s*(\.\w*)$/.exec(line);
  if (before === "" && dot !== null) {
    return [starting(DOT_COMMANDS.map(([usage]) => usage.split(" ")[0]!), dot[1]!), dot[1]!];
  }
  const word = WORD.exec(line)![0];
  const part = word.slice(word.lastIndexOf(".") + 1);
  if (part === "" && word === "") return [[], ""];
  const own = starting(ownWords(), part);
  const all = [
    ...own,
    ...session === null ? [] : starting(await ofDuckdb(session, before + line), part),
  ];
  // Ours say that they are functions.
  const isCalled = (word: string) => all.includes(`${word}(`);
  const words = new Set(all.filter((word) => !isCalled(word)));
  return [[...words].slice(0, MAX_WORDS), part];
}

function ownWords(): string[] {
  const views = reportViews();
  return [
    ...["packets", "recordings", "interface_events", ...views.map(({ name }) => name)],
    ...COLUMNS.map(({ name }) => name),
    ...RECORDINGS_COLUMNS.map(({ name }) => name),
    ...EVENT_COLUMNS.map(({ name }) => name),
    ...views.flatMap(({ columns }) => columns.map(({ name }) => name)),
    ...FUNCTIONS.map(({ name }) => `${name}(`),
  ];
}

/** DuckDB's own completion; its words may have a space at their end. */
async function ofDuckdb(session: QuerySession, text: string): Promise<string[]> {
  try {
    const rows = await session.rows("SELECT suggestion FROM sql_auto_complete($text)", { text });
    return rows.map(([word]) => String(word).trim()).filter((word) => /^[A-Za-z]/.test(word));
  } catch {
    return [];
  }
}

function starting(words: readonly string[], part: string): string[] {
  const wanted = part.toLowerCase();
  return words.filter((word) => word.toLowerCase().startsWith(wanted));
}
