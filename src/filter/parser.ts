/**
 * The grammar of pcap-filter(7). What it says of precedence holds here: `not` binds strongest; `and`
 * and `or` bind alike and group from the left; a name or number without words before it has those of
 * the one before.
 *
 *     expression = term { ("and" | "or") term }
 *     term       = "not" term | primitive | relation | id | "(" expression ")"
 *     primitive  = [protocol] [ends] [type] id | protocol | "vlan" [number] | ...
 *     ends       = "src" | "dst" | "src" ("or" | "and") "dst"
 *     id         = name | number | address ["/" bits | "mask" address] | "!" id
 *                | "(" id { ("and" | "or") id } ")"
 *     relation   = value ("=" | "!=" | "<" | "<=" | ">" | ">=") value
 *
 * @module
 */
import { suggestion } from "../core/near_names.ts";
import { Chain } from "./chain.ts";
import { FilterError, NoFilterError, unclosed } from "./filter_error.ts";
import { IdParser } from "./id_parser.ts";
import { abbreviation, related, toMany, vlan } from "./primitives.ts";
import type { Ends, Qualifiers } from "./qualifiers.ts";
import { scan, type Token } from "./scanner.ts";
import type { Condition } from "./tree.ts";
import { COMPARISON_HINT, type Placed, relationSign, ValueParser } from "./value_parser.ts";
import { ALL_WORDS, FIELDS, isWord, type Protocol, protocolWord, refusal } from "./words.ts";

/** Nested deeper than anybody writes: so that no text exhausts the stack. */
const DEEPEST = 200;

const TYPES = ["host", "net", "port", "portrange", "proto"] as const;
const DIRECTIONS = {
  in: "ingress",
  inbound: "ingress",
  out: "egress",
  outbound: "egress",
} as const;
const WORDS_OF_WIRESHARK =
  'Write it in the words of tcpdump, as in "tcp port 443 and src net 10/8"';
/** EtherTypes of what is recognised and not looked into. */
const WRAPPERS = { mpls: 0x8847, pppoed: 0x8863, pppoes: 0x8864 } as const;

/** A part of an expression, and the words that the next name or number has if it has none. */
interface Part {
  readonly condition: Condition | Placed;
  readonly qualifiers: Qualifiers | null;
}

/**
 * Understands a filter.
 *
 * @throws {FilterError} If it cannot be understood, or asks for what is not recorded.
 */
export function parseFilter(text: string): Condition {
  return new Parser(scan(text)).parse();
}

