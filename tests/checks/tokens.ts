/**
 * Splits TypeScript into tokens, just well enough for the checks of this folder: what stands in a
 * comment or a string is never taken for code.
 *
 * @module
 */

/** A piece of source text. */
export interface Token {
  /** `template`: the literal parts of a template, each `${...}` shown as `${}`. */
  readonly kind: "name" | "number" | "string" | "template" | "regex" | "punctuation";
  /** The text as written; of a string or template its content, escapes as written. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Words after which a slash begins a regular expression, although they look like a name. */
const BEFORE_REGEX = /^(return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield)$/;
const BLANK = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const NAME = /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy;
const NUMBER = /\.?\d(?:[\w.]|[eE][+-])*/y;
const STRING = /"((?:[^"\\\n]|\\[\s\S])*)"|'((?:[^'\\\n]|\\[\s\S])*)'/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/** Splits `source` into tokens, without blanks and comments. */
export function tokenize(source: string): Token[] {
  return new Tokenizer(source).tokens();
}

/** Whether the tokens from `index` on have the given texts. */
export function matches(
  tokens: readonly Token[],
  index: number,
  texts: readonly string[],
): boolean {
  return texts.every((text, offset) => {
    const token = tokens[index + offset];
    return token?.text === text && (token.kind === "name" || token.kind === "punctuation");
  });
}

class Tokenizer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #position = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  tokens(): Token[] {
    this.#readUntil(undefined);
    return this.#tokens;
  }

  /** Reads to the brace that closes a `${` of a template, or to the end of the source. */
  #readUntil(end: "}" | undefined): void {
    let depth = 0;
    while (this.#position < this.#source.length) {
      if (this.#take(BLANK) !== undefined) continue;
      const character = this.#source[this.#position] ?? "";
      if (end !== undefined && character === "}" && depth === 0) return;
      if (character === "{") depth++;
      if (character === "}") depth--;
      this.#readToken(character);
    }
  }

  #readToken(character: string): void {
    const line = this.#line;
    const add = (kind: Token["kind"], text: string) => this.#tokens.push({ kind, text, line });
    if (character === "`") return this.#readTemplate();
    const string = this.#take(STRING);
    if (string !== undefined) return void add("string", string.slice(1, -1));
    const name = this.#take(NAME);
    if (name !== undefined) return void add("name", name);
    const number = this.#take(NUMBER);
    if (number !== undefined) return void add("number", number);
    const regex = character === "/" && this.#regexCanStart() ? this.#take(REGEX) : undefined;
    if (regex !== undefined) return void add("regex", regex);
    this.#position++;
    add("punctuation", character);
  }

  /** The template's own token stands behind those of its substitutions. */
  #readTemplate(): void {
    const line = this.#line;
    let text = "";
    this.#position++;
    while (this.#position < this.#source.length && this.#source[this.#position] !== "`") {
      if (this.#source.startsWith("${", this.#position)) {
        this.#position += 2;
        this.#readUntil("}");
        this.#position++;
        text += "${}";
        continue;
      }
      const length = this.#source[this.#position] === "\\" ? 2 : 1;
      const piece = this.#source.slice(this.#position, this.#position + length);
      this.#line += countLines(piece);
      this.#position += length;
      text += piece;
    }
    this.#position++;
    this.#tokens.push({ kind: "template", text, line });
  }

  #regexCanStart(): boolean {
    const previous = this.#tokens.at(-1);
    if (previous === undefined) return true;
    if (previous.kind === "name") return BEFORE_REGEX.test(previous.text);
    return previous.kind === "punctuation" && !/[)\]}]/.test(previous.text);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const text = pattern.exec(this.#source)?.[0];
    if (text === undefined) return undefined;
    this.#position += text.length;
    this.#line += countLines(text);
    return text;
  }
}

function countLines(text: string): number {
  return text.split("\n").length - 1;
}
