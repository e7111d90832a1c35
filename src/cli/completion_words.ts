/**
 * What the completions of all shells offer.
 *
 * @module
 */
import { type Flag, spellings } from "./flag.ts";
import { COMMANDS, type CommandTexts } from "./flags.ts";
import { HELP_COMMAND } from "./help.ts";

/** A word and what it stands for. */
export type Word = readonly [word: string, text: string];

/** What follows the name of a command. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** Words without a flag. */
  readonly operands: readonly Word[];
  readonly flags: readonly Flag<unknown>[];
}

/** All commands, `help` too. */
export function completedCommands(): CompletedCommand[] {
  const commands: readonly CommandTexts[] = Object.values(COMMANDS);
  const [help, summary] = HELP_COMMAND;
  return [
    ...commands.map(({ name, summary, reports, shells, flags }) => ({
      name,
      summary,
      operands: Object.entries(reports ?? shells ?? {}),
      flags: Object.values(flags),
    })),
    {
      name: help,
      summary,
      operands: commands.map(({ name, summary }) => [name, summary] as const),
      flags: [],
    },
  ];
}

/** What the value of a flag is completed with; null for a switch. */
export function valueKind(flag: Flag<unknown>): "choice" | "path" | "interface" | "any" | null {
  if (flag.valueName === undefined) return null;
  if (flag.choices !== undefined) return "choice";
  if (flag.valueName === "<path>") return "path";
  return flag.valueName === "<name>" ? "interface" : "any";
}

/** The spellings of a flag with two hyphens; the others are as short as can be. */
export function longSpellings(flag: Flag<unknown>): string[] {
  return spellings(flag).filter((name) => name.startsWith("--"));
}

/** A text as one word of bash or zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
