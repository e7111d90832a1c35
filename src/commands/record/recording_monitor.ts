/**
 * Shows a running recording on standard error: one line that is redrawn on a terminal, one line a
 * second with `-v` elsewhere, nothing otherwise.
 *
 * @module
 */
import type { RecordOptions } from "../../cli/record_options.ts";
import { notices } from "../../core/notices.ts";
import { terminalWidth } from "../../core/terminal.ts";
import type { RecordingSnapshot } from "../../contract/recording_report.ts";
import type { Recording } from "../../recorder/recording.ts";
import { renderStatusLine } from "../../render/status_line.ts";

const INTERVAL_MS = 1000;

/** ECMA-48: carriage return, then erase from the cursor to the end of the line. */
const CLEAR_LINE = "\r\x1b[K";

/** Columns of a terminal that does not tell. */
const DEFAULT_WIDTH = 80;

/** Columns assumed where there is no terminal to ask. */
const PLAIN_WIDTH = 200;

/** Where the status goes. */
export interface StatusOutput {
  isTerminal(): boolean;
  /** Columns of the terminal. */
  width(): number;
  /** Takes what should be seen. */
  write(text: string): void;
  /** Takes what is overtaken by the next second: may be dropped. */
  show(text: string): void;
}

const STDERR: StatusOutput = {
  isTerminal: () => Deno.stderr.isTerminal(),
  width: () => terminalWidth() ?? DEFAULT_WIDTH,
  write: (text) => notices.say(text),
  show: (text) => notices.show(text),
};

/** Shows one recording. */
export class RecordingMonitor {
  readonly #output: StatusOutput;
  readonly #durationMs: number;
  readonly #sampleRate: number;
  readonly #redraws: boolean;
  readonly #appends: boolean;
  #timer: ReturnType<typeof setInterval> | undefined;
  #previous: RecordingSnapshot | undefined;

  constructor(
    options:
      & Pick<RecordOptions, "durationMs" | "verbosity">
      & Partial<Pick<RecordOptions, "sample" | "program">>,
    output: StatusOutput = STDERR,
  ) {
    const terminal = output.isTerminal();
    this.#output = output;
    this.#durationMs = options.durationMs;
    this.#sampleRate = options.sample ?? 1;
    // A program that runs meanwhile writes to the same terminal.
    const isShared = !terminal || (options.program ?? null) !== null;
    this.#redraws = !isShared && options.verbosity !== "quiet";
    this.#appends = isShared && options.verbosity === "verbose";
  }

  /** Whether the kernel should count senders: only if somebody sees them. */
  get showsSenders(): boolean {
    return this.#redraws || this.#appends;
  }

  /** Shows the state once a second until {@linkcode stop}. */
  start(recording: Pick<Recording, "snapshot">): void {
    if (!this.#redraws && !this.#appends) return;
    this.#timer = setInterval(() => {
      const now = recording.snapshot();
      this.#output.show(
        this.#redraws
          ? CLEAR_LINE + this.#render(now, this.#output.width() - 1)
          : `${this.#render(now, PLAIN_WIDTH)}\n`,
      );
    }, INTERVAL_MS);
  }

  /** Writes the state as a line of its own. */
  print(now: RecordingSnapshot): void {
    const line = this.#render(now, PLAIN_WIDTH);
    this.#output.write(`${this.#redraws ? CLEAR_LINE : ""}${line}\n`);
  }

  /** Ends the display, and clears the line that was being redrawn. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#redraws && this.#timer !== undefined) this.#output.write(CLEAR_LINE);
  }

  /** The line for what came since the last one that was shown. */
  #render(now: RecordingSnapshot, width: number): string {
    const line = renderStatusLine(
      now,
      this.#previous,
      this.#durationMs,
      width,
      this.#sampleRate,
    );
    this.#previous = now;
    return line;
  }
}
