/**
 * Makes text from outside (arguments, file names, interface names, file contents) safe to show on a
 * terminal (CWE-150).
 *
 * @module
 */

/**
 * What a terminal or a reader's eye is misled by: control and format characters (escape sequences,
 * bidirectional marks, zero-width characters), lone surrogates, private and unassigned code points,
 * line and paragraph separators. Unicode general categories: The Unicode Standard, 4.5.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Writes out each character that cannot be shown: `\n`, `\x1b`, `\u{202e}`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape);
}

/** As {@linkcode printable}, but line breaks and tabs stay: for texts of several lines. */
export function printableLines(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => character === "\n" || character === "\t" ? character : escape(character),
  );
}

function escape(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u{${code}}`;
}
