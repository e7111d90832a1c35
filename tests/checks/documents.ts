/**
 * Holds the tables in README.md and REFERENCE.md to what the program says of itself. A table stands
 * between `<!-- table:reports -->` and `<!-- table:end -->`, and likewise under other names. Files of
 * the project that a document names must exist.
 *
 *     deno run -A tests/checks/documents.ts [--write]
 *
 * With `--write` the tables are brought up to date.
 *
 * @module
 */
import { type Flag, spellings } from "../../src/cli/flag.ts";
import type { CommandTexts } from "../../src/cli/command.ts";
import { reportDetails } from "../../src/cli/report_choices.ts";
import { QUESTIONS } from "../../src/cli/questions.ts";
import {
  ENVIRONMENT,
  EXIT_CODE_TERMS,
  FILTER_DIFFERENCE_TERMS,
  FILTER_TERMS,
  INTERFACE_EVENT_TERMS,
  METADATA_TERMS,
  PACKET_FILES,
  REPORT_KEY_TERMS,
  SELECTION,
  SIGNALS,
  type Term,
  WHAT_IS_COUNTED,
} from "../../src/cli/reference.ts";
import { COMMANDS } from "../support/commands.ts";
import { type Column, COLUMNS } from "../../src/contract/columns.ts";
import { REPORTS } from "../../src/reports/all.ts";
import type { Report } from "../../src/reports/report.ts";
import { type Finding, finish, ROOT, type SourceFile } from "./findings.ts";

const DOCUMENTS = ["README.md", ".github/REFERENCE.md"];
/** Documents without tables, which name files of the project. */
const OTHER_DOCUMENTS = ["ARCHITECTURE", "CONTRIBUTING", "KNOWN_ISSUES", "RELEASE"]
  .map((name) => `.github/${name}.md`);
/** Where files stand that documents name. */
const DIRECTORIES = ["src", "ffi", "bpf", "tests", ".ci", ".github"];
const MAX_README_LINES = 250;
/** Inline code that may be the path of a file. */
const CODE = /`([^`\s]+)`/g;
/** Stands for a file that is to be written, as in `src/reports/<name>.ts`, or for a way to name one. */
const PATTERN = /[<>*]|^snake_case\.ts$/;
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
      "report-choices",
      table(
        ["report", "flag", "values", "default"],
        reports.flatMap((report) =>
          reportDetails(report).choices.filter(({ flag }) => flag !== "--sort")
            .map(({ flag, values, isDefault }) => [
              code(report.name),
              code(flag),
              values.map(code).join(", "),
              isDefault === null
                ? "none"
                : values.includes(isDefault)
                ? code(isDefault)
                : isDefault,
            ])
        ),
      ),
    ],
    [
      "report-definitions",
      table(
        ["report", "definition"],
        reports.flatMap(({ name, definitions = [] }) =>
          definitions.map((text, index) => [index === 0 ? code(name) : "", emphasized(text)])
        ),
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
    ["interface-events", termTable(["event", "meaning"], INTERFACE_EVENT_TERMS, code)],
    ["report-keys", termTable(["key", "meaning"], REPORT_KEY_TERMS, code)],
    ["exit-codes", termTable(["code", "meaning"], EXIT_CODE_TERMS)],
    [
      "questions",
      termTable(
        ["question", "command"],
        QUESTIONS.map(({ question, line }) => [question, `\`${line}\``]),
      ),
    ],
    ["selection", termTable(["written", "meaning"], SELECTION)],
    ["packet-files", termTable(["of", "is read"], PACKET_FILES)],
    ["filters", termTable(["words", "meaning"], FILTER_TERMS)],
    ["filter-differences", termTable(["what", "difference from tcpdump"], FILTER_DIFFERENCE_TERMS)],
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

/**
 * Finds names of files that the project does not have: paths from its root, and names of TypeScript
 * files with or without a directory before them.
 *
 * @param paths of all files of the project
 */
export function checkPaths({ path, text }: SourceFile, paths: readonly string[]): Finding[] {
  const known = new Set(paths.flatMap((known) => {
    const parts = known.split("/");
    return parts.flatMap((_, at) => [parts.slice(0, at + 1).join("/"), parts.slice(at).join("/")]);
  }));
  return text.split("\n").flatMap((line, index) =>
    [...line.matchAll(CODE)].flatMap(([, name = ""]) => {
      const isPath = DIRECTORIES.some((directory) => name.startsWith(`${directory}/`)) ||
        name.endsWith(".ts");
      if (!isPath || PATTERN.test(name) || known.has(name.replace(/\/$/, ""))) return [];
      return [{ path, line: index + 1, text: `there is no "${name}"` }];
    })
  );
}

/** Paths of all files below the directories that documents name files of. */
function projectPaths(): string[] {
  const below = (directory: string): string[] =>
    [...Deno.readDirSync(new URL(`${directory}/`, ROOT))].flatMap((entry) => {
      const path = `${directory}/${entry.name}`;
      return entry.isDirectory ? below(path) : [path];
    });
  return DIRECTORIES.flatMap(below);
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

/** Emphasis as `deno fmt` writes it. */
function emphasized(text: string): string {
  return text.replace(/(^| )\*(\w[^*]*)\*/g, "$1_$2_");
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  const read = (paths: readonly string[]) =>
    paths.map((path) => ({ path, text: Deno.readTextFileSync(new URL(path, ROOT)) }));
  if (Deno.args.includes("--write")) {
    for (const { path, text } of updateDocuments(read(DOCUMENTS), documentTables()).documents) {
      Deno.writeTextFileSync(new URL(path, ROOT), text);
    }
  }
  const documents = read(DOCUMENTS);
  const { findings } = updateDocuments(documents, documentTables());
  const all = [...documents, ...read(OTHER_DOCUMENTS)];
  const paths = projectPaths();
  finish("documents", all.length, [
    ...findings,
    ...documents.flatMap(checkLength),
    ...all.flatMap((document) => checkPaths(document, paths)),
  ]);
}
