/**
 * Waiting on facts: every wait of the tests asks a question again and again, and has a limit.
 *
 * @module
 */

/** Pause between two questions, milliseconds. */
const PAUSE_MS = 5;

/** The fact that was waited for did not come true in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/**
 * Asks `question` until it answers with something other than `undefined` or `false`.
 *
 * @param what the fact, for the message: `Waited 500 ms for <what>`
 * @param limitMs how long to ask, milliseconds
 * @returns the answer
 * @throws {DeadlineError} when the limit has passed
 */
export async function waitFor<T>(
  what: string,
  limitMs: number,
  question: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + limitMs;
  while (true) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new DeadlineError(`Waited ${limitMs} ms for ${what}`);
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
}

/**
 * Settles as `promise` does, or fails when `limitMs` milliseconds have passed first.
 *
 * @throws {DeadlineError} when the limit has passed; `onLimit` has been called before
 */
export async function within<T>(
  what: string,
  limitMs: number,
  promise: Promise<T>,
  onLimit: () => void = () => {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      onLimit();
      reject(new DeadlineError(`Waited ${limitMs} ms for ${what}`));
    }, limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
