/**
 * Names of columns where each may stand once: of two members of a JSON object that have one name,
 * readers keep one (RFC 8259, 4).
 *
 * @module
 */

/**
 * Numbers the names that are there already, as DuckDB does for tables and Parquet files: `a`, `a_1`. In
 * JSON, unlike SQL, "a" and "A" are two names.
 */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  const last = new Map<string, number>();
  return names.map((name) => {
    let distinct = name;
    for (let number = last.get(name) ?? 1; taken.has(distinct); number++) {
      distinct = `${name}_${number}`;
      last.set(name, number + 1);
    }
    taken.add(distinct);
    return distinct;
  });
}
