/**
 * Suggestions for names that were probably mistyped: interfaces, commands, flags.
 *
 * @module
 */

/** More suggestions than these help nobody. */
const MAX_SUGGESTIONS = 3;

/**
 * Edit distance with adjacent transpositions ("optimal string alignment"): the number of
 * insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
 */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
      );
      if (
        row > 1 && column > 1 && from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1]
      ) {
        best = Math.min(best, at(beforePrevious, column - 2) + 1);
      }
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

/**
 * The candidates that `name` probably stands for, nearest first, at most three. Near is: one edit
 * for every three letters, or the start of the candidate. Case does not count.
 */
export function nearNames(name: string, candidates: readonly string[]): string[] {
  const wanted = name.toLowerCase();
  // Arguments can be megabytes long; names cannot, and the distance costs their product.
  if (wanted === "" || wanted.length > 64) return [];
  const allowed = Math.max(1, Math.floor(wanted.length / 3));
  return candidates
    .map((candidate) => {
      const text = candidate.toLowerCase();
      const distance = editDistance(wanted, text);
      const isStart = wanted.length > 1 && text.startsWith(wanted);
      return { candidate, distance, near: distance <= allowed || isStart };
    })
    .filter(({ near, distance, candidate }) => near && distance < candidate.length)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ candidate }) => candidate);
}

/**
 * A hint that offers the near candidates, `Did you mean "eth0"?`.
 *
 * @returns undefined if nothing is near.
 */
export function suggestion(name: string, candidates: readonly string[]): string | undefined {
  const near = nearNames(name, candidates).map((candidate) => `"${candidate}"`);
  if (near.length === 0) return undefined;
  return `Did you mean ${near.join(" or ")}?`;
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}
