/**
 * Where statements of SQL end: for a prompt, which asks for more lines until then, and for texts with
 * several statements. What a statement means is for DuckDB to say.
 *
 * @module
 */

/** Statements that end with a semicolon, and what stands behind the last of them. */
export interface Statements {
  /** Without semicolons; those with nothing but comments are left out. */
  readonly complete: readonly string[];
  /** Empty if there is nothing, or only comments. */
  readonly rest: string;
  /** Whether the rest ends in the middle of a text, a name or a comment. */
  readonly isOpen: boolean;
}

/**
 * What a semicolon means nothing in: texts, also with escapes and between dollars, names and comments, of
 * which those with stars can be nested (PostgreSQL 17, 4.1; DuckDB's scanner is of that origin). The
 * second group is there if it has no end.
 */
const OPAQUE = {
  "e'": /[eE]'(?:[^'\\]|\\[\s\S]|'')*('|$)/y,
  "'": /'(?:[^']|'')*('|$)/y,
  '"': /"(?:[^"]|"")*("|$)/y,
  "--": /--[^\n]*(\n|$)/y,
  $: /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y,
} as const;

/** Takes a text apart. */
export function splitStatements(text: string): Statements {
  const complete: string[] = [];
  let start = 0;
  /** Whether the statement has anything but spaces and comments. */
  let hasWords = false;
  let isOpen = false;
  let position = 0;
  while (position < text.length) {
    const next = skip(text, position);
    if (next !== null) {
      isOpen = !next.isClosed;
      hasWords ||= !next.isComment;
      position = next.end;
      continue;
    }
    isOpen = false;
    const letter = text[position]!;
    if (letter === ";") {
      if (hasWords) complete.push(text.slice(start, position).trim());
      start = position + 1;
      hasWords = false;
    } else if (/\S/.test(letter)) hasWords = true;
    position = wordEnd(text, position);
  }
  const rest = hasWords || isOpen ? text.slice(start).trim() : "";
  return { complete, rest, isOpen };
}

/** A word is taken as a whole: what follows it begins no text with escapes. */
function wordEnd(text: string, position: number): number {
  const word = /[\w\u0080-\uffff]+/y;
  word.lastIndex = position;
  const isWord = word.test(text) && !/[eE]'/y.test(text.slice(position, position + 2));
  return isWord ? word.lastIndex : position + 1;
}

/** A text with a space for each of its comments. */
export function withoutComments(text: string): string {
  let result = "";
  let position = 0;
  while (position < text.length) {
    const next = skip(text, position);
    const end = next?.end ?? wordEnd(text, position);
    result += next?.isComment === true ? " " : text.slice(position, end);
    position = end;
  }
  return result;
}

interface Skipped {
  readonly end: number;
  readonly isClosed: boolean;
  readonly isComment: boolean;
}

function skip(text: string, position: number): Skipped | null {
  if (text.startsWith("/*", position)) return skipComment(text, position);
  for (const [name, pattern] of Object.entries(OPAQUE)) {
    pattern.lastIndex = position;
    const found = pattern.exec(text);
    if (found === null) continue;
    if (name !== "$") {
      // A comment that ends with the text is complete.
      const isComment = name === "--";
      return { end: pattern.lastIndex, isClosed: isComment || found[1] !== "", isComment };
    }
    const end = text.indexOf(found[0], pattern.lastIndex);
    return end < 0
      ? { end: text.length, isClosed: false, isComment: false }
      : { end: end + found[0].length, isClosed: true, isComment: false };
  }
  return null;
}

function skipComment(text: string, start: number): Skipped {
  let depth = 0;
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return { end: mark.lastIndex, isClosed: true, isComment: true };
  }
  return { end: text.length, isClosed: false, isComment: true };
}
