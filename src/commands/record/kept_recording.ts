/**
 * What is left of a recording that fails.
 *
 * @module
 */
import { firstError, RunError } from "../../core/errors.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";

/**
 * Keeps what a failed recording has closed, whatever it failed by, and makes the error say where.
 *
 * @param output null when there is no file
 * @returns the error to throw: the one that came first, in the user's words
 */
export function keepRecording(
  thrown: unknown,
  output: Pick<OutputFile, "explain" | "keepSegments"> | null,
): unknown {
  const first = firstError(thrown);
  if (output === null || !(first instanceof Error)) return first;
  const error = output.explain(first);
  const kept = output.keepSegments();
  if (kept === null) return error;
  return new RunError(error.message, {
    hint: `What was recorded before is in "${kept}": make a file of it by "xdp-inspector recover"`,
    cause: error,
  });
}
