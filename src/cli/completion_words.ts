/**
 * What the completions of all shells offer.
 *
 * @module
 */
import type { CommandTexts, Word } from "./command.ts";
import { type Completion, type Flag, spellings } from "./flag.ts";
import { HELP_COMMAND } from "./help.ts";

/** What follows the name of a command. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  /** Words without a flag. */
  readonly words: readonly Word[];
  /** What else can stand without a flag. */
  readonly completes: Completion;
  readonly flags: readonly Flag<unknown>[];
}

/** The given commands, and `help`. */
export function completedCommands(commands: readonly CommandTexts[]): CompletedCommand[] {
  return [
    ...commands.map(({ name, summary, operands, flags }) => ({
      name,
      summary,
      words: operands?.words ?? [],
      completes: operands?.completes ?? "none",
      flags: Object.values(flags),
    })),
    {
      ...HELP_COMMAND,
      words: commands.map(({ name, summary }) => [name, summary] as const),
      completes: "none",
      flags: [],
    },
  ];
}

/** The spellings with two hyphens; the others are as short as can be. */
export function longSpellings(names: readonly string[]): string[] {
  return names.filter((name) => name.startsWith("--"));
}

/** All long spellings of the flags of a command. */
export function longFlags({ flags }: CompletedCommand): string[] {
  return longSpellings(flags.flatMap(spellings));
}

/** A text as one word of bash or zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
