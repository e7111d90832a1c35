/**
 * Whether a name is taken.
 *
 * @module
 */

/** Whether something has this path, be it a symbolic link that leads nowhere. What cannot be asked is not there. */
export function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
