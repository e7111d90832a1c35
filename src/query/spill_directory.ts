/**
 * Where DuckDB puts what memory has no room for. A file system that lives in memory is no help: it
 * would fill the memory that ran out.
 *
 * @module
 */
import { accessSync, constants, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/** TMPFS_MAGIC and RAMFS_MAGIC of include/uapi/linux/magic.h. */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Kept across restarts, so never in memory: Filesystem Hierarchy Standard 3.0, 5.15. */
const DISK_DIRECTORY = "/var/tmp";

/** A report takes at most this share of the room that is left. */
const SHARE = 0.5;

/** A directory to spill into. */
export interface SpillPlace {
  readonly directory: string;
  /** The most that may be spilled. */
  readonly bytes: number;
}

/**
 * Finds a place on a disk: that of TMPDIR, else `/var/tmp`.
 *
 * @returns null if there is none, so that nothing may be spilled
 */
export function spillPlace(
  directories: readonly string[] = [tmpdir(), DISK_DIRECTORY],
  statfs: (path: string) => { type: number; bavail: number; bsize: number } = statfsSync,
): SpillPlace | null {
  for (const directory of directories) {
    try {
      const { type, bavail, bsize } = statfs(directory);
      if (IN_MEMORY.has(type >>> 0)) continue;
      accessSync(directory, constants.W_OK | constants.X_OK);
      return { directory, bytes: Math.floor(bavail * bsize * SHARE) };
    } catch {
      // Not there, or not ours to write to.
    }
  }
  return null;
}
