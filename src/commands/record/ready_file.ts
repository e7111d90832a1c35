/**
 * The file that tells a waiting script that everything is attached.
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";

/**
 * Removes an old ready file: it would tell a waiting script that this recording has begun.
 *
 * @param path null = none was asked for
 * @throws {RunError} it cannot be removed
 */
export function removeReadyFile(path: string | null): void {
  if (path === null) return;
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw readyFileError(path, error);
  }
}

/**
 * Writes the process id into a new file. What somebody has put there in between is not followed.
 *
 * @param path null = none was asked for
 * @throws {RunError} it cannot be created, or is there
 */
export function writeReadyFile(path: string | null): void {
  if (path === null) return;
  try {
    Deno.writeTextFileSync(path, `${Deno.pid}\n`, { createNew: true });
  } catch (error) {
    throw readyFileError(path, error);
  }
}

function readyFileError(path: string, error: unknown): RunError {
  return new RunError(`Cannot create the ready file "${path}": ${systemReason(error)}`, {
    hint: "Name a file in a directory that exists and can be written to",
    cause: error,
  });
}
