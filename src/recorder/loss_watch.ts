/**
 * Reads counters at each full second of a recording.
 *
 * @module
 */
import type { Moment } from "../contract/clock_change.ts";
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { type LossLog, untilNextReading } from "./loss_log.ts";

/** Loss is told to whoever finds what a killed recorder has left, but not more often; nanoseconds. */
const TELL_NS = 5_000_000_000n;

/** What the counters are read into: the file that is open. */
export interface LossReader {
  read(at: Moment): void;
  readonly losses: Pick<LossLog, "dropped" | "text">;
}

/** Runs from construction to disposal. */
export class LossWatch implements Disposable {
  readonly #now: () => Moment;
  readonly #reader: LossReader;
  readonly #tell: (metadata: Readonly<Record<string, string>>) => void;
  #timer: ReturnType<typeof setTimeout>;
  #toldNs: bigint;
  #told: Pick<LossLog, "dropped"> | null = null;
  #toldDropped = 0;

  /** @param tell takes metadata that is known of the open file, when more was lost */
  constructor(
    now: () => Moment,
    reader: LossReader,
    tell: (metadata: Readonly<Record<string, string>>) => void,
  ) {
    this.#now = now;
    this.#reader = reader;
    this.#tell = tell;
    this.#toldNs = now().steadyNs;
    this.#timer = this.#wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #wait(): ReturnType<typeof setTimeout> {
    return setTimeout(() => {
      const now = this.#now();
      this.#reader.read(now);
      this.#tellLosses(now);
      this.#timer = this.#wait();
    }, untilNextReading(this.#now().wallNs));
  }

  #tellLosses({ steadyNs }: Moment): void {
    const { losses } = this.#reader;
    // Another file has lost nothing yet.
    if (losses !== this.#told) this.#toldDropped = 0;
    this.#told = losses;
    if (losses.dropped === this.#toldDropped || steadyNs - this.#toldNs < TELL_NS) return;
    this.#toldNs = steadyNs;
    this.#toldDropped = losses.dropped;
    this.#tell({ [FILE_METADATA_KEY.lossIntervals]: losses.text });
  }
}
