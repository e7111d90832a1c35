/**
 * Bringing files onto the disk.
 *
 * @module
 */

/** fsync(2) of a file or directory. */
export function syncPath(path: string): void {
  using file = Deno.openSync(path, { read: true });
  file.syncSync();
}
