import assert from "node:assert/strict";
import { recordedSpans } from "../../../../src/render/page/recorded_spans.ts";
import { LOSS } from "../../../../src/reports/loss.ts";

type Span = readonly [from: bigint | null, to: bigint | null, lost?: bigint];

function spansOf(spans: readonly Span[], least = 1n) {
  const rows = spans.map(([recording_start, recording_end, packets_dropped = 0n]) => {
    const values: Record<string, bigint | null> = {
      recording_start,
      recording_end,
      packets_dropped,
    };
    return LOSS.columns.map(({ name }) => values[name] ?? null);
  });
  return recordedSpans(rows, LOSS.columns, least);
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

Deno.test("recordedSpans() marks each recording that lost something once", () => {
  const spans: Span[] = [[0n, 10n, 3n], [0n, 10n, 4n], [10n, 20n], [null, null, 2n]];
  assert.deepEqual(spansOf(spans).losses, [{ from: 0n, to: 10n }]);
});
