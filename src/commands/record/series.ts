/**
 * A recording of several files: their names, their ends, and what becomes of them.
 *
 * @module
 */
import type { RecordOptions } from "../../cli/record_options.ts";
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import type { SeriesPlan } from "../../recorder/recording.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";
import { SeriesNames } from "../../sinks/output/series_names.ts";
import { SeriesOutput } from "../../sinks/output/series_output.ts";
import { OnClose } from "./on_close.ts";
import { RotationClock } from "./rotation_clock.ts";

/** How often is looked for files that are too old, milliseconds. */
const LOOK_MS = 1000;

/** A series that is being made. Dispose to end its clocks. */
export class Series implements Disposable {
  readonly plan: SeriesPlan;
  readonly #output: SeriesOutput;
  readonly #onClose: OnClose | null;
  readonly #rotateMs: number | null;
  readonly #resources = new DisposableStack();

  /**
   * @param label of the interfaces, for the names
   * @param minFreeBytes bytes that stay free on the disk
   */
  constructor(
    output: OutputFile,
    options: NonNullable<RecordOptions["series"]>,
    verbosity: RecordOptions["verbosity"],
    label: string,
    minFreeBytes: number,
  ) {
    const { onClose, hive, keepFiles, keepBytes, keepAgeMs, rotateMs } = options;
    this.#rotateMs = rotateMs;
    this.#onClose = onClose === null ? null : new OnClose(onClose, say);
    const isVerbose = verbosity === "verbose";
    this.#output = new SeriesOutput(
      output,
      new SeriesNames(label, hive ? Deno.hostname() : null),
      { files: keepFiles, bytes: keepBytes, ageMs: keepAgeMs, minFreeBytes },
      {
        onClosed: (path) => {
          if (isVerbose) say(`closed "${path}"`);
          this.#onClose?.run(path);
        },
        onRemoved: (names) => {
          if (isVerbose) { for (const name of names) say(`removed "${name}", by the limits`); }
        },
        onWarning: say,
      },
    );
    this.plan = {
      id: crypto.randomUUID(),
      onBegin: (file) => this.#output.begin(file),
      finish: (file) => this.#output.finish(file),
    };
  }

  /** Begins to look at the clock. @param rotate ends the open file */
  start(rotate: () => void): void {
    if (this.#rotateMs !== null) this.#resources.use(new RotationClock(this.#rotateMs, rotate));
    const timer = setInterval(() => this.#removeOld(), LOOK_MS);
    this.#resources.defer(() => clearInterval(timer));
  }

  /** Tells whoever finds what a killed recorder has left. */
  know(metadata: Readonly<Record<string, string>>): void {
    this.#output.know(metadata);
  }

  /** Ends the clocks. */
  stop(): void {
    this.#resources.dispose();
  }

  /** Settles when the command has ended for every file. */
  get done(): Promise<void> {
    return this.#onClose?.done ?? Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #removeOld(): void {
    try {
      this.#output.removeOld();
    } catch (error) {
      // It is tried again, and says so when a file is closed.
      say(`Cannot remove old files: ${error instanceof Error ? error.message : error}`);
    }
  }
}

function say(text: string): void {
  notices.say(`${printable(text)}\n`);
}
