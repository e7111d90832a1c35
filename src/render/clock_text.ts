/**
 * What was done to the clock of the machine, in words.
 *
 * @module
 */
import type { ClockChange } from "../contract/clock_change.ts";
import { formatDuration } from "../core/quantity.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";

/** `the clock was set back by 1.0 s at 2026-11-23 13:54:10.000 UTC: the recorded times do not follow`. */
export function clockChangeText({ kind, atNs, byNs }: ClockChange): string {
  const at = `${isoFromNanoseconds(atNs).slice(0, 23).replace("T", " ")} UTC`;
  // What it is measured with is less exact than the rest.
  const length = formatDuration(Math.round(Math.abs(Number(byNs)) / 1e7) / 100);
  if (kind === "slept") return `the machine slept for ${length} until ${at}: nothing was recorded`;
  const way = byNs < 0n ? "back" : "forward";
  return `the clock was set ${way} by ${length} at ${at}: the recorded times do not follow`;
}
