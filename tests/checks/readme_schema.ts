/**
 * Holds the table of columns in README.md, between `<!-- schema -->` and `<!-- schema:end -->`, to
 * the columns that the program writes.
 *
 *     deno run -A tests/checks/readme_schema.ts [--write]
 *
 * With `--write` the table is brought up to date.
 *
 * @module
 */
import { type Column, COLUMNS } from "../../src/contract/columns.ts";
import { type Finding, finish, ROOT } from "./findings.ts";

const README = "README.md";
const START = "<!-- schema -->";
const END = "<!-- schema:end -->";

/** Columns as a Markdown table, in the layout that `deno fmt` gives it. */
export function renderSchemaTable(columns: readonly Column[]): string {
  const cells = [
    ["column", "type", "NULL", "meaning"],
    ...columns.map(({ name, type, presence, description }) => [
      `\`${name}\``,
      `\`${type}\``,
      presence === 0 ? "never" : "can be",
      description,
    ]),
  ].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  );
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)));
  return lines.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/**
 * Puts the table into the text of a README.
 *
 * @returns The text with the current table, and what was wrong with the given one.
 */
export function updateSchemaTable(
  readme: string,
  columns: readonly Column[] = COLUMNS,
): { text: string; findings: Finding[] } {
  const from = readme.indexOf(START);
  const to = readme.indexOf(END, from);
  if (from < 0 || to < 0) {
    const text = `no table between "${START}" and "${END}"`;
    return { text: readme, findings: [{ path: README, text }] };
  }
  const current = `${START}\n\n${renderSchemaTable(columns)}\n`;
  const findings = readme.slice(from, to) === current
    ? []
    : [{ path: README, text: "the table of columns is out of date: --write" }];
  return { text: readme.slice(0, from) + current + readme.slice(to), findings };
}

if (import.meta.main) {
  const path = new URL(README, ROOT);
  const readme = Deno.readTextFileSync(path);
  const { text, findings } = updateSchemaTable(readme);
  if (Deno.args.includes("--write") && text !== readme) {
    Deno.writeTextFileSync(path, text);
    finish("columns in README.md", 1, updateSchemaTable(text).findings);
  }
  finish("columns in README.md", 1, findings);
}
