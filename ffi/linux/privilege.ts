/**
 * Refusals for lack of privilege, in words that say what to do.
 *
 * @module
 */

import { ownMissingCapabilities } from "../../src/core/capabilities.ts";
import { ownConfinement, refusalHint } from "../../src/core/confinement.ts";
import { UnsupportedError } from "../../src/core/errors.ts";
import { ERRNO, SystemError } from "./errno.ts";

/**
 * Whether the verifier treats this process as one that may not see kernel addresses, and so refuses
 * programs that it accepts otherwise.
 */
export function lacksPerfmon(): boolean {
  return ownMissingCapabilities().includes("CAP_PERFMON");
}

/** The error for something that was refused for lack of privilege. */
export function privilegeError(cause: SystemError): UnsupportedError {
  return new UnsupportedError(`Cannot ${cause.operation}: permission denied (${cause.code})`, {
    hint: refusalHint(ownConfinement()),
    cause,
  });
}

/**
 * The result of a libbpf function, if it is not negative.
 *
 * @throws {UnsupportedError} if the kernel refused it for lack of privilege
 * @throws {SystemError} on every other error
 */
export function checkPrivileged(operation: string, result: number): number {
  if (result >= 0) return result;
  const error = new SystemError(operation, -result);
  const refused = error.errno === ERRNO.EPERM || error.errno === ERRNO.EACCES;
  throw refused ? privilegeError(error) : error;
}
