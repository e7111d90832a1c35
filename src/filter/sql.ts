/**
 * A filter as a condition of SQL over the columns of a recording.
 *
 * Where a packet lacks a column, SQL says neither true nor false, and "not" leaves that as it is. So
 * every "not" is carried down to the single tests, where it becomes IS NOT TRUE. What is left above them
 * is AND and OR: those come to true with an unknown part exactly when they do with a false one.
 *
 * @module
 */
import { ipv4Text, ipv6Text } from "../contract/address_text.ts";
import { factored } from "./factored.ts";
import { addressSql, textLiteral } from "./sql_addresses.ts";
import { ipv6Digits } from "./sql_ipv6_digits.ts";
import type { Condition, Side, Test, Value } from "./tree.ts";

/** 2^32: numbers wrap around there. */
const WRAP = "4294967296";

/** Several tests that are one condition of SQL. */
interface Leaf {
  readonly sql: string;
}

/** The condition; a packet for which it is not true, but NULL perhaps, does not match. */
export function filterSql(condition: Condition): string {
  return sqlOf(factored(condition), true);
}

function sqlOf(condition: Condition, isWanted: boolean): string {
  switch (condition.kind) {
    case "not":
      return sqlOf(condition.of, !isWanted);
    case "all":
    case "any": {
      const parts = condition.kind === "any" ? merged(condition.of) : condition.of;
      const join = (condition.kind === "all") === isWanted ? "AND" : "OR";
      if (parts.length === 0) return join === "AND" ? "true" : "false";
      return `(${parts.map((part) => partSql(part, isWanted)).join(` ${join} `)})`;
    }
    default:
      return partSql({ sql: testSql(condition) }, isWanted);
  }
}

function partSql(part: Condition | Leaf, isWanted: boolean): string {
  if (!("sql" in part)) return sqlOf(part, isWanted);
  return isWanted ? part.sql : `((${part.sql}) IS NOT TRUE)`;
}

/** Alternatives, of which those that ask for a value of the same column are one list. */
function merged(conditions: readonly Condition[]): (Condition | Leaf)[] {
  const lists = new Map<string, string[]>();
  const others: Condition[] = [];
  for (const condition of conditions) {
    const wanted = wantedValue(condition);
    if (wanted === undefined) {
      others.push(condition);
      continue;
    }
    const list = lists.get(wanted.column);
    if (list === undefined) lists.set(wanted.column, [wanted.literal]);
    else list.push(wanted.literal);
  }
  const leaves = [...lists].map(([column, literals]) => ({
    sql: literals.length === 1
      ? `${column} = ${literals[0]}`
      : `${column} IN (${literals.join(", ")})`,
  }));
  return [...leaves, ...others];
}

/** The column and its value, if that is all that is asked. */
function wantedValue(condition: Condition): { column: string; literal: string } | undefined {
  if (condition.kind === "mac") {
    return { column: `${condition.side}_mac`, literal: textLiteral(macText(condition.bytes)) };
  }
  if (condition.kind === "address") {
    if (condition.bits < 8 * condition.bytes.length) return undefined;
    return { column: `${condition.side}_ip`, literal: textLiteral(ipText(condition.bytes)) };
  }
  if (condition.kind !== "relation" || condition.operator !== "=") return undefined;
  const { left, right } = condition;
  if (left.kind !== "column" || left.column === "traffic_class") return undefined;
  return right.kind === "constant"
    ? { column: left.column, literal: String(right.value) }
    : undefined;
}

function testSql(test: Test): string {
  switch (test.kind) {
    case "relation": {
      // As it stands in the file: DuckDB can compare that with the statistics of a row group.
      const isPlain = (value: Value) =>
        value.kind === "column" && value.column !== "traffic_class" || value.kind === "constant";
      const arePlain = isPlain(test.left) && isPlain(test.right);
      const plain = (value: Value) => {
        if (!arePlain) return valueSql(value);
        return value.kind === "column" ? value.column : String((value as { value: number }).value);
      };
      const operator = test.operator === "!=" ? "<>" : test.operator;
      return `${plain(test.left)} ${operator} ${plain(test.right)}`;
    }
    case "address":
      return addressSql(`${test.side}_ip`, test);
    case "mac":
      return `${test.side}_mac = ${textLiteral(macText(test.bytes))}`;
    case "tagged":
      return "vlan_id IS NOT NULL";
    case "fragment":
      return "is_fragment";
    case "direction":
      return `direction = ${textLiteral(test.direction)}`;
    case "interface":
      return `interface = ${textLiteral(test.name)}`;
  }
}

/** A number of 64 bits whose upper half is 0; NULL if the packet lacks a column. */
function valueSql(value: Value): string {
  switch (value.kind) {
    case "constant":
      return `${value.value}::UBIGINT`;
    case "column":
      return value.column === "traffic_class"
        ? "(dscp::UBIGINT * 4 + ecn::UBIGINT)"
        : `${value.column}::UBIGINT`;
    case "bytes":
      return bytesSql(value);
    case "computed":
      return computedSql(value);
  }
}

function bytesSql({ address, side, offset, size }: Value & { kind: "bytes" }): string {
  const number = (digits: string) => `TRY_CAST('0x' || ${digits} AS UBIGINT)`;
  if (address === "mac") {
    const digits = Array.from(
      { length: size },
      (_, index) => `substr(${side}_mac, ${3 * (offset + index) + 1}, 2)`,
    );
    return number(digits.join(" || "));
  }
  if (address === "ipv6") {
    return number(`substr(${ipv6Digits(ipColumn(side))}, ${2 * offset + 1}, ${2 * size})`);
  }
  const octets = Array.from({ length: size }, (_, index) => {
    const octet = `split_part(${ipColumn(side)}, '.', ${offset + index + 1})`;
    return `TRY_CAST(${octet} AS UBIGINT) * ${256 ** (size - 1 - index)}`;
  });
  return `(${octets.join(" + ")})`;
}

function ipColumn(side: Side): string {
  return `${side}_ip`;
}

function computedSql({ operator, left, right }: Value & { kind: "computed" }): string {
  const [a, b] = [valueSql(left), valueSql(right)];
  switch (operator) {
    case "+":
      return `((${a} + ${b}) % ${WRAP}::UBIGINT)`;
    case "-":
      return `((${a} + ${WRAP}::UBIGINT - ${b}) % ${WRAP}::UBIGINT)`;
    case "*":
      return `((${a} * ${b}) % ${WRAP}::UBIGINT)`; // two numbers of 32 bits: no more than 64
    case "/":
      return `(${a} // ${b})`;
    case "%":
    case "&":
    case "|":
      return `(${a} ${operator} ${b})`;
    case "^":
      return `xor(${a}, ${b})`;
    case "<<":
    case ">>":
      return shiftSql(operator, a, right.kind === "constant" ? right.value : 0);
  }
}

function shiftSql(operator: "<<" | ">>", value: string, bits: number): string {
  if (bits > 31) return `(${value} * 0)`;
  const factor = `${2 ** bits}::UBIGINT`;
  return operator === ">>"
    ? `(${value} // ${factor})`
    : `((${value} * ${factor}) % ${WRAP}::UBIGINT)`;
}

function macText(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** As it stands in a recording. */
function ipText(bytes: readonly number[]): string {
  const view = new DataView(new Uint8Array(bytes).buffer);
  if (bytes.length === 4) return ipv4Text(view.getUint32(0, true));
  return ipv6Text([0, 4, 8, 12].map((offset) => view.getUint32(offset, true)));
}
