/**
 * What a test runner counted, read from its closing line.
 *
 * @module
 */

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(one: Counts, other: Counts): Counts {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** `N passed, N failed`, and `, N skipped` unless that is 0. */
export function summaryLine(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}

/**
 * Reads the closing line of `deno test`, such as
 * `FAILED | 3 passed (2 steps) | 1 failed | 1 ignored (15ms)`.
 *
 * @returns null when `output` has no such line
 */
export function parseDenoSummary(output: string): Counts | null {
  const closing = output.split("\n").map(withoutColor)
    .findLast((line) => /^(ok|FAILED) \| /.test(line));
  if (closing === undefined) return null;
  const count = (word: string) => Number(new RegExp(`\\| (\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

/** Reads our own closing line (see {@linkcode summaryLine}) at the end of `output`. */
export function parseSummaryLine(output: string): Counts | null {
  const found = output.split("\n").map(withoutColor).map((line) =>
    /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line)
  ).findLast((match) => match !== null);
  if (!found) return null;
  return { passed: Number(found[1]), failed: Number(found[2]), skipped: Number(found[3] ?? 0) };
}

function withoutColor(line: string): string {
  // deno-lint-ignore no-control-regex
  return line.replaceAll(/\x1b\[[0-9;]*m/g, "");
}
