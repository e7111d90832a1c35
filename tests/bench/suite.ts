/**
 * What a suite is: a set of variants that are measured side by side.
 *
 * @module
 */
import { type Spread, spread } from "./statistics.ts";

/** What a suite gets to work with. */
export interface BenchContext {
  /** Compiled object of the benchmark's programs. */
  readonly object: string;
  /** On a local disk; removed after the run. */
  readonly directory: string;
  /** Longer, with more runs. */
  readonly full: boolean;
  /** Tells that something goes on. */
  progress(what: string): void;
}

/** One figure of one variant. */
export interface Figure extends Spread {
  readonly unit: string;
}

/** One line of a suite's table. */
export interface Row {
  readonly variant: string;
  /** By column name, in the same order in all rows of a suite. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Why there are no figures, or what to know about them. */
  readonly note?: string;
}

/** What a suite has found. */
export interface SuiteResult {
  readonly rows: readonly Row[];
  /** Ratios and other conclusions, one a line. */
  readonly conclusions: readonly string[];
}

/** A set of variants that are measured side by side. */
export interface Suite {
  readonly name: string;
  /** What is measured and how, for the reader of the table. */
  readonly what: string;
  /** Whether only `--full` or `--suite` runs it. */
  readonly fullOnly?: boolean;
  run(context: BenchContext): Promise<SuiteResult>;
}

/** The row of a tool that is not there. */
export function notInstalled(variant: string): Row {
  return { variant, figures: {}, note: "not installed" };
}

/** The figure of several runs' values. */
export function figure(values: readonly number[], unit: string): Figure {
  return { ...spread(values), unit };
}

/** Figures of several runs of one variant. `columns` names a unit and picks a value out of a run. */
export function figures<Run>(
  runs: readonly Run[],
  columns: Readonly<Record<string, readonly [unit: string, value: (run: Run) => number]>>,
): Record<string, Figure> {
  return Object.fromEntries(
    Object.entries(columns).map(([name, [unit, value]]) => [name, figure(runs.map(value), unit)]),
  );
}

/** `1.52x`. */
export function ratio(numerator: number, denominator: number): string {
  if (denominator === 0) return "-";
  const value = numerator / denominator;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 3 : 2)}x`;
}
