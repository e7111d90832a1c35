/**
 * The order of the rows of a live view. There may be tens of thousands, of which a screen shows a few: only
 * those are sorted.
 *
 * @module
 */
import { type LiveRow, sumOf } from "./live_history.ts";

/** What rows can be sorted by: one of the windows, the largest first, or their names. */
export const SORTS = ["2 s", "10 s", "40 s", "name"] as const;

export type Sort = (typeof SORTS)[number];

/** Says which of two comes first, as for `Array.sort()`; never 0 for two that are not the same. */
export type Order<T> = (a: T, b: T) => number;

/** More are sorted all at once, which is quicker then. */
const FEW = 256;

/** Rows that are alike by their names. */
export function orderOf(sort: Sort, unit: "bytes" | "packets"): Order<LiveRow> {
  const byName: Order<LiveRow> = (a, b) => a.label < b.label ? -1 : a.label > b.label ? 1 : 0;
  if (sort === "name") return byName;
  const window = SORTS.indexOf(sort);
  return (a, b) => sumOf(b, window, unit) - sumOf(a, window, unit) || byName(a, b);
}

/** The first `count` of them, in their order. */
export function firstOf<T>(all: Iterable<T>, count: number, order: Order<T>): T[] {
  if (count > FEW) return [...all].sort(order).slice(0, count);
  const first: T[] = [];
  for (const one of all) {
    if (first.length === count && (count === 0 || order(one, first[count - 1]!) > 0)) continue;
    let low = 0;
    for (let high = first.length; low < high;) {
      const middle = low + high >>> 1;
      if (order(first[middle]!, one) < 0) low = middle + 1;
      else high = middle;
    }
    first.splice(low, 0, one);
    if (first.length > count) first.pop();
  }
  return first;
}

/** How many come before this one. */
export function rankOf<T>(one: T, all: Iterable<T>, order: Order<T>): number {
  let rank = 0;
  for (const other of all) if (order(other, one) < 0) rank++;
  return rank;
}
