/**
 * Errors of DuckDB, as the user of a report needs them.
 *
 * @module
 */
import { InspectorError, RunError } from "../core/errors.ts";
import { DAMAGED_HINT } from "./input_hints.ts";
import type { OpenRecording } from "./open_recording.ts";
import type { Selection } from "./selection.ts";

/** What DuckDB calls a file. */
const DESCRIPTOR = /\/proc\/self\/fd\/\d+/g;

/**
 * DuckDB's error in our words, unless it is about what is in a file.
 *
 * @returns null if it is: {@linkcode damageError} has the words then
 */
export function queryError(cause: unknown, files: readonly OpenRecording[]): unknown {
  // The answer was called off.
  if (cause instanceof InspectorError) return cause;
  const detail = detailOf(cause);
  if (detail.startsWith("Out of Memory Error")) {
    return new RunError(
      "Cannot compute the report: memory and temporary disk space do not suffice",
      {
        cause,
        hint: "Free memory, point TMPDIR to a larger disk, or name fewer files",
      },
    );
  }
  try {
    for (const file of files) file.checkUnchanged();
  } catch (error) {
    return error;
  }
  if (detail.startsWith("Permission Error")) {
    for (const { replaced } of files) if (replaced !== null) return replaced;
  }
  return null;
}

/** That a file is damaged inside. */
export function damageError(cause: unknown, files: readonly OpenRecording[]): RunError {
  const labels = new Map(files.map(({ path, input }) => [path, input.label]));
  const named = detailOf(cause).replace(DESCRIPTOR, (path) => labels.get(path) ?? path);
  const label = files.length === 1 ? files[0]!.input.label : labels.get(namedPath(cause) ?? "");
  const subject = label !== undefined
    ? `"${label}"`
    : `one of ${files.length} files, "${files[0]!.input.label}" the first`;
  return new RunError(`Cannot read ${subject}: the file is damaged: ${named}`, {
    cause,
    hint: DAMAGED_HINT,
  });
}

/** What DuckDB calls the file that its error is about; null if it does not say. */
export function namedPath(cause: unknown): string | null {
  return detailOf(cause).match(DESCRIPTOR)?.[0] ?? null;
}

/** Its first line: the rest points into our SQL. */
function detailOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0]!;
}

/**
 * DuckDB's complaint about values that the user's condition makes; null if it is another. Of this kind of
 * error those about a file name it.
 */
export async function conditionFault(
  { where }: Selection,
  cause: unknown,
): Promise<RunError | null> {
  const isAboutValues = cause instanceof Error &&
    /^(Conversion|Out of Range|Invalid Input) Error/.test(cause.message) &&
    !cause.message.includes('"/proc/self/fd/');
  if (where === null || !isAboutValues) return null;
  return (await import("./condition.ts")).conditionError(where, cause);
}
