/**
 * How far a command is: one line on a terminal behind standard error, redrawn while nothing else is
 * printed, and gone before something is.
 *
 * @module
 */
import { notices } from "../../core/notices.ts";
import type { Progress, ProgressSource, ProgressWatcher } from "../../core/progress.ts";
import { type TerminalLook, terminalWidth, usesUnicode } from "../../core/terminal.ts";
import { progressText } from "../../render/progress_text.ts";

/** What takes less is not worth a line. */
const PATIENCE_MS = 1000;
const INTERVAL_MS = 200;

/** ECMA-48: carriage return, then erase from the cursor to the end of the line. */
const CLEAR_LINE = "\r\x1b[K";

/** Left free at the end of a line: a `^C` that the terminal shows there must not begin another line. */
const FREE_COLUMNS = 3;

/** Columns of a terminal that does not tell. */
const DEFAULT_WIDTH = 80;

/** Where the line goes. */
export interface ProgressOutput {
  isTerminal(): boolean;
  /** Asked each time: a window can become another size. */
  look(): Pick<TerminalLook, "width" | "unicode">;
  /** Takes what is overtaken by the next line: may be dropped. */
  show(text: string): void;
  /** Erases the line; settles when what follows cannot be overtaken by it. */
  erase(text: string): Promise<void>;
  /** Milliseconds that have passed since some point in time. */
  now(): number;
}

const STDERR: ProgressOutput = {
  isTerminal: () => Deno.stderr.isTerminal(),
  look: () => ({ width: terminalWidth(), unicode: usesUnicode((name) => Deno.env.get(name)) }),
  show: (text) => notices.show(text),
  erase: (text) => {
    notices.say(text);
    return notices.flush();
  },
  now: () => performance.now(),
};

/** From construction to disposal. */
export class ProgressLine implements AsyncDisposable, ProgressWatcher {
  readonly #output: ProgressOutput;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #source: ProgressSource | undefined;
  /** When what is followed began, or something else was printed. */
  #since: number;
  /** When the part began that goes on, and what it was at the last look. */
  #part: { readonly since: number; readonly last: Progress } | undefined;
  #isShown = false;
  /** Whether the cursor is where a line begins, so that ours erases nothing else. */
  #atLineStart = true;

  constructor(output: ProgressOutput = STDERR) {
    this.#output = output;
    this.#since = output.now();
    if (output.isTerminal()) this.#timer = setInterval(() => this.#draw(), INTERVAL_MS);
  }

  follow(source: ProgressSource): void {
    if (this.#timer === undefined) return;
    source.watch?.();
    this.#source = source;
    this.#part = undefined;
  }

  /**
   * Erases the line. To be waited for before something is printed.
   *
   * @param next what is printed then on the same terminal, or undefined if it goes elsewhere
   */
  async clear(next?: string): Promise<void> {
    if (next !== undefined && next !== "") this.#atLineStart = next.endsWith("\n");
    this.#since = this.#output.now();
    this.#part = undefined;
    if (!this.#isShown) return;
    this.#isShown = false;
    await this.#output.erase(CLEAR_LINE);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.clear();
  }

  #draw(): void {
    const now = this.#output.now();
    const progress = this.#source?.progress ?? null;
    if (progress === null) return;
    if (this.#part === undefined || isAnother(progress, this.#part.last)) {
      this.#part = { since: this.#part === undefined ? this.#since : now, last: progress };
    } else this.#part = { ...this.#part, last: progress };
    const milliseconds = now - this.#since;
    if (milliseconds < PATIENCE_MS || !this.#atLineStart) return;
    const { width, unicode } = this.#output.look();
    const text = progressText(progress, {
      elapsedMs: Math.floor(milliseconds / 1000) * 1000,
      partMs: now - this.#part.since,
      width: (width ?? DEFAULT_WIDTH) - FREE_COLUMNS,
      unicode,
    });
    this.#output.show(`${CLEAR_LINE}${text}`);
    this.#isShown = true;
  }
}

/** Whether it is about something else than the look before: a command can ask several questions. */
function isAnother(now: Progress, before: Progress): boolean {
  return now.what !== before.what || (now.share ?? 0) < (before.share ?? 0);
}
