/**
 * Names, numbers and addresses behind the words that say what they are.
 *
 * @module
 */
import { maskBits } from "./address_literals.ts";
import { Chain } from "./chain.ts";
import { FilterError, unclosed } from "./filter_error.ts";
import { meaning } from "./primitives.ts";
import { exampleOf, type Id, type Qualifiers, writtenQualifiers } from "./qualifiers.ts";
import type { Token } from "./scanner.ts";
import type { Condition } from "./tree.ts";
import type { Cursor } from "./value_parser.ts";
import { isWord } from "./words.ts";

/** Reads ids, and tells what they mean. */
export class IdParser {
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** One id, or several in parentheses, all behind the same words. */
  id(qualifiers: Qualifiers): Condition {
    const token = this.#cursor.peek();
    const { position } = token;
    if (isNot(token)) {
      this.#cursor.take();
      const of = this.#cursor.within(position, () => this.id(qualifiers));
      return { kind: "not", of };
    }
    if (token.text !== "(") return meaning(qualifiers, this.#single(qualifiers));
    this.#cursor.take();
    const condition = this.#cursor.within(position, () => this.#list(qualifiers));
    const end = this.#cursor.take();
    if (end.text === ")") return condition;
    throw unclosed(end.position);
  }

  #list(qualifiers: Qualifiers): Condition {
    const chain = new Chain(this.id(qualifiers));
    while (["and", "or"].includes(this.#cursor.peek().text)) {
      const kind = this.#cursor.take().text === "and" ? "all" : "any";
      chain.add(kind, this.id(qualifiers));
    }
    return chain.joined();
  }

  #single(qualifiers: Qualifiers): Id {
    const token = this.#cursor.take();
    const { text, position } = token;
    switch (token.kind) {
      case "number": {
        const bits = this.#bits();
        const written = bits === null ? text : `${text}/${bits}`;
        return { kind: "number", text: written, position, value: token.value, bits };
      }
      case "ipv4": {
        const bits = this.#bits() ?? this.#mask();
        const written = bits === null ? text : `${text}/${bits}`;
        return { kind: "ipv4", text: written, position, numbers: token.numbers, bits };
      }
      case "ipv6": {
        const bits = this.#bits();
        const written = bits === null ? text : `${text}/${bits}`;
        return { kind: "ipv6", text: written, position, bytes: token.bytes, bits };
      }
      case "mac":
        return { kind: "mac", text, position, bytes: token.bytes };
      case "name":
        // Names of protocols are mostly words as well.
        if (token.isEscaped || qualifiers.type === "proto" || !isWord(text)) {
          return { kind: "name", text, position };
        }
    }
    const words = writtenQualifiers(qualifiers);
    const hint = `Write it as in "${exampleOf(qualifiers)}"`;
    throw new FilterError(`something is missing behind "${words}"`, position, hint);
  }

  #bits(): number | null {
    if (this.#cursor.peek().text !== "/") return null;
    this.#cursor.take();
    const token = this.#cursor.take();
    if (token.kind === "number") return token.value;
    const hint = 'Write it as in "net 10.0.0.0/8"';
    throw new FilterError('a number of bits is missing behind "/"', token.position, hint);
  }

  #mask(): number | null {
    if (this.#cursor.peek().text !== "mask") return null;
    this.#cursor.take();
    const token = this.#cursor.take();
    const bits = token.kind === "ipv4" && token.numbers.length === 4
      ? maskBits(token.numbers)
      : undefined;
    if (bits !== undefined) return bits;
    throw new FilterError(
      `no netmask is "${token.text}"`,
      token.position,
      'Write "net 10.0.0.0/8"',
    );
  }
}

function isNot(token: Token): boolean {
  return token.text === "!" || token.kind === "name" && !token.isEscaped && token.text === "not";
}
