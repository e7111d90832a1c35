/**
 * Arithmetic and comparisons: `tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn`.
 *
 * @module
 */
import { accessor, type GuardedValue } from "./accessors.ts";
import { computed, constant, holds } from "./arithmetic.ts";
import { FilterError, unclosed } from "./filter_error.ts";
import type { Token } from "./scanner.ts";
import { all, type Arithmetic, type Condition, type Relation } from "./tree.ts";
import { FIELDS, protocolWord, refusal } from "./words.ts";

/** Where a parser is in the text. */
export interface Cursor {
  /** A token that is not taken yet: the next one, or one `ahead` of it. */
  peek(ahead?: number): Token;
  take(): Token;
  /** Parses what is nested in something at `position`. @throws {FilterError} if that is too deep */
  within<T>(position: number, parse: () => T): T;
}

/** A value, and where it stands. */
export interface Placed extends GuardedValue {
  readonly position: number;
}

/**
 * How tightly an operator binds what stands left and right of it. `&` and `|` bind alike; `%` and `^`
 * have no precedence in the grammar of libpcap, so that they take all that follows.
 */
const POWERS: Readonly<Record<Arithmetic, readonly [left: number, right: number]>> = {
  "|": [1, 1],
  "&": [1, 1],
  "<<": [2, 2],
  ">>": [2, 2],
  "+": [3, 3],
  "-": [3, 3],
  "*": [4, 4],
  "/": [4, 4],
  "%": [5, 0],
  "^": [5, 0],
};

const RELATIONS: readonly string[] = ["=", "!=", "<", "<=", ">", ">="] satisfies Relation[];

/** The next step for a comparison that lacks a side, or has one too many. */
export const COMPARISON_HINT =
  'Compare two values, and join comparisons with "and": "len > 100 and len < 1500"';

/** The comparison that a token stands for; undefined if it is none. */
export function relationSign(token: Token): Relation | undefined {
  return token.kind === "sign" && RELATIONS.includes(token.text)
    ? token.text as Relation
    : undefined;
}

/** Reads values and relations. */
export class ValueParser {
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** A whole value. @param first its first operand, if that was read already */
  value(first?: Placed): Placed {
    return this.#operation(0, first ?? this.#operand());
  }

  /** The comparison of `left` with what follows. */
  relation(left: Placed): Condition {
    const operator = relationSign(this.#cursor.take())!;
    const right = this.value();
    const { position } = left;
    const guards = guardsOf(left, right);
    if (left.value.kind === "constant" && right.value.kind === "constant") {
      const isTrue = holds(operator, left.value.value, right.value.value);
      return isTrue ? { kind: "all", of: [] } : { kind: "any", of: [] };
    }
    return all(
      ...guards,
      { kind: "relation", operator, left: left.value, right: right.value, position },
    );
  }

  #operation(lowest: number, first: Placed): Placed {
    let left = first;
    while (true) {
      const token = this.#cursor.peek();
      const powers = token.kind === "sign" ? operatorPowers(token.text) : undefined;
      if (powers === undefined || powers[0] <= lowest) return left;
      const operator = this.#cursor.take().text as Arithmetic;
      const right = this.#cursor.within(
        token.position,
        () => this.#operation(powers[1], this.#operand()),
      );
      checkOperation(operator, right);
      left = {
        value: computed(operator, left.value, right.value),
        guards: guardsOf(left, right),
        position: left.position,
      };
    }
  }

  #operand(): Placed {
    const token = this.#cursor.take();
    const { position, text } = token;
    if (token.kind === "number") return { value: constant(token.value), guards: [], position };
    if (text === "-") {
      const of = this.#cursor.within(position, () => this.#operand());
      return { value: computed("-", constant(0), of.value), guards: of.guards, position };
    }
    if (text === "(") {
      const inner = this.#cursor.within(position, () => this.value());
      const end = this.#cursor.take();
      if (end.text !== ")") throw unclosed(end.position);
      return { ...inner, position };
    }
    if (token.kind === "name" && !token.isEscaped) {
      if (Object.hasOwn(FIELDS, text)) {
        const column = FIELDS[text as keyof typeof FIELDS];
        return { value: { kind: "column", column }, guards: [], position };
      }
      const protocol = protocolWord(text);
      if (protocol !== undefined && this.#cursor.peek().text === "[") {
        return { ...this.#accessor(protocol, position), position };
      }
      const refused = refusal(text);
      if (refused !== undefined) {
        throw new FilterError(`${refused[0]}: "${text}"`, position, refused[1]);
      }
    }
    throw token.kind === "end"
      ? new FilterError("a value is missing", position, COMPARISON_HINT)
      : new FilterError(`a value is missing before "${text}"`, position, COMPARISON_HINT);
  }

  /** `[offset]`, `[offset:size]`. */
  #accessor(protocol: string, position: number): GuardedValue {
    this.#cursor.take();
    const offset = this.#cursor.within(position, () => this.value());
    if (offset.value.kind !== "constant") {
      throw new FilterError(
        `an offset that depends on the packet leads to bytes that are not recorded: "${protocol}["`,
        position,
        `Write a number, as in "${protocol}[0]"`,
      );
    }
    let size = 1;
    let end = this.#cursor.take();
    if (end.text === ":") {
      const token = this.#cursor.take();
      size = token.kind === "number" ? token.value : 0;
      if (size !== 1 && size !== 2 && size !== 4) {
        const hint = "Write 1, 2 or 4 bytes";
        throw new FilterError(`no such size as "${token.text}"`, token.position, hint);
      }
      end = this.#cursor.take();
    }
    if (end.text !== "]") {
      throw new FilterError(
        '"]" is missing',
        end.position,
        'Write it as in "tcp[13]" or "tcp[4:4]"',
      );
    }
    return accessor(protocol, offset.value.value, size as 1 | 2 | 4, position);
  }
}

function operatorPowers(sign: string): readonly [number, number] | undefined {
  return Object.hasOwn(POWERS, sign) ? POWERS[sign as Arithmetic] : undefined;
}

/** @throws {FilterError} If it has no result for some packet, or a kernel of its own. */
function checkOperation(operator: Arithmetic, right: Placed): void {
  if (!["/", "%", "<<", ">>"].includes(operator)) return;
  if (right.value.kind !== "constant") {
    const hint = `Write a number, as in "len ${operator} 2"`;
    throw new FilterError(`only a number can stand behind "${operator}"`, right.position, hint);
  }
  if ((operator === "/" || operator === "%") && right.value.value === 0) {
    throw new FilterError("division by zero", right.position, "Divide by 1 or more");
  }
}

/** What both values need, each thing once. */
function guardsOf(left: Placed, right: Placed): readonly Condition[] {
  const seen = new Set<string>();
  return [...left.guards, ...right.guards].filter((guard) => {
    const key = JSON.stringify(guard, (name, value) => name === "position" ? null : value);
    return !seen.has(key) && seen.add(key);
  });
}
