/**
 * The first check of a recording.
 *
 * @module
 */
import { ownConfinement, refusalHint } from "../core/confinement.ts";
import { UnsupportedError } from "../core/errors.ts";

/**
 * @throws {UnsupportedError} if this process cannot load and attach programs
 */
export function requireCapabilities(): void {
  const confinement = ownConfinement();
  const missing = confinement.missingCapabilities;
  if (missing.length === 0) return;
  throw new UnsupportedError(
    `Cannot record without privilege: ${missing.join(", ")} missing`,
    { hint: refusalHint(confinement) },
  );
}
