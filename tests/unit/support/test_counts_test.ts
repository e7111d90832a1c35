import { deepEqual, equal } from "node:assert/strict";
import {
  addCounts,
  parseDenoSummary,
  parseSummaryLine,
  summaryLine,
} from "../../support/test_counts.ts";

Deno.test("parseDenoSummary() reads passed, failed and ignored of the closing line", () => {
  const output =
    "a ... ok (1ms)\n\nFAILED | 3 passed (2 steps) | 1 failed (1 step) | 4 ignored (5ms)\n";
  deepEqual(parseDenoSummary(output), { passed: 3, failed: 1, skipped: 4 });
});

Deno.test("parseDenoSummary() reads a coloured line", () => {
  deepEqual(parseDenoSummary("\x1b[32mok\x1b[0m | 7 passed | 0 failed \x1b[90m(1s)\x1b[0m"), {
    passed: 7,
    failed: 0,
    skipped: 0,
  });
});

Deno.test("parseDenoSummary() returns null when the runner has not finished", () => {
  equal(parseDenoSummary("error: Type checking failed.\n"), null);
});

Deno.test("summaryLine() and parseSummaryLine() agree", () => {
  for (
    const counts of [{ passed: 1, failed: 0, skipped: 0 }, { passed: 0, failed: 2, skipped: 3 }]
  ) {
    deepEqual(parseSummaryLine(`x\n${summaryLine(counts)}\n`), counts);
  }
});

Deno.test("addCounts() adds each count", () => {
  deepEqual(
    addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 }),
    { passed: 11, failed: 22, skipped: 33 },
  );
});
