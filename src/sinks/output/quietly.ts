/**
 * Calls whose failure is no failure of what they belong to.
 *
 * @module
 */
import { SystemError } from "../../../ffi/mod.ts";

/** @returns whether the system did it; what it refuses is not told, a defect is thrown */
export function quietly(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return false;
  }
}
