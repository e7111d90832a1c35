/**
 * Files that another process makes and removes.
 *
 * @module
 */

/** @returns null where there is no file at this moment */
export function textOf(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
