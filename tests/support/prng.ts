/**
 * Reproducible random numbers: the same seed gives the same sequence on every machine.
 *
 * @module
 */

/** The generator "mulberry32": 32 bits of state, good enough to choose test inputs. */
export class Prng {
  #state: number;

  /** @param seed any 32-bit number */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 to 2^32 - 1. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ mixed >>> 15, mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return (mixed ^ mixed >>> 14) >>> 0;
  }

  /** A number from 0 to `bound` - 1, for a `bound` far below 2^32. */
  below(bound: number): number {
    return this.uint32() % bound;
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of `values`, which are not none. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}
