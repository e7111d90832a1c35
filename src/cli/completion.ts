/**
 * Scripts that make a shell complete the command line: pure functions of the commands.
 *
 * @module
 */
import { bashCompletion } from "./completion_bash.ts";
import { fishCompletion } from "./completion_fish.ts";
import { zshCompletion } from "./completion_zsh.ts";
import type { CommandTexts } from "./command.ts";
import { type CompletedCommand, completedCommands } from "./completion_words.ts";

/** Shells that can be completed. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The script for a shell. It calls nothing but the shell's own commands, and reads /proc/net/dev. */
export function completionScript(shell: Shell, commands: readonly CommandTexts[]): string {
  return SCRIPTS[shell](completedCommands(commands));
}
