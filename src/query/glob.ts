/**
 * File name patterns for `stats --file`: `*` and `?` within one path component, `[a-z]` and `[!a-z]`
 * sets, `**` for any number of directories. A component that begins with a dot matches only a
 * pattern that does too, as in a shell.
 *
 * `globSync` of `node:fs` understands more: braces, `+(a)`, `@(a)` and `!(a)`, backslashes. Names
 * with these characters would no longer match themselves beside a `*`.
 *
 * @module
 */
import { join, parse } from "node:path";
import { isThere } from "../core/is_there.ts";

const GLOB_CHARACTERS = /[*?[]/;

/** Whether the text holds a character that a pattern gives a meaning. */
export function hasGlob(text: string): boolean {
  return GLOB_CHARACTERS.test(text);
}

/**
 * Paths that match an absolute pattern, in code unit order. Directories that cannot be read are
 * passed over, as a shell does.
 */
export function expandGlob(pattern: string): string[] {
  const { root } = parse(pattern);
  const components = pattern.slice(root.length).split("/").filter((part) => part !== "");
  let paths = [root];
  components.forEach((component, index) => {
    const isLast = index === components.length - 1;
    paths = paths.flatMap((path) => expandComponent(path, component, isLast));
  });
  // "a/**/**" reaches the same file by more than one way.
  return [...new Set(paths)].sort();
}

/** Matches one path component against a pattern component. */
export function matchesComponent(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  return componentExpression(pattern).test(name);
}

function expandComponent(directory: string, component: string, isLast: boolean): string[] {
  if (component === "**") {
    const below = directories(directory).flatMap((path) => expandComponent(path, "**", isLast));
    return isLast
      ? [...entries(directory).map(({ path }) => path), ...below]
      : [directory, ...below];
  }
  if (!hasGlob(component)) {
    const path = join(directory, component);
    return isThere(path) ? [path] : [];
  }
  return entries(directory)
    .filter(({ name }) => matchesComponent(name, component))
    .map(({ path }) => path);
}

function entries(directory: string): { name: string; path: string; isDirectory: boolean }[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name, isDirectory }) => {
      return { name, path: join(directory, name), isDirectory };
    });
  } catch {
    return [];
  }
}

/** Real directories only: a symbolic link could lead `**` in a circle. */
function directories(directory: string): string[] {
  return entries(directory)
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."))
    .map(({ path }) => path);
}

/** Translates one component to a regular expression. An unclosed `[` stands for itself. */
function componentExpression(pattern: string): RegExp {
  let source = "";
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index]!;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      const set = readSet(pattern, index);
      source += set?.source ?? "\\[";
      index = set?.end ?? index;
    } else source += character.replace(/[\\^$.*+?()[\]{}|\/]/, "\\$&");
  }
  return new RegExp(`^${source}$`, "su");
}

/** A set that starts at `[`; its first member may be `]`. Null when it is never closed. */
function readSet(pattern: string, start: number): { source: string; end: number } | null {
  const negated = pattern[start + 1] === "!" || pattern[start + 1] === "^";
  const first = start + (negated ? 2 : 1);
  const end = pattern.indexOf("]", first + 1);
  if (end === -1) return null;
  const members = pattern.slice(first, end).replace(/[\\\]^[]/g, "\\$&");
  const source = `[${negated ? "^" : ""}${members}]`;
  try {
    new RegExp(source, "u");
  } catch {
    return null; // a range that runs backwards, such as [z-a]
  }
  return { source, end };
}
