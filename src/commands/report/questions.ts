/**
 * How far a page is: of so many questions, some are answered.
 *
 * @module
 */
import type { Progress, ProgressSource } from "../../core/progress.ts";
import type { Recordings } from "../../query/recordings.ts";

type RecordingsOfPage = Pick<Recordings, "progress" | "rowCount" | "watch">;

/** Counts them. */
export class Questions implements ProgressSource {
  readonly #recordings: RecordingsOfPage;
  readonly #count: number;
  #answered = 0;
  /** Answered, and read for the one that is not. */
  #done = 0;

  constructor(recordings: RecordingsOfPage, count: number) {
    this.#recordings = recordings;
    this.#count = count;
  }

  watch(): void {
    this.#recordings.watch();
  }

  /** One more is answered. */
  next(): void {
    this.#answered++;
  }

  get progress(): Progress {
    const { progress, rowCount } = this.#recordings;
    // A question can be several queries, and the last query is there when the next question is.
    this.#done = Math.max(this.#done, this.#answered + (progress.share ?? 0));
    return {
      what: "querying",
      share: Math.min(this.#done, this.#count) / this.#count,
      done: { amount: this.#done * Number(rowCount), unit: "packets" },
    };
  }
}
