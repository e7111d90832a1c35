/**
 * What becomes of the closed segments of a recording that fails.
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";

/**
 * Does `record`. What it has closed before it fails, for whatever reason, is not lost: it is kept, and
 * the error says where.
 *
 * @param output null = a stream, of which nothing can be kept
 * @throws {RunError} `record` has failed and there are segments; else its own error
 */
export async function orKeepSegments<Result>(
  output: Pick<OutputFile, "keepSegments"> | null,
  record: () => Promise<Result>,
): Promise<Result> {
  try {
    return await record();
  } catch (error) {
    const kept = output?.keepSegments();
    if (!kept || !(error instanceof Error)) throw error;
    throw new RunError(error.message, {
      hint: `What was recorded before is in "${kept}": read it with "stats -f", then remove it`,
      cause: error,
    });
  }
}
