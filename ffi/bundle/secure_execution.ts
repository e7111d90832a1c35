/**
 * Environment variables that name native code to load.
 *
 * @module
 */

import { libc } from "../linux/load_libc.ts";

/** `linux/auxvec.h`: set when a process has more privileges than the one that started it. */
const AT_SECURE = 23n;

/**
 * The value of a variable that decides which native code is loaded; undefined if it is not set.
 *
 * A program file with capabilities of its own (setcap) gives its privileges to users who do not have
 * them: it must not let them choose. The dynamic loader ignores LD_LIBRARY_PATH in that case too
 * (ld.so(8), "Secure-execution mode").
 */
export function trustedVariable(name: string): string | undefined {
  const value = Deno.env.get(name);
  if (!value) return undefined;
  return libc().getauxval(AT_SECURE) === 0n ? value : undefined;
}
