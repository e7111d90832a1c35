/**
 * Scripts that make a shell complete the command line: pure functions of the commands.
 *
 * @module
 */
import { bashCompletion } from "./completion_bash.ts";
import { fishCompletion } from "./completion_fish.ts";
import { zshCompletion } from "./completion_zsh.ts";
import type { Shell } from "./flags.ts";

const SCRIPTS: Readonly<Record<Shell, () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** The script for a shell. It calls nothing but the shell's own commands, and reads /proc/net/dev. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]();
}
