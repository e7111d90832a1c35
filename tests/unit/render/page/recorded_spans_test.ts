import assert from "node:assert/strict";
import { recordedSpans } from "../../../../src/render/page/recorded_spans.ts";
import { LOSS } from "../../../../src/reports/loss.ts";
import { defaultChoices, tableOf, type TableReport } from "../../../../src/reports/report.ts";

type Span = readonly [from: bigint | null, to: bigint | null];

/** Rows of a report that have these times, and nothing else. */
function rowsOf(report: TableReport, start: string, end: string, spans: readonly Span[]) {
  const { columns } = tableOf(report, {
    ...defaultChoices(report),
    by: start === "loss_start" ? { name: "time", argument: [] } : null,
  });
  const rows = spans.map(([from, to]) => {
    const values: Record<string, bigint | null> = { [start]: from, [end]: to };
    return columns.map(({ name }) => values[name] ?? null);
  });
  return { rows, columns };
}

function spansOf(spans: readonly Span[], least = 1n, losses: readonly Span[] = []) {
  return recordedSpans(
    rowsOf(LOSS, "recording_start", "recording_end", spans),
    rowsOf(LOSS, "loss_start", "loss_end", losses),
    least,
  );
}

Deno.test("recordedSpans() finds the gaps between recordings, in whatever order", () => {
  const spans: Span[] = [[50n, 60n], [0n, 10n], [5n, 30n], [60n, 70n]];
  assert.deepEqual(spansOf(spans).gaps, [{ from: 30n, to: 50n }]);
});

Deno.test("recordedSpans() leaves out gaps that are shorter than asked for", () => {
  const spans: Span[] = [[0n, 10n], [19n, 30n], [40n, 50n]];
  assert.deepEqual(spansOf(spans, 10n).gaps, [{ from: 30n, to: 40n }]);
});

Deno.test("recordedSpans() knows no gap where a file does not say when it was recorded", () => {
  assert.deepEqual(spansOf([[0n, 10n], [50n, 60n], [null, null]]).gaps, []);
});

Deno.test("recordedSpans() marks times of loss, those that follow each other as one", () => {
  const losses: Span[] = [[30n, 40n], [0n, 10n], [0n, 10n], [10n, 20n], [null, null], [44n, 50n]];
  assert.deepEqual(spansOf([[0n, 100n]], 5n, losses).losses, [
    { from: 0n, to: 20n },
    { from: 30n, to: 50n },
  ]);
});
