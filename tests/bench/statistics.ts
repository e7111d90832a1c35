/**
 * Repeated measurements: what several runs of the same thing say together.
 *
 * @module
 */

/** Median and extremes of several runs. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/** @throws {RangeError} if there is no value */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  if (sorted.length === 0) throw new RangeError("Cannot take the median of nothing");
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    min: sorted[0]!,
    max: sorted.at(-1)!,
    runs: sorted.length,
  };
}

/**
 * Runs every variant once in each of `rounds` rounds, one round in the given order and the next one
 * backwards, so that what the machine does meanwhile hits all of them alike.
 *
 * @returns the results of each variant, in order of the variants
 */
export async function interleave<Variant, Result>(
  variants: readonly Variant[],
  rounds: number,
  measure: (variant: Variant, round: number) => Result | Promise<Result>,
): Promise<Result[][]> {
  const results: Result[][] = variants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...variants.keys()];
    if (round % 2 === 1) order.reverse();
    for (const index of order) results[index]!.push(await measure(variants[index]!, round));
  }
  return results;
}
