/**
 * Refusals for lack of privilege, in words that say what to do.
 *
 * @module
 */

import { UnsupportedError } from "../src/core/errors.ts";
import { ERRNO, SystemError } from "./errno.ts";

const HINT = "Run it with sudo, or give the process CAP_BPF and CAP_NET_ADMIN (CAP_PERFMON too " +
  "where the kernel asks for it)";

/** Bit numbers of capabilities: `include/uapi/linux/capability.h`. */
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;

/**
 * Whether the verifier treats this process as one that may not see kernel addresses, and so refuses
 * programs that it accepts otherwise. CAP_SYS_ADMIN includes CAP_PERFMON
 * (`include/linux/capability.h`, `perfmon_capable`).
 */
export function lacksPerfmon(): boolean {
  const status = Deno.readTextFileSync("/proc/self/status");
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return (effective & (1n << CAP_PERFMON | 1n << CAP_SYS_ADMIN)) === 0n;
}

/** The error for something that was refused for lack of privilege. */
export function privilegeError(cause: SystemError): UnsupportedError {
  return new UnsupportedError(`Cannot ${cause.operation}: permission denied (${cause.code})`, {
    hint: HINT,
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
