/**
 * Giving a file a name that nothing has.
 *
 * @module
 */
import { type Directory, ERRNO, SystemError } from "../../../ffi/mod.ts";

/** What is needed of the first directory: a test has none with a file system that refuses it. */
type Source = Pick<Directory, "moveWithoutReplacing" | "link" | "removeFile">;

/**
 * Gives a file another name, which fails if that exists. Where the file system cannot do it in one step
 * (NFS), a second name is made instead (link(2)), which fails in that case too.
 *
 * @throws {SystemError}
 */
export function moveNoReplace(
  from: Source,
  name: string,
  to: Directory,
  newName: string,
): void {
  try {
    return from.moveWithoutReplacing(name, to, newName);
  } catch (error) {
    // As rename(2) has it; ENOSYS where a filter of system calls does not know the call.
    const isUnknown = error instanceof SystemError &&
      ([ERRNO.EINVAL, ERRNO.ENOSYS, ERRNO.EOPNOTSUPP] as number[]).includes(error.errno);
    if (!isUnknown) throw error;
  }
  from.link(name, to, newName);
  from.removeFile(name);
}
