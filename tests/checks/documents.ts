/**
 * Holds the tables in README.md and REFERENCE.md to what the program says of itself. A table stands
 * between `<!-- table:reports -->` and `<!-- table:end -->`, and likewise under other names.
 *
 *     deno run -A tests/checks/documents.ts [--write]
 *
 * With `--write` the tables are brought up to date.
 *
 * @module
 */
import { type Flag, spellings } from "../../src/cli/flag.ts";
import type { CommandTexts } from "../../src/cli/command.ts";
import {
  ENVIRONMENT,
  EXIT_CODE_TERMS,
  METADATA_TERMS,
  REPORT_KEY_TERMS,
  SIGNALS,
  type Term,
  WHAT_IS_COUNTED,
} from "../../src/cli/reference.ts";
import { COMMANDS } from "../../src/commands/all.ts";
import { type Column, COLUMNS } from "../../src/contract/columns.ts";
import { REPORTS } from "../../src/reports/all.ts";
import type { Report } from "../../src/reports/report.ts";
import { type Finding, finish, ROOT, type SourceFile } from "./findings.ts";

const DOCUMENTS = ["README.md", ".github/REFERENCE.md"];
const MAX_README_LINES = 250;
const START = /<!-- table:(?!end )([\w:-]+) -->\n/g;
const END = "<!-- table:end -->";

/** The tables by name, each as Markdown in the layout that `deno fmt` gives it. */
export function documentTables(
  commands: readonly CommandTexts[] = COMMANDS,
  reports: readonly Report[] = REPORTS,
  columns: readonly Column[] = COLUMNS,
): Map<string, string> {
  const flags = commands
    .filter((command) => Object.keys(command.flags).length > 0)
    .map((command): [string, string] => [`flags:${command.name}`, flagTable(command)]);
  return new Map([
    ...flags,
    [
      "commands",
      table(["command", "does"], commands.map(({ name, summary }) => [code(name), summary])),
    ],
    [
      "reports",
      table(
        ["report", "shows", "rows shown"],
        reports.map(({ name, help, defaultLimit, kind }) => [
          code(name),
          help.replace(" (default)", ""),
          `${defaultLimit || "all"}${kind === "summary" ? " of each" : ""}`,
        ]),
      ),
    ],
    [
      "report-columns",
      table(
        ["report", "columns"],
        reports.map(({ name, columns }) => [
          code(name),
          columns.map((column) => code(column.name)).join(", "),
        ]),
      ),
    ],
    [
      "columns",
      table(
        ["column", "type", "NULL", "meaning"],
        columns.map(({ name, type, presence, description }) => [
          code(name),
          code(type),
          presence === 0 ? "never" : "can be",
          description,
        ]),
      ),
    ],
    ["metadata", termTable(["key", "value"], METADATA_TERMS, code)],
    ["report-keys", termTable(["key", "meaning"], REPORT_KEY_TERMS, code)],
    ["exit-codes", termTable(["code", "meaning"], EXIT_CODE_TERMS)],
    ["signals", termTable(["signal", "effect on `record`"], SIGNALS)],
    ["environment", termTable(["variable", "meaning"], ENVIRONMENT, code)],
    ["what-is-counted", termTable(["at", "a row is"], WHAT_IS_COUNTED)],
  ]);
}

/**
 * Puts the tables into documents.
 *
 * @returns the documents with the current tables, and what was wrong with the given ones: a table that
 * differs, that nothing makes, or that no document has
 */
export function updateDocuments(
  documents: readonly SourceFile[],
  tables: ReadonlyMap<string, string>,
): { documents: SourceFile[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const found = new Set<string>();
  const updated = documents.map(({ path, text }) => {
    let rest = text;
    let result = "";
    for (const [start, name = ""] of text.matchAll(START)) {
      const from = rest.indexOf(start) + start.length;
      const to = rest.indexOf(END, from);
      const current = tables.get(name);
      if (current === undefined || to < 0) {
        findings.push({
          path,
          text: `the table "${name}" is not one of the program, or has no end`,
        });
        continue;
      }
      found.add(name);
      if (rest.slice(from, to) !== `\n${current}\n`) {
        findings.push({ path, text: `the table "${name}" is out of date: --write` });
      }
      result += `${rest.slice(0, from)}\n${current}\n`;
      rest = rest.slice(to);
    }
    return { path, text: result + rest };
  });
  for (const name of tables.keys()) {
    if (!found.has(name)) findings.push({ path: DOCUMENTS[1]!, text: `no table "${name}"` });
  }
  return { documents: updated, findings };
}

/** A page that introduces a program is read to its end only while it is short. */
export function checkLength({ path, text }: SourceFile): Finding[] {
  const lines = text.trimEnd().split("\n").length;
  return path === "README.md" && lines > MAX_README_LINES
    ? [{ path, text: `${lines} lines, more than ${MAX_README_LINES}` }]
    : [];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heading, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = heading.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  );
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)));
  return lines.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

function termTable(
  heading: readonly string[],
  terms: readonly Term[],
  name: (text: string) => string = (text) => text,
): string {
  return table(heading, terms.map(([term, meaning]) => [name(term), meaning]));
}

function flagTable(command: CommandTexts): string {
  return table(
    ["flag", "default", "meaning"],
    Object.values(command.flags).map((flag) => [flagCell(flag), defaultCell(flag), flag.help]),
  );
}

function flagCell(flag: Flag<unknown>): string {
  const value = flag.valueName === undefined ? "" : ` ${flag.valueName}`;
  const [long = "", ...others] = spellings(flag);
  const main = flag.short === undefined ? [long] : [flag.short, long];
  const also = others.filter((name) => name !== flag.short);
  return code(`${main.join(", ")}${value}`) +
    (also.length === 0 ? "" : ` (also ${code(also.join(", "))})`);
}

/** A value is set as code; words such as "none" and "per report" are not values. */
function defaultCell(flag: Flag<unknown>): string {
  const isWords = flag.defaultText.includes(" ") || /^(none|off)$/.test(flag.defaultText);
  return isWords ? flag.defaultText : code(flag.defaultText);
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  const read = () =>
    DOCUMENTS.map((path) => ({ path, text: Deno.readTextFileSync(new URL(path, ROOT)) }));
  if (Deno.args.includes("--write")) {
    for (const { path, text } of updateDocuments(read(), documentTables()).documents) {
      Deno.writeTextFileSync(new URL(path, ROOT), text);
    }
  }
  const documents = read();
  const { findings } = updateDocuments(documents, documentTables());
  finish("documents", documents.length, [...findings, ...documents.flatMap(checkLength)]);
}
