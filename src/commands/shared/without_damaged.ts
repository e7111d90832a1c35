/**
 * Answers about files that were found by a pattern or in a directory: what turns out to be damaged while
 * it is read is left out, and all is asked again without it. What was printed of the answer before must
 * not be mixed with what comes then, so its beginning is held back until all is asked.
 *
 * @module
 */
import { RunError } from "../../core/errors.ts";
import { type Damaged, DamagedFiles } from "../../query/damaged_files.ts";
import type { Recordings } from "../../query/recordings.ts";
import type { Part } from "../../render/format.ts";

/** What is held back of an answer. More goes out as it comes, and is not asked again. */
const MAX_HELD_BYTES = 2 ** 20;

/** Where an answer goes. */
export interface AnswerOutput {
  /** Takes the answer part by part; a promise is waited for. */
  data(part: Part): unknown;
  /** Takes what is said of the files. */
  note(text: string): void;
}

/** One time of asking. */
export class Attempt {
  /** Files to leave out. */
  readonly damaged: Damaged;
  readonly #output: AnswerOutput;
  readonly #said: Set<string>;
  /** Null = nothing is held back. */
  #held: Part[] | null = null;
  #heldBytes = 0;
  #isPrinted = false;

  constructor(output: AnswerOutput, damaged: Damaged, said: Set<string>) {
    this.damaged = damaged;
    this.#output = output;
    this.#said = said;
  }

  /** To be called when the files are open, before anything is printed. */
  hold(...all: readonly Recordings[]): void {
    const isFound = all.some(({ files }) => files.some(({ open }) => !open.input.named));
    if (isFound) this.#held = [];
  }

  /** Says what is said of the files: what the attempt before has said, too, is said once. */
  readonly note = (text: string): void => {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.#output.note(text);
  };

  /** Takes a part of the answer. */
  async data(part: Part): Promise<void> {
    if (this.#held === null) {
      this.#isPrinted = true;
      await this.#output.data(part);
      return;
    }
    this.#held.push(typeof part === "string" ? part : part.slice());
    this.#heldBytes += part.length;
    if (this.#heldBytes > MAX_HELD_BYTES) await this.flush();
  }

  /** Prints what is held back. To be called when all is asked: it is not asked again. */
  async flush(): Promise<void> {
    const held = this.#held ?? [];
    this.#held = null;
    this.#isPrinted = true;
    for (const part of held) await this.data(part);
  }

  /** Whether something of the answer is out, so that another one would be mixed with it. */
  get isPrinted(): boolean {
    return this.#isPrinted;
  }
}

/**
 * Asks, and asks again without the files that turn out to be damaged, as long as nothing was printed.
 *
 * @param answer opens the files without those that are damaged
 * @throws {RunError} a file that was named is damaged, or none is left
 */
export async function withoutDamaged<T>(
  output: AnswerOutput,
  answer: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const damaged = new Map<string, RunError>();
  const said = new Set<string>();
  for (;;) {
    const attempt = new Attempt(output, damaged, said);
    try {
      return await answer(attempt);
    } catch (error) {
      if (!(error instanceof DamagedFiles) || attempt.isPrinted) throw error;
      for (const [path, fault] of error.found) {
        // It was left out: another answer would be the same.
        if (damaged.has(path)) throw error;
        damaged.set(path, fault);
      }
    }
  }
}