class Parser {
  readonly #values: ValueParser;
  readonly #ids: IdParser;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
    const cursor = {
      peek: (ahead = 0) => this.#peek(ahead),
      take: () => this.#take(),
      within: <T>(position: number, parse: () => T) => this.#within(position, parse),
    };
    this.#values = new ValueParser(cursor);
    this.#ids = new IdParser(cursor);
  }

  parse(): Condition {
    if (this.#peek().kind === "end") throw new FilterError("there is nothing", 0, "Write a filter");
    const { condition } = this.#expression(null);
    const rest = this.#peek();
    if (rest.kind !== "end") throw this.#unexpected(rest);
    return finished(condition);
  }

  #expression(before: Qualifiers | null): Part {
    const first = this.#term(before);
    let { qualifiers } = first;
    if (!this.#isWord("and") && !this.#isWord("or")) return first;
    const chain = new Chain(finished(first.condition));
    while (this.#isWord("and") || this.#isWord("or")) {
      const kind = this.#take().text === "and" ? "all" : "any";
      const right = this.#term(qualifiers);
      const condition = finished(right.condition);
      if (kind === "all") refuseSecondTag(chain.conditions, condition);
      chain.add(kind, condition);
      qualifiers = right.qualifiers;
    }
    return { condition: chain.joined(), qualifiers };
  }

  #term(before: Qualifiers | null): Part {
    const token = this.#peek();
    if (this.#isWord("not") || token.text === "!") {
      this.#take();
      const { condition, qualifiers } = this.#within(token.position, () => this.#term(before));
      return { condition: { kind: "not", of: finished(condition) }, qualifiers };
    }
    if (token.text === "(") {
      this.#take();
      const { condition } = this.#within(token.position, () => this.#expression(before));
      this.#expect(")");
      if (!("value" in condition)) return { condition, qualifiers: before };
      return this.#relationOf(condition);
    }
    if (token.text === "-" || this.#startsValue()) return this.#relationOf();
    if (token.kind === "name" && !token.isEscaped) {
      const primitive = this.#primitive(token.text, token.position);
      if (primitive !== undefined) return primitive;
    }
    if (token.kind === "sign" || token.kind === "end") throw this.#unexpected(token);
    return this.#idOf(before, token);
  }

  /** A name or number that stands without words, behind one that had some. */
  #idOf(before: Qualifiers | null, token: Token): Part {
    const follows = this.#peek(1);
    const isLast = follows.kind === "end" || ["and", "or", ")", "/", "mask"].includes(follows.text);
    if (token.kind === "name" && !token.isEscaped && (before === null || !isLast)) {
      throw isWord(token.text) ? cannotBegin(token) : unknown(token);
    }
    if (before === null) {
      const word = token.kind === "number" ? "port" : token.kind === "mac" ? "ether host" : "host";
      const hint = `Write "${word} ${token.text}"`;
      throw new FilterError(`a word is missing before "${token.text}"`, token.position, hint);
    }
    return { condition: this.#ids.id(before), qualifiers: before };
  }

  /** Whether a number or field stands here that is part of a relation. */
  #startsValue(): boolean {
    const [token, follows] = [this.#peek(), this.#peek(1)];
    if (token.kind === "number") {
      const isLength = follows.text === "/"; // "net 10/8": no filter divides two constants
      return follows.kind === "sign" && !isLength && ![")", "("].includes(follows.text);
    }
    if (token.kind !== "name" || token.isEscaped) return false;
    if (Object.hasOwn(FIELDS, token.text)) return true;
    return follows.text === "[" && protocolWord(token.text) !== undefined;
  }

  #relationOf(first?: Placed): Part {
    const field = this.#peek();
    const left = this.#values.value(first);
    if (relationSign(this.#peek()) !== undefined) {
      return { condition: this.#values.relation(left), qualifiers: null };
    }
    const number = this.#peek();
    if (number.kind === "number" && (field.text === "ttl" || field.text === "dscp")) {
      this.#take();
      const condition = related(field.text, "=", number.value, field.position);
      return { condition, qualifiers: null };
    }
    return { condition: left, qualifiers: null };
  }

  /** A condition that starts with a word of the language; undefined if none does with this one. */
  #primitive(word: string, position: number): Part | undefined {
    const refused = refusal(word);
    if (refused !== undefined) {
      const [reason, hint] = refused;
      throw new FilterError(`${reason}: "${word}"`, position, hint);
    }
    const protocol = protocolWord(word);
    if (protocol !== undefined) {
      this.#take();
      return this.#qualified(protocol, position);
    }
    if (["src", "dst", "broadcast", "multicast", ...TYPES].includes(word)) {
      return this.#qualified(null, position);
    }
    const condition = this.#ownCondition(word, position);
    return condition === undefined ? undefined : { condition, qualifiers: null };
  }

  #ownCondition(word: string, position: number): Condition | undefined {
    if (word === "less" || word === "greater") {
      this.#take();
      return related("packet_length", word === "less" ? "<=" : ">=", this.#number(word), position);
    }
    if (word === "vlan") {
      this.#take();
      return vlan(this.#peek().kind === "number" ? this.#number(word) : null, position);
    }
    if (Object.hasOwn(WRAPPERS, word)) {
      this.#take();
      if (this.#peek().kind === "number") {
        throw new FilterError(
          `the number behind "${word}" is not recorded`,
          position,
          `Write "${word}" alone`,
        );
      }
      return related("ethertype", "=", WRAPPERS[word as keyof typeof WRAPPERS], position);
    }
    if (Object.hasOwn(DIRECTIONS, word)) {
      this.#take();
      const direction = DIRECTIONS[word as keyof typeof DIRECTIONS];
      return { kind: "direction", direction, position };
    }
    if (word === "fragment") {
      this.#take();
      return { kind: "fragment", position };
    }
    if (word !== "interface") return undefined;
    this.#take();
    const name = this.#take();
    if (name.kind !== "name") {
      const hint = 'Write it as in "interface eth0"';
      throw new FilterError('a name is missing behind "interface"', position, hint);
    }
    return { kind: "interface", name: name.text, position };
  }

  /** What follows a protocol, or stands without one: ends, type, and the name or number. */
  #qualified(protocol: Protocol | null, position: number): Part {
    const word = this.#peek();
    if (this.#isWord("broadcast") || this.#isWord("multicast")) {
      this.#take();
      const condition = toMany(word.text as "broadcast" | "multicast", protocol, position);
      return { condition, qualifiers: null };
    }
    const refused = word.kind === "name" && ["gateway", "protochain"].includes(word.text);
    if (refused) this.#primitive(word.text, word.position);
    const ends = this.#ends();
    const type = TYPES.find((one) => this.#isWord(one)) ?? null;
    if (type !== null) this.#take();
    if (ends === null && type === null) {
      return { condition: abbreviation(protocol!, position), qualifiers: null };
    }
    const qualifiers = { protocol, ends: ends ?? "either", type } as const;
    return { condition: this.#ids.id(qualifiers), qualifiers };
  }

  #ends(): Ends | null {
    const side = (word: string) => word === "src" ? "source" : "destination";
    if (!this.#isWord("src") && !this.#isWord("dst")) return null;
    const first = this.#take().text;
    const [join, second] = [this.#peek().text, this.#peek(1)];
    const isOther = this.#isWord(first === "src" ? "dst" : "src", second);
    if (!isOther || join !== "or" && join !== "and") return side(first);
    this.#take();
    this.#take();
    return join === "or" ? "either" : "both";
  }

  #number(behind: string): number {
    const token = this.#take();
    if (token.kind === "number") return token.value;
    const hint = `Write it as in "${behind} 100"`;
    throw new FilterError(`a number is missing behind "${behind}"`, token.position, hint);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #isWord(word: string, token = this.#peek()): boolean {
    return token.kind === "name" && !token.isEscaped && token.text === word;
  }

  #expect(sign: string): void {
    const token = this.#take();
    if (token.text === sign) return;
    if (token.kind === "end") throw unclosed(token.position);
    throw this.#unexpected(token);
  }

  #within<T>(position: number, parse: () => T): T {
    if (++this.#depth > DEEPEST) {
      throw new FilterError("too much is nested", position, "Use fewer parentheses");
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  #unexpected(token: Token): FilterError {
    if (token.kind === "end") {
      const last = this.#tokens.at(-2)!.text;
      const hint = `Write a condition behind "${last}", or leave it out`;
      return new FilterError("something is missing", token.position, hint);
    }
    if (token.kind === "name" && !isWord(token.text)) return unknown(token);
    const isStart = token.kind !== "sign" && this.#next > 0;
    if (isStart && !["and", "or"].includes(token.text)) {
      const hint = `Write "and ${token.text}" or "or ${token.text}"`;
      const reason = `"and" or "or" is missing before "${token.text}"`;
      return new FilterError(reason, token.position, hint);
    }
    return cannotBegin(token);
  }
}

function cannotBegin(token: Token): FilterError {
  const hint = relationSign(token) !== undefined
    ? COMPARISON_HINT
    : token.text === ")"
    ? 'Leave it out, or write the "(" that it closes'
    : token.text === "and" || token.text === "or"
    ? `Write something before it, as in "tcp ${token.text} udp"`
    : undefined;
  return new FilterError(`nothing can begin with "${token.text}"`, token.position, hint);
}

function unknown(token: Token): FilterError {
  const reason = `unknown word "${token.text}"`;
  const near = suggestion(token.text, ALL_WORDS);
  if (near !== undefined) return new FilterError(reason, token.position, near);
  // "ip.src" and the like.
  const isForeign = protocolWord(token.text.split(".", 1)[0]!) !== undefined;
  return new NoFilterError(reason, token.position, isForeign ? WORDS_OF_WIRESHARK : undefined);
}

function finished(condition: Condition | Placed): Condition {
  if (!("value" in condition)) return condition;
  throw new FilterError(
    "a comparison is missing",
    condition.position,
    'Compare the value with a number: "tcp[tcpflags] & tcp-syn != 0"',
  );
}

/** Behind the outer tag tcpdump looks for an inner one. */
function refuseSecondTag(left: readonly Condition[], right: Condition): void {
  const second = tagTest(right);
  if (second === undefined || left.every((one) => tagTest(one) === undefined)) return;
  throw new FilterError(
    'only the outer tag is recorded, so that "vlan" cannot stand twice',
    second,
    'Ask for the outer tag alone, as in "vlan 10"',
  );
}

/** Where a condition asks for a tag that must be there; undefined if it does not. */
function tagTest(condition: Condition): number | undefined {
  switch (condition.kind) {
    case "tagged":
      return condition.position;
    case "relation": {
      const { left, position } = condition;
      return left.kind === "column" && left.column === "vlan_id" ? position : undefined;
    }
    case "all":
    case "any":
      return condition.of.map(tagTest).find((position) => position !== undefined);
    default:
      return undefined;
  }
}
