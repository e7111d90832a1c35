/**
 * What to do about a failure that the operating system reported. One place for all of them, so that a
 * message that passes on the system's reason needs no hint of its own.
 *
 * @module
 */

/** Next steps by the name of the error: errno(3). */
const HINTS: Readonly<Record<string, string>> = {
  ENOENT: "Check the name, and that the directory is there",
  ENOTDIR: "Check the name: a part of it is no directory",
  EISDIR: "Name a file: this is a directory",
  EACCES: "Ask the owner for access, or run as a user who has it",
  EPERM: "Ask the owner for access, or run as a user who has it",
  EROFS: "Choose a place on a file system that can be written to",
  ENOSPC: "Free space there, or choose a place on a larger disk",
  EDQUOT: "Free space there, or choose a place on a larger disk",
  EFBIG: "Choose a place without such a limit (ulimit -f)",
  ELOOP: "Name the file itself: its links lead in a circle",
  ENAMETOOLONG: "Choose a shorter name",
  EMFILE: "Raise the limit of open files (ulimit -n), or name fewer files",
  ENFILE: "End other programs, or raise the limit of open files (fs.file-max)",
  ENOMEM: "Free memory, or end other programs",
  EIO: "Check the disk: the kernel's log (dmesg) says more",
  ESTALE: "Ask again: the file server has lost the file",
  ENXIO: "Name a regular file",
};

/** Chains of causes end here, should one ever lead back to itself. */
const MAX_CAUSES = 8;

/** The next step for an error of the system among `cause` and what caused that; undefined = none. */
export function systemHint(cause: unknown): string | undefined {
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth++) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && Object.hasOwn(HINTS, code)) return HINTS[code];
    cause = cause.cause;
  }
  return undefined;
}
