/**
 * Signals that whoever started the process wants to be ignored.
 *
 * @module
 */

/** Number of SIGHUP, signal(7). */
const SIGHUP_NUMBER = 1n;

/**
 * Whether a process was started with SIGHUP ignored.
 *
 * @param status text of `/proc/<pid>/status` (proc_pid_status(5), field `SigIgn`, bit n-1 is signal n)
 */
export function ignoresHangup(status: string): boolean {
  const ignored = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/mi.exec(status)?.[1] ?? "0"}`);
  return (ignored >> (SIGHUP_NUMBER - 1n) & 1n) === 1n;
}
