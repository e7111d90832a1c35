/**
 * Waits without a time limit, which a test that is to fail must not sleep in for ever.
 *
 * @module
 */

/**
 * Gives every `Atomics.wait` of this thread that has no time limit one of `limitMs` milliseconds; when it
 * has passed, the wait throws.
 */
export function limitEndlessWaits(limitMs: number): void {
  const wait = Atomics.wait as (...values: unknown[]) => "ok" | "not-equal" | "timed-out";
  Atomics.wait = ((array: unknown, index: unknown, value: unknown, timeoutMs?: number) => {
    if (timeoutMs !== undefined && timeoutMs !== Infinity) {
      return wait(array, index, value, timeoutMs);
    }
    const result = wait(array, index, value, limitMs);
    if (result === "timed-out") throw new Error(`Waited ${limitMs} ms for another thread`);
    return result;
  }) as typeof Atomics.wait;
}
