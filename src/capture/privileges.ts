/**
 * The first check of a recording.
 *
 * @module
 */
import { ownMissingCapabilities, PRIVILEGE_HINT } from "../core/capabilities.ts";
import { UnsupportedError } from "../core/errors.ts";

/**
 * @throws {UnsupportedError} if this process cannot load and attach programs
 */
export function requireCapabilities(): void {
  const missing = ownMissingCapabilities();
  if (missing.length === 0) return;
  throw new UnsupportedError(
    `Cannot record without privilege: ${missing.join(", ")} missing`,
    { hint: PRIVILEGE_HINT },
  );
}
