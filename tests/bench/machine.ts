/**
 * Small questions to the machine.
 *
 * @module
 */

/** Text of the file at `path`, or `otherwise` if it cannot be read. */
export function readTextOr(path: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return otherwise;
  }
}

/** Pauses the calling task. Measurements are over time: nothing is waited for with this. */
export function elapse(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}
