/**
 * How many rows DuckDB expects to read for a query. Its progress counts expected rows of all steps of the
 * plan, most of which take no time; those that are read out of files come first and take nearly all of it.
 *
 * @module
 */

/** One step of a plan, as `EXPLAIN (FORMAT json)` tells it. */
interface PlanStep {
  readonly name?: unknown;
  readonly extra_info?: { readonly "Estimated Cardinality"?: unknown };
  readonly children?: readonly PlanStep[];
}

/** What a plan reads out of files. */
export interface ScannedRows {
  /** By DuckDB's estimate, at least 1. */
  readonly expected: number;
  /** How many times files are read. */
  readonly scans: number;
}

/** @returns null if the plan reads no recording, or cannot be understood */
export function scannedRows(plan: string): ScannedRows | null {
  let expected = 0;
  let scans = 0;
  const visit = (step: PlanStep) => {
    if (step.name === "READ_PARQUET") {
      scans++;
      expected += Number(step.extra_info?.["Estimated Cardinality"]);
    }
    step.children?.forEach(visit);
  };
  try {
    (JSON.parse(plan) as PlanStep[]).forEach(visit);
  } catch {
    return null;
  }
  return expected >= 1 ? { expected, scans } : null;
}
