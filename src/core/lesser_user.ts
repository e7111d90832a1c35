/**
 * Whom a process of root becomes where it needs no root any more.
 *
 * @module
 */

/** User and group ids are 32 bits; the largest value means "leave as it is" to chown(2). */
const MAX_ID = 2 ** 32 - 2;

const ROOT = 0;

/** A user and a group, by number. */
export interface UserAndGroup {
  readonly user: number;
  readonly group: number;
}

/** A user without rights, by its usual number (`overflowuid`, proc_sys_kernel(5)). */
export const NOBODY: UserAndGroup = { user: 65534, group: 65534 };

/**
 * The user who called sudo. To be asked before this process becomes somebody else.
 *
 * @returns null if this is not root, or was not called by sudo
 */
export function callerOfSudo(): UserAndGroup | null {
  if (Deno.uid() !== ROOT) return null;
  return parseIds(Deno.env.get("SUDO_UID"), Deno.env.get("SUDO_GID"));
}

/** @returns null unless both are numbers that users and groups can have */
export function parseIds(userText?: string, groupText?: string): UserAndGroup | null {
  const [user, group] = [parseId(userText), parseId(groupText)];
  return user === null || group === null ? null : { user, group };
}

function parseId(text?: string): number | null {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return null;
  const id = Number(text);
  return id <= MAX_ID ? id : null;
}
