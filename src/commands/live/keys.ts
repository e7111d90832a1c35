/**
 * Keys out of what a terminal sends for them.
 *
 * @module
 */

/** A key by its name, or the character that it types. */
export type Key = string;

/** Sequences of xterm and of the Linux console: ctlseqs, "PC-Style Function Keys"; console_codes(4). */
const SEQUENCES: Readonly<Record<string, Key>> = {
  "\x1b[A": "up",
  "\x1bOA": "up",
  "\x1b[B": "down",
  "\x1bOB": "down",
  "\x1b[5~": "page-up",
  "\x1b[6~": "page-down",
  "\x1b[H": "home",
  "\x1bOH": "home",
  "\x1b[1~": "home",
  "\x1b[F": "end",
  "\x1bOF": "end",
  "\x1b[4~": "end",
  "\x1b[Z": "back-tab",
  "\x1b": "escape",
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x15": "clear",
};

/** ECMA-48, 5.4: a control sequence; SS3 and a character; ESC and a character; any other character. */
// deno-lint-ignore no-control-regex
const TOKEN = /\x1b\[[0-?]*[ -/]*[@-~]|\x1bO.|\x1b(?=\x1b|$)|\x1b.|[^]/gu;

/** The keys of a text that a terminal sent at once. What means nothing is left out. */
export function keysOf(text: string): Key[] {
  return (text.match(TOKEN) ?? []).flatMap((token) => {
    const key = SEQUENCES[token];
    if (key !== undefined) return [key];
    return /^\P{C}$/u.test(token) ? [token] : [];
  });
}
