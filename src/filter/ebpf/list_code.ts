/**
 * Long lists of values for one field, as a search that halves the list at every step: 64 hosts are
 * found in seven comparisons.
 *
 * @module
 */
import type { Condition, NumberColumn, Side } from "../tree.ts";
import type { Assembler, Exits } from "./assembler.ts";
import { jumpIf, load, operate } from "./instructions.ts";
import {
  addressOffset,
  columnFacts,
  type Facts,
  fieldPlace,
  IS_IPV4,
  provesItself,
} from "./record_fields.ts";

/** Shorter lists are compared one by one, which takes no longer. */
const SEARCHED_FROM = 4;

/** Values of which a field has to be one. */
export interface WantedList {
  readonly offset: number;
  readonly size: 1 | 2 | 4;
  /** Bits that count. */
  readonly mask: number;
  /** As they lie in the record. */
  readonly values: readonly number[];
  /** What must be true besides. */
  readonly facts: Facts;
}

/** One value. */
interface WantedValue extends Omit<WantedList, "values"> {
  readonly value: number;
}

/** The lists among alternatives, and the alternatives that belong to none. */
export function wantedLists(
  conditions: readonly Condition[],
): { lists: WantedList[]; others: Condition[] } {
  const groups = new Map<
    string,
    { readonly one: WantedValue; readonly values: number[]; readonly conditions: Condition[] }
  >();
  const others: Condition[] = [];
  for (const condition of conditions) {
    const one = wantedOne(condition);
    if (one === undefined) {
      others.push(condition);
      continue;
    }
    const key = `${one.offset} ${one.mask} ${one.facts}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, { one, values: [one.value], conditions: [condition] });
    } else {
      group.values.push(one.value);
      group.conditions.push(condition);
    }
  }
  const lists: WantedList[] = [];
  for (const { one: { offset, size, mask, facts }, values, conditions } of groups.values()) {
    if (isSearched(values)) lists.push({ offset, size, mask, facts, values });
    else others.push(...conditions);
  }
  return { lists, others };
}

/** Whether a list is long enough. */
function isSearched(values: readonly number[]): boolean {
  return values.length >= SEARCHED_FROM;
}

function wantedOne(condition: Condition): WantedValue | undefined {
  if (condition.kind === "address") {
    const { side, bytes, bits } = condition;
    if (bytes.length !== 4 || bits === 0) return undefined;
    const mask = inMemory(bits === 32 ? 0xffff_ffff : ~(0xffff_ffff >>> bits) >>> 0);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    const value = inMemory(number);
    return { offset: addressOffset("ip", side as Side), size: 4, mask, value, facts: IS_IPV4 };
  }
  if (condition.kind !== "relation" || condition.operator !== "=") return undefined;
  const { left, right } = condition;
  if (left.kind !== "column" || right.kind !== "constant") return undefined;
  if (left.column === "ip_version" || left.column === "dscp") return undefined;
  const { offset, size } = fieldPlace(left.column as Exclude<NumberColumn, "ip_version">);
  const isProof = provesItself(left.column) && right.value !== 0;
  const facts = isProof ? 0 : columnFacts(left.column);
  if (right.value >= 2 ** (8 * size)) return undefined;
  return { offset, size, mask: 2 ** (8 * size) - 1, value: right.value, facts };
}

/** The number that a little-endian machine loads where `value` lies in network order. */
function inMemory(value: number): number {
  return (value >>> 24 | value >>> 8 & 0xff00 | (value & 0xff00) << 8 | value << 24) >>> 0;
}

/** Looks for the field among the values; `demand` adds the code that asks for the facts. */
export function searchList(
  code: Assembler,
  list: WantedList,
  exits: Exits,
  demand: () => void,
): void {
  demand();
  code.add(load(0, 1, list.offset, list.size));
  if (list.mask !== 2 ** (8 * list.size) - 1) code.add(operate("&", 0, list.mask));
  const values = [...new Set(list.values)].sort((a, b) => a - b);
  search(code, values, exits);
}

function search(code: Assembler, values: readonly number[], { yes, no, next }: Exits): void {
  if (values.length < SEARCHED_FROM) {
    for (const [index, value] of values.entries()) {
      const isLast = index === values.length - 1;
      if (isLast && next === yes) code.jump(jumpIf("!=", 0, value), no);
      else code.jump(jumpIf("=", 0, value), yes);
    }
    if (next !== yes) code.goto(no, next);
    return;
  }
  const middle = values.length >> 1;
  const upper = code.label();
  code.jump(jumpIf(">=", 0, values[middle]!), upper);
  search(code, values.slice(0, middle), { yes, no, next: upper });
  code.place(upper);
  search(code, values.slice(middle), { yes, no, next });
}
