/**
 * How much of what was recorded an answer is about.
 *
 * @module
 */
import { formatAmount, formatCount } from "../core/quantity.ts";
import type { SelectedPart } from "../reports/answer.ts";
import type { FooterLine } from "./footer_line.ts";
import { timeRange } from "./timestamp.ts";

/** `matched 360 of 83,048 packets`, and when they were recorded if that is none; null where all are. */
export async function matchedLine(selected: SelectedPart | null): Promise<FooterLine | null> {
  if (selected === null) return null;
  const { matched, total } = await selected.matched();
  const text = `matched ${formatCount(matched)} of ${formatAmount(total, "packet")}`;
  const { recordedRange: range } = selected;
  if (matched > 0n) return { text };
  const recorded = range === null ? "" : `; recorded: ${timeRange(range.first, range.last)}`;
  return { text: `${text}${recorded}`, isWarning: true };
}
