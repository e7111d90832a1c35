/**
 * A live view as lines: one JSON object for each interval, where no terminal shows it.
 *
 * @module
 */
import type { KnownAttachment } from "../../contract/attachment.ts";
import type { LiveSecond } from "../../contract/live_second.ts";
import { sendToStdout } from "../../core/standard_streams.ts";
import type { Recording } from "../../recorder/recording.ts";
import { intervalObject, IntervalRows } from "../../render/live/live_object.ts";
import { jsonText } from "../../render/json.ts";
import type { LiveTablePlan } from "../../sinks/sink_plan.ts";
import type { RecordingView } from "../record/recording_view.ts";

/** Seconds that wait for a reader at most: then intervals get longer. */
const MAX_WAITING = 60;

/** What is written, and how often. */
export interface LinesOptions {
  readonly everySeconds: number;
  /** Rows of each view in an object; 0 = all. */
  readonly limit: number;
  readonly sampleRate: number;
}

/** Writes to standard output. */
export class LinesView implements RecordingView {
  readonly plan: LiveTablePlan;
  readonly ended: Promise<void>;
  readonly #options: LinesOptions;
  readonly #send: (text: string) => Promise<void>;
  readonly #fail: (error: unknown) => void;
  #recording: Pick<Recording, "snapshot"> | undefined;
  #rows = new IntervalRows([]);
  #waiting: LiveSecond[] = [];
  /** Seconds that had no room to wait, since the last object. */
  #leftOut = 0;
  /** Settles when what was handed on is written; undefined = all is. */
  #busy: Promise<void> | undefined;

  constructor(
    plan: LiveTablePlan,
    options: LinesOptions,
    send: (text: string) => Promise<void> = (text) => sendToStdout(text),
  ) {
    this.plan = plan;
    this.#options = options;
    this.#send = send;
    const { promise, reject } = Promise.withResolvers<void>();
    this.ended = promise;
    this.ended.catch(() => {});
    this.#fail = reject;
  }

  open(
    recording: Pick<Recording, "snapshot">,
    places: readonly KnownAttachment[],
  ): Promise<AsyncDisposable> {
    this.#recording = recording;
    this.#rows = new IntervalRows(places);
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() });
  }

  onSecond(second: LiveSecond): void {
    this.#waiting.push(second);
    // Intervals begin at whole multiples of their length.
    const isWhole = (second.second + 1) % this.#options.everySeconds === 0;
    const isLate = this.#waiting.length >= Math.max(MAX_WAITING, this.#options.everySeconds);
    if ((isWhole || isLate) && this.#busy === undefined) this.#write();
    // A reader that has stopped reading costs what does not fit, and no memory.
    else if (this.#waiting.length > 2 * MAX_WAITING + this.#options.everySeconds) {
      this.#waiting.shift();
      this.#leftOut++;
    }
  }

  async finish(): Promise<void> {
    await this.#busy;
    if (this.#waiting.length > 0) this.#write();
    await this.#busy;
  }

  #write(): void {
    const { limit, sampleRate } = this.#options;
    const object = intervalObject({
      seconds: this.#waiting,
      leftOut: this.#leftOut,
      rows: this.#rows,
      limit,
      sampleRate,
      counts: this.#recording!.snapshot().counts,
    });
    this.#waiting = [];
    this.#leftOut = 0;
    this.#busy = this.#sendOrFail(`${jsonText(object)}\n`);
  }

  async #sendOrFail(text: string): Promise<void> {
    try {
      await this.#send(text);
    } catch (error) {
      this.#fail(error);
    }
    // At once, or a second that comes in a moment between waits for the next interval.
    this.#busy = undefined;
  }
}
