/**
 * What is said of input files that are not, or not wholly, in an answer.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import type { Recordings } from "../query/recordings.ts";
import { reportError } from "./error_report.ts";

/**
 * Says what was left out, and what is to be known of what was not.
 *
 * @param note takes the lines
 * @returns whether packets are missing, so that the command must not end with 0
 */
export function noteFaults(
  { skipped, findings }: Pick<Recordings, "skipped" | "findings">,
  note: (text: string) => void,
): boolean {
  for (const fault of skipped) note(reportError(fault, false).text);
  for (const { text, hint } of findings) {
    const options = hint === undefined ? {} : { hint };
    note(reportError(new RunError(text, options), false).text);
  }
  return skipped.length > 0 || findings.some(({ isFault }) => isFault);
}
