/**
 * Conditions one behind the other, with "and" and "or" between them, which bind alike and from the left.
 * A run of one of both becomes one list at its end: thousands of hosts take no longer each than a few.
 *
 * @module
 */
import { type Condition, joined } from "./tree.ts";

/** Grows condition by condition. */
export class Chain {
  #kind: "all" | "any" = "all";
  #run: Condition[];

  constructor(first: Condition) {
    this.#run = [first];
  }

  /** What was not joined yet; all of it together is what stands left of the next condition. */
  get conditions(): readonly Condition[] {
    return this.#run;
  }

  add(kind: "all" | "any", condition: Condition): void {
    if (kind !== this.#kind && this.#run.length > 1) this.#run = [this.joined()];
    this.#kind = kind;
    this.#run.push(condition);
  }

  joined(): Condition {
    return joined(this.#kind, this.#run);
  }
}
