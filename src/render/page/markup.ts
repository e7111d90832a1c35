/**
 * HTML in which text cannot become markup: what is put into a template is escaped, unless it is markup
 * itself.
 *
 * @module
 */
import { visibleText } from "../visible_text.ts";

/** HTML. Only templates of this file make it. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** For this file, and for text of the program's own. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }
}

/** What a template takes: text and numbers are escaped, lists are joined, null is nothing. */
export type Part = string | number | Markup | null | readonly Part[];

/**
 * A template of HTML. Attributes must be quoted.
 *
 * @example
 * markup`<td title="${name}">${name}</td>`
 */
export function markup(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return Markup.trusted(texts.reduce((text, next, index) => {
    return `${text}${written(parts[index - 1] ?? null)}${next}`;
  }));
}

function written(part: Part): string {
  if (part === null) return "";
  if (part instanceof Markup) return part.toString();
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return escapeHtml(part);
  return part.map(written).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it, in an element or a quoted attribute; control characters are written out. */
function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** JSON for an element `script` that is data: the text cannot end the element (HTML, 13.1.2.1). */
export function jsonData(text: string): Markup {
  return Markup.trusted(text.replaceAll("<", "\\u003c"));
}
