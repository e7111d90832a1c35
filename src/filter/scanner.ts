/**
 * From the text of a filter to its words, numbers, addresses and signs.
 *
 * @module
 */
import { dottedNumbers, ipv6Bytes, macBytes } from "./address_literals.ts";
import { FilterError, NoFilterError } from "./filter_error.ts";
import { NUMBERS, own } from "./words.ts";

/** A piece of the text; `position` counts its characters from 0. */
export type Token =
  & { readonly text: string; readonly position: number }
  & (
    /** `isEscaped`: behind a backslash, so that it is a name and no word of the language. */
    | { readonly kind: "name"; readonly isEscaped: boolean }
    | { readonly kind: "number"; readonly value: number }
    /** Two to four numbers with dots. */
    | { readonly kind: "ipv4"; readonly numbers: readonly number[] }
    | { readonly kind: "ipv6"; readonly bytes: readonly number[] }
    | { readonly kind: "mac"; readonly bytes: readonly number[] }
    | { readonly kind: "sign" }
    | { readonly kind: "end" }
  );

const SPACE = /\s+/y;
const SIGNS = /&&|\|\||[<>=!]=|<<|>>|[()[\]/:<>=!+*%&|^-]/y;
/** As the scanner of libpcap: a name holds hyphens and dots, and ends with neither. */
const NAME = /\\?[A-Za-z0-9_](?:[-_.A-Za-z0-9]*[A-Za-z0-9_])?/y;
const COLONS = /[0-9A-Fa-f]*:[0-9A-Fa-f:.]*[0-9A-Fa-f:](?![-_A-Za-z0-9])/y;
/** What stands behind the word `interface`: names of interfaces can hold nearly everything. */
const INTERFACE = /[^\s()]+/y;

const SAME_SIGN: Readonly<Record<string, string>> = { "&&": "and", "||": "or", "==": "=" };

/** What to write in the place of signs that other languages have. */
const INSTEAD: Readonly<Record<string, string>> = {
  '"': "Leave the quotes out",
  "'": "Leave the quotes out",
  ",": 'Write "or", as in "port 80 or 443"',
  "{": 'Write "(" and ")", as in "port (80 or 443)"',
  "}": 'Write "(" and ")", as in "port (80 or 443)"',
};

const HIGHEST = 0xffff_ffff;

/**
 * Takes a text apart. The last token is that of the end.
 *
 * @throws {FilterError} If there is a sign that means nothing, or a number that is too large.
 */
export function scan(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(text)?.[0];
  };
  while (true) {
    position += match(SPACE)?.length ?? 0;
    if (position === text.length) break;
    const last = tokens.at(-1);
    const name = last?.kind === "name" && last.text === "interface" ? match(INTERFACE) : undefined;
    const found = name ?? colonAddress(match(COLONS)) ?? match(NAME) ?? match(SIGNS);
    if (found === undefined) {
      const sign = String.fromCodePoint(text.codePointAt(position)!);
      throw new NoFilterError(`there is no such sign as "${sign}"`, position, own(INSTEAD, sign));
    }
    tokens.push(
      name === undefined
        ? token(found, position)
        : { kind: "name", text: name, position, isEscaped: true },
    );
    position += found.length;
  }
  tokens.push({ kind: "end", text: "", position });
  return tokens;
}

/** `text` if it is an address with colons: within brackets, a colon stands between two numbers. */
function colonAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return macBytes(text) ?? ipv6Bytes(text) ? text : undefined;
}

function token(text: string, position: number): Token {
  const place = { text, position };
  if (text.startsWith("\\")) {
    return { kind: "name", isEscaped: true, text: text.slice(1), position };
  }
  SIGNS.lastIndex = 0;
  if (SIGNS.exec(text)?.[0] === text) {
    const same = own(SAME_SIGN, text) ?? text;
    return same === "and" || same === "or"
      ? { kind: "name", isEscaped: false, text: same, position }
      : { kind: "sign", text: same, position };
  }
  const constant = own(NUMBERS, text) ?? numberIn(text);
  if (constant !== undefined) {
    if (constant > HIGHEST) {
      throw new FilterError(
        `more than 32 bits in "${text}"`,
        position,
        `Numbers end at ${HIGHEST}`,
      );
    }
    return { kind: "number", ...place, value: constant };
  }
  const mac = macBytes(text);
  if (mac !== undefined) return { kind: "mac", ...place, bytes: mac };
  const ipv6 = text.includes(":") ? ipv6Bytes(text) : undefined;
  if (ipv6 !== undefined) return { kind: "ipv6", ...place, bytes: ipv6 };
  if (/^\d+(?:\.\d+){1,3}$/.test(text)) {
    const numbers = dottedNumbers(text);
    if (numbers === undefined) {
      throw new FilterError(`no IPv4 address in "${text}"`, position, "Numbers end at 255");
    }
    return { kind: "ipv4", ...place, numbers };
  }
  return { kind: "name", ...place, isEscaped: false };
}

/** A number as C writes it: decimal, 0x and hexadecimal, 0 and octal. */
function numberIn(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return parseInt(text, 16);
  if (/^0[0-7]+$/.test(text)) return parseInt(text, 8);
  return /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : undefined;
}
