/**
 * Terminal styles (ECMA-48, 8.3.117, SGR). The only place that writes escape sequences.
 *
 * @module
 */

/** Bold text, or the text itself without colour. */
export function bold(text: string, colour: boolean): string {
  return colour ? `\x1b[1m${text}\x1b[22m` : text;
}

/** Text that must not be overlooked, in yellow. */
export function warning(text: string, colour: boolean): string {
  return colour ? `\x1b[33m${text}\x1b[39m` : text;
}

/** What is chosen, in exchanged colours. */
export function reverse(text: string, colour: boolean): string {
  return colour ? `\x1b[7m${text}\x1b[27m` : text;
}

/** The text without what these functions put into it. */
export function withoutStyles(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/\x1b\[\d*m/g, "");
}
