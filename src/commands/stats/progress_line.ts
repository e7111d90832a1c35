/**
 * How far a query is: one line on a terminal behind standard error, redrawn while nothing else is
 * printed, and gone before something is.
 *
 * @module
 */
import { notices } from "../../core/notices.ts";
import { formatDuration } from "../../core/quantity.ts";

/** A query that takes less is not worth a line. */
const PATIENCE_MS = 1000;
const INTERVAL_MS = 200;

/** ECMA-48: carriage return, then erase from the cursor to the end of the line. */
const CLEAR_LINE = "\r\x1b[K";

/** Where the line goes. */
export interface ProgressOutput {
  isTerminal(): boolean;
  /** Takes what is overtaken by the next line: may be dropped. */
  show(text: string): void;
  /** Erases the line; settles when what follows cannot be overtaken by it. */
  erase(text: string): Promise<void>;
  /** Milliseconds that have passed since some point in time. */
  now(): number;
}

const STDERR: ProgressOutput = {
  isTerminal: () => Deno.stderr.isTerminal(),
  show: (text) => notices.show(text),
  erase: (text) => {
    notices.say(text);
    return notices.flush();
  },
  now: () => performance.now(),
};

/** From construction to disposal. */
export class ProgressLine implements AsyncDisposable {
  readonly #output: ProgressOutput;
  readonly #progress: () => number | null;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #since: number;
  #isShown = false;
  /** Whether the cursor is where a line begins, so that ours erases nothing else. */
  #atLineStart = true;

  /** @param progress of the query that runs, 0 to 1; null = nobody knows */
  constructor(progress: () => number | null, output: ProgressOutput = STDERR) {
    this.#output = output;
    this.#progress = progress;
    this.#since = output.now();
    if (output.isTerminal()) this.#timer = setInterval(() => this.#draw(), INTERVAL_MS);
  }

  /**
   * Erases the line. To be waited for before something is printed.
   *
   * @param next what is printed then on the same terminal, or undefined if it goes elsewhere
   */
  async clear(next?: string): Promise<void> {
    if (next !== undefined && next !== "") this.#atLineStart = next.endsWith("\n");
    this.#since = this.#output.now();
    if (!this.#isShown) return;
    this.#isShown = false;
    await this.#output.erase(CLEAR_LINE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.clear();
  }

  #draw(): void {
    const milliseconds = this.#output.now() - this.#since;
    if (milliseconds < PATIENCE_MS || !this.#atLineStart) return;
    const share = this.#progress();
    const done = share === null ? "" : ` ${Math.floor(100 * share)} %,`;
    const seconds = formatDuration(Math.floor(milliseconds / 1000));
    this.#output.show(`${CLEAR_LINE}querying:${done} ${seconds}`);
    this.#isShown = true;
  }
}
