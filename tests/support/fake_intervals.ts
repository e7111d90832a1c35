/**
 * Intervals that pass when a test says so.
 *
 * @module
 */

interface Interval {
  readonly callback: () => void;
  readonly milliseconds: number;
}

/** Stands in for `setInterval()` until it is disposed of. */
export class FakeIntervals implements Disposable {
  readonly #running = new Map<number, Interval>();
  readonly #real = { set: globalThis.setInterval, clear: globalThis.clearInterval };
  #last = 0;

  private constructor() {
    globalThis.setInterval = ((callback: () => void, milliseconds: number) => {
      this.#running.set(++this.#last, { callback, milliseconds });
      return this.#last;
    }) as unknown as typeof setInterval;
    globalThis.clearInterval = ((id: number) => {
      this.#running.delete(id);
    }) as unknown as typeof clearInterval;
  }

  static install(): FakeIntervals {
    return new FakeIntervals();
  }

  /** Milliseconds of each interval that runs. */
  get running(): number[] {
    return [...this.#running.values()].map(({ milliseconds }) => milliseconds);
  }

  /** Lets each interval that runs pass once. */
  pass(): void {
    for (const { callback } of [...this.#running.values()]) callback();
  }

  [Symbol.dispose](): void {
    globalThis.setInterval = this.#real.set;
    globalThis.clearInterval = this.#real.clear;
  }
}
