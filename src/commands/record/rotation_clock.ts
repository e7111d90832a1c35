/**
 * When the files of a series end by the wall clock.
 *
 * @module
 */

/** How often the clock is looked at, milliseconds: it may be set meanwhile. */
const LOOK_MS = 1000;

/** The next multiple of `intervalMs` behind `nowMs`; milliseconds since 1970. */
export function nextMultiple(nowMs: number, intervalMs: number): number {
  return (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
}

/** Calls at each multiple of an interval, from construction to disposal. */
export class RotationClock implements Disposable {
  readonly #intervalMs: number;
  readonly #onMultiple: () => void;
  readonly #now: () => number;
  #nextMs: number;
  #timer: ReturnType<typeof setTimeout>;

  /** @param now wall clock, milliseconds since 1970 */
  constructor(intervalMs: number, onMultiple: () => void, now: () => number = Date.now) {
    this.#intervalMs = intervalMs;
    this.#onMultiple = onMultiple;
    this.#now = now;
    this.#nextMs = nextMultiple(now(), intervalMs);
    this.#timer = this.#wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(): ReturnType<typeof setTimeout> {
    const leftMs = Math.max(1, this.#nextMs - this.#now());
    return setTimeout(() => this.#look(), Math.min(leftMs, LOOK_MS));
  }

  #look(): void {
    const nowMs = this.#now();
    if (nowMs >= this.#nextMs) this.#onMultiple();
    // Also when it was set back.
    if (nowMs >= this.#nextMs || this.#nextMs - nowMs > this.#intervalMs) {
      this.#nextMs = nextMultiple(nowMs, this.#intervalMs);
    }
    this.#timer = this.#wait();
  }
}
