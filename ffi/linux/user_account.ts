/**
 * Users by name: getpwnam(3).
 *
 * @module
 */

import { cString } from "./cstring.ts";
import type { UserAndGroup } from "../../src/core/lesser_user.ts";
import { libc } from "./load_libc.ts";

/** `struct passwd` in `pwd.h`: two pointers, then the ids. */
const PASSWD = { user: 16, group: 20 } as const;

/** @returns null if there is no such user */
export function findUser(name: string): UserAndGroup | null {
  const entry = libc().getpwnam(cString(name));
  if (entry === null) return null;
  const view = new Deno.UnsafePointerView(entry);
  return { user: view.getUint32(PASSWD.user), group: view.getUint32(PASSWD.group) };
}
