/**
 * Programs on a terminal: script(1) of bsdutils gives them a pseudo terminal and passes on what they
 * write to it.
 *
 * @module
 */
import { shown } from "./child_process.ts";

/** Columns of the terminal of {@linkcode onTerminal}. */
export const TERMINAL_COLUMNS = 70;

/**
 * The command line that runs `argv` on a terminal. What it writes there comes out of standard output,
 * with the terminal's line ends (`\r\n`); the exit code is that of `argv`.
 *
 * @param redirections of the shell, such as `2>file`
 */
export function onTerminal(argv: readonly string[], redirections = ""): string[] {
  const command = `stty columns ${TERMINAL_COLUMNS}; ${shown(argv)} ${redirections}`;
  return ["script", "--quiet", "--return", "--command", command, "/dev/null"];
}

/**
 * The environment of a terminal, in which nothing that the caller has set decides about colour.
 * Unset is no choice here, and an empty NO_COLOR is none (no-color.org).
 */
export const TERMINAL_ENV = { TERM: "xterm", NO_COLOR: "" };
