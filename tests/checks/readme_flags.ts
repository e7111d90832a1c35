/**
 * Holds the tables of flags in README.md to what the program accepts. A table stands between
 * `<!-- flags:record -->` and `<!-- flags:end -->`, and likewise for the other commands.
 *
 *     deno run -A tests/checks/readme_flags.ts [--write]
 *
 * With `--write` the tables are brought up to date.
 *
 * @module
 */
import { type Flag, spellings } from "../../src/cli/flag.ts";
import type { CommandTexts } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/commands/all.ts";
import { type Finding, finish, ROOT } from "./findings.ts";

const README = "README.md";
const END = "<!-- flags:end -->";

/** The flags of a command as a Markdown table, in the layout that `deno fmt` gives it. */
export function renderFlagTable(command: CommandTexts): string {
  const cells = [
    ["flag", "default", "meaning"],
    ...Object.values(command.flags).map((flag) => [flagCell(flag), defaultCell(flag), flag.help]),
  ].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = [0, 1, 2].map((column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0))
  );
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)));
  return lines.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/**
 * Puts the tables into the text of a README.
 *
 * @returns The text with current tables, and what was wrong with the given one.
 */
export function updateFlagTables(
  readme: string,
  commands: readonly CommandTexts[],
): { text: string; findings: Finding[] } {
  const findings: Finding[] = [];
  let text = readme;
  for (const command of commands) {
    if (Object.keys(command.flags).length === 0) continue;
    const start = `<!-- flags:${command.name} -->`;
    const from = text.indexOf(start);
    const to = text.indexOf(END, from);
    if (from < 0 || to < 0) {
      findings.push({ path: README, text: `no table between "${start}" and "${END}"` });
      continue;
    }
    const current = `${start}\n\n${renderFlagTable(command)}\n`;
    if (text.slice(from, to) !== current) {
      findings.push({
        path: README,
        text: `the flags of "${command.name}" are out of date: --write`,
      });
    }
    text = text.slice(0, from) + current + text.slice(to);
  }
  return { text, findings };
}

function flagCell(flag: Flag<unknown>): string {
  const value = flag.valueName === undefined ? "" : ` ${flag.valueName}`;
  const [long = "", ...others] = spellings(flag);
  const main = flag.short === undefined ? [long] : [flag.short, long];
  const also = others.filter((name) => name !== flag.short);
  return `\`${main.join(", ")}${value}\`${
    also.length === 0 ? "" : ` (also \`${also.join(", ")}\`)`
  }`;
}

/** A value is set as code; words such as "none" and "per report" are not values. */
function defaultCell(flag: Flag<unknown>): string {
  const isWords = flag.defaultText.includes(" ") || /^(none|off)$/.test(flag.defaultText);
  return isWords ? flag.defaultText : `\`${flag.defaultText}\``;
}

function readReadme(): string {
  try {
    return Deno.readTextFileSync(new URL(README, ROOT));
  } catch {
    return "";
  }
}

if (import.meta.main) {
  const readme = readReadme();
  const { text, findings } = updateFlagTables(readme, COMMANDS);
  if (Deno.args.includes("--write") && text !== readme) {
    Deno.writeTextFileSync(new URL(README, ROOT), text);
    finish("flags in README.md", 1, updateFlagTables(text, COMMANDS).findings);
  }
  finish("flags in README.md", 1, findings);
}
