/**
 * Switches for tests: a writer that is slower than the traffic, on purpose and by a known measure.
 * They are environment variables, and not part of the command line's contract.
 *
 * @module
 */

/** Milliseconds that the writer waits before each batch. */
const DELAY_VARIABLE = "XDP_INSPECTOR_WRITER_DELAY_MS";

/** Batches that the queue holds, a power of two. */
const DEPTH_VARIABLE = "XDP_INSPECTOR_QUEUE_DEPTH";

/** @returns 0 unless a test asks for a delay */
export function writerDelayMs(): number {
  return positiveInteger(DELAY_VARIABLE) ?? 0;
}

/** @param usual depth when no test asks for another */
export function queueDepth(usual: number): number {
  return positiveInteger(DEPTH_VARIABLE) ?? usual;
}

function positiveInteger(variable: string): number | undefined {
  const value = Number(Deno.env.get(variable));
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
