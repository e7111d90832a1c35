/**
 * Processes, threads and descriptors that end while they are looked at, in /proc.
 *
 * @module
 */

/**
 * Whether a read failed because its subject has gone: its name in /proc (ENOENT), or, once the file was open,
 * the process itself (ESRCH, 3, for which the runtime has no class of its own).
 */
export function hasGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && /\(os error 3\)/.test(error.message));
}
