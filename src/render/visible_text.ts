/**
 * Text that others wrote (file content, file names, interface names) as it may reach a terminal, and
 * the room that it takes there.
 *
 * @module
 */
import { eastAsianWidth } from "get-east-asian-width";
import { printable, UNPRINTABLE } from "../core/printable.ts";

const PLAIN_ASCII = /^[\x20-\x7e]*$/;

/** As `printable()`, fast for the plain text that nearly every cell is. */
export function visibleText(text: string): string {
  return PLAIN_ASCII.test(text) ? text : printable(text);
}

/**
 * A JSON string that decodes to exactly `text` and holds no unsafe character: beyond what JSON
 * demands (RFC 8259, 7), DEL, C1 and format characters are escaped as well.
 */
export function jsonString(text: string): string {
  const quoted = JSON.stringify(text);
  if (PLAIN_ASCII.test(quoted)) return quoted;
  return quoted.replace(UNPRINTABLE, (character) => {
    let escaped = "";
    for (let unit = 0; unit < character.length; unit++) {
      escaped += `\\u${character.charCodeAt(unit).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}

/** Terminal cells that visible text takes: 0 for combining marks, 2 for wide characters. */
export function displayWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/**
 * Cuts visible text to at most `width` terminal cells, marking the cut with "…".
 *
 * @param keep which part of the text says most: its start, or both ends (addresses with a port)
 */
export function truncateText(text: string, width: number, keep: "start" | "ends"): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 1) return "…".repeat(Math.max(width, 0));
  const tailWidth = keep === "start" ? 0 : Math.floor((width - 1) / 2);
  const characters = [...text];
  const head = take(characters, width - 1 - tailWidth);
  const tail = take(characters.reverse(), tailWidth).reverse();
  return `${head.join("")}…${tail.join("")}`;
}

function take(characters: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += characterWidth(character);
    if (used > width) break;
    taken.push(character);
  }
  return taken;
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (/^\p{M}/u.test(character)) return 0;
  return eastAsianWidth(code);
}
