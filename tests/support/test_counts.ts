/**
 * What a test runner counted, read from its JUnit report.
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
 * Adds up the suites of a report that `deno test --junit-path` wrote. Steps of a test count as tests.
 *
 * @param report text of the file; in it no value of an attribute holds a raw quotation mark
 */
export function parseJunit(report: string): Counts {
  const counts = [...report.matchAll(/<testsuite ([^>]*)>/g)].map(([, attributes = ""]): Counts => {
    const count = (name: string) =>
      Number(new RegExp(`\\b${name}="(\\d+)"`).exec(attributes)?.[1] ?? 0);
    const failed = count("failures") + count("errors");
    const skipped = count("disabled");
    return { passed: count("tests") - failed - skipped, failed, skipped };
  });
  return counts.reduce(addCounts, NO_COUNTS);
}
