/**
 * Alternatives that have a condition in common, with it taken out: `tcp port 80 or 443` asks once for
 * TCP, and for the ports by one list.
 *
 * @module
 */
import { all, type Condition, joined } from "./tree.ts";

/** The same condition, with what is common taken out wherever that is possible. */
export function factored(condition: Condition): Condition {
  switch (condition.kind) {
    case "not":
      return { kind: "not", of: factored(condition.of) };
    case "all":
      return joined("all", condition.of.map(factored));
    case "any":
      return alternatives(joined("any", condition.of.map(factored)));
    default:
      return condition;
  }
}

function alternatives(condition: Condition): Condition {
  if (condition.kind !== "any") return condition;
  const parts = condition.of.map((part) => {
    const conjuncts = part.kind === "all" ? part.of : [part];
    return { part, conjuncts: conjuncts.map((one) => ({ one, key: keyOf(one) })) };
  });
  const common = mostCommon(parts.map(({ conjuncts }) => conjuncts.map(({ key }) => key)));
  if (common === undefined) return condition;
  const sharing = parts.filter(({ conjuncts }) => conjuncts.some(({ key }) => key === common));
  const rests = sharing.map(({ conjuncts }) =>
    all(...conjuncts.filter(({ key }) => key !== common).map(({ one }) => one))
  );
  const [first] = sharing;
  const index = first!.conjuncts.findIndex(({ key }) => key === common);
  const shared = first!.conjuncts[index]!.one;
  // Where nothing else is asked for, the common condition is enough.
  const isEnough = rests.some((rest) => rest.kind === "all" && rest.of.length === 0);
  const rest = alternatives(joined("any", rests));
  const merged = isEnough ? shared : index === 0 ? all(shared, rest) : all(rest, shared);
  const others = parts.filter((part) => !sharing.includes(part)).map(({ part }) => part);
  return alternatives(joined("any", [merged, ...others]));
}

/** The key that most of the lists have, if at least two have one. */
function mostCommon(lists: readonly (readonly string[])[]): string | undefined {
  const counts = new Map<string, number>();
  for (const key of lists.flatMap((keys) => [...new Set(keys)])) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most !== undefined && most[1] > 1 ? most[0] : undefined;
}

const keys = new WeakMap<Condition, string>();

/** Equal for conditions that are equal but for their places in the text. */
function keyOf(condition: Condition): string {
  let key = keys.get(condition);
  if (key === undefined) {
    key = "position" in condition
      ? JSON.stringify({ ...condition, position: 0 })
      : condition.kind === "not"
      ? `not ${keyOf(condition.of)}`
      : `${condition.kind}(${condition.of.map(keyOf).join()})`;
    keys.set(condition, key);
  }
  return key;
}
