/**
 * Bringing files onto the disk.
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";

/**
 * fsync(2) of a file or directory.
 *
 * @throws {RunError} if it cannot be opened or brought onto the disk
 */
export function syncPath(path: string): void {
  try {
    using file = Deno.openSync(path, { read: true });
    file.syncSync();
  } catch (cause) {
    throw new RunError(`Cannot bring "${path}" onto the disk: ${systemReason(cause)}`, { cause });
  }
}
