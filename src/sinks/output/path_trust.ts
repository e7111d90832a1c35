/**
 * Whom a path may be left to. Root follows names into directories in which others make names too: what
 * they put there must not decide which file root replaces.
 *
 * @module
 */
import type { FileStatus } from "../../../ffi/mod.ts";
import { callerOfSudo, type UserAndGroup } from "../../core/lesser_user.ts";

/** Mode bit of a directory in which only their owners may rename or remove files (inode(7)). */
const STICKY = 0o1000;
const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;

const ROOT = 0;

/** Who records, and for whom. */
export interface Identity {
  readonly user: number;
  readonly group: number;
  /** The caller of sudo. */
  readonly caller: UserAndGroup | null;
}

/** Who this process is. To be asked before it becomes somebody else. */
export function ownIdentity(): Identity {
  return { user: Deno.uid() ?? ROOT, group: Deno.gid() ?? ROOT, caller: callerOfSudo() };
}

/** Whether what a user makes is made by us, by root, or by the user whom we work for. */
export function isOwn(user: number, identity: Identity): boolean {
  return user === identity.user || user === ROOT || user === identity.caller?.user;
}

/**
 * Why a directory is not one to write in, or to look up a name in.
 *
 * Only root is asked to be careful: for others the kernel decides. Root refuses a directory in which
 * somebody else may replace any name: one without the sticky bit that everybody may write, or a group
 * other than root's, this process's, that of the caller of sudo, or the owner's own, which has the same
 * number as the owner where useradd(8) makes one for each user.
 *
 * @returns null if nothing speaks against it
 */
export function directoryFault(directory: FileStatus, identity: Identity): string | null {
  if (identity.user !== ROOT || directory.mode & STICKY) return null;
  if (directory.mode & OTHERS_WRITE) return "every user may replace files in it";
  if (!(directory.mode & GROUP_WRITE)) return null;
  const { group, caller } = identity;
  const known = [ROOT, group, caller?.group, directory.uid];
  if (known.includes(directory.gid)) return null;
  return `the users of group ${directory.gid} may replace files in it`;
}

/**
 * Why a symbolic link is not to be followed.
 *
 * In a sticky directory that everybody may write, only links of ours and of the directory's owner are,
 * as the kernel has it (`may_follow_link` in fs/namei.c, sysctl `fs.protected_symlinks`). Root follows a
 * link that names the output itself only if it belongs to root, the caller of sudo or the owner of the
 * directory, wherever it is. What a followed link leads to is for `output_target.ts` to judge.
 *
 * @param isOutput whether the link is what the path ends with
 * @returns null if nothing speaks against it
 */
export function linkFault(
  link: FileStatus,
  directory: FileStatus,
  isOutput: boolean,
  identity: Identity,
): string | null {
  const isShared = (directory.mode & STICKY) !== 0 && (directory.mode & OTHERS_WRITE) !== 0;
  const isAsked = isShared || (isOutput && identity.user === ROOT);
  if (!isAsked || link.uid === directory.uid || isOwnLink(link, identity)) return null;
  return `it is a symbolic link of user ${link.uid}`;
}

/**
 * Why a file is not one to replace: in a sticky directory the kernel lets only root and the owners of
 * the file and of the directory (inode(7)), and tells so only when the recording is over.
 *
 * @returns null if nothing speaks against it
 */
export function replaceFault(
  file: FileStatus,
  directory: FileStatus,
  identity: Identity,
): string | null {
  const { user } = identity;
  const isAllowed = user === ROOT || user === file.uid || user === directory.uid;
  return isAllowed || !(directory.mode & STICKY) ? null : "it belongs to another user";
}

function isOwnLink(link: FileStatus, identity: Identity): boolean {
  // Not root's for others: the kernel would not follow it for them either.
  return link.uid === identity.user || link.uid === identity.caller?.user;
}
