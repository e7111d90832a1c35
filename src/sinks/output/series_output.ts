/**
 * The files of a series: each gets its footer, its name, and its turn to be removed.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { ERRNO, SystemError } from "../../../ffi/mod.ts";
import { RunError } from "../../core/errors.ts";
import { systemReason } from "../../core/system_reason.ts";
import { finishGrowing } from "../../parquet/growing_file.ts";
import { closedName, growingPaths } from "../segments/segment_names.ts";
import type { OutputFile } from "./output_file.ts";
import { CHOOSE_ANOTHER, reasonOf } from "./output_target.ts";
import { Retention, type RetentionLimits } from "./retention.ts";
import type { SeriesNames } from "./series_names.ts";
import { writeRecordingState } from "./state_file.ts";

/** Names that are tried for a file. */
const MAX_NAMES = 1_000;

/** What is known of a file that is open, or has just ended. */
export interface SeriesFile {
  /** The first is 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a series says on its way. */
export interface SeriesEvents {
  /** A file has its name. */
  onClosed(path: string): void;
  /** Files went beyond a limit. */
  onRemoved(names: readonly string[]): void;
  /** Something that loses no packet. */
  onWarning(text: string): void;
}

/** Makes the files of one recording. */
export class SeriesOutput {
  readonly #output: OutputFile;
  readonly #names: SeriesNames;
  readonly #retention: Retention;
  readonly #events: SeriesEvents;
  /** Files that have no name yet, by number. */
  readonly #open = new Map<number, SeriesFile & { name: string }>();

  constructor(
    output: OutputFile,
    names: SeriesNames,
    limits: RetentionLimits,
    events: SeriesEvents,
  ) {
    this.#output = output;
    this.#names = names;
    this.#events = events;
    this.#retention = output.withRights((directory) => new Retention(directory, names, limits));
  }

  /** A file has begun: whoever finds what a killed recorder has left knows how to call it. */
  begin(file: SeriesFile): void {
    this.#open.set(file.number, { ...file, name: this.#names.next(file.startedMs) });
    this.#writeState();
  }

  /** More is known of the file that is open. */
  know(metadata: Readonly<Record<string, string>>): void {
    const file = [...this.#open.values()].at(-1);
    if (file === undefined) return;
    this.#open.set(file.number, { ...file, metadata: { ...file.metadata, ...metadata } });
    this.#writeState();
  }

  /**
   * Gives a file that has ended its footer and its name. Its data is brought onto the disk in the
   * background.
   *
   * @returns its bytes
   * @throws {RunError} if that fails; it stays where it is then
   */
  async finish({ number, metadata }: SeriesFile): Promise<number> {
    const { workDirectory } = this.#output;
    const paths = growingPaths(workDirectory, number);
    const { bytes } = finishGrowing(paths, metadata);
    const closed = closedName(number);
    try {
      {
        using file = await Deno.open(paths.data, { read: true, write: true });
        await file.sync();
      }
      Deno.renameSync(paths.data, `${workDirectory}/${closed}`);
      Deno.removeSync(paths.index);
    } catch (cause) {
      throw new RunError(`Cannot write "${paths.data}": ${systemReason(cause)}`, { cause });
    }
    const name = this.#publish(closed, this.#open.get(number)!.name);
    this.#open.delete(number);
    this.#writeState();
    const directories = dirname(name) === "." ? [] : dirname(name).split("/");
    const startMs = this.#names.startOf(basename(name))!;
    this.#retention.add({ directories, name: basename(name), startMs, bytes });
    this.removeOld();
    return bytes;
  }

  /** Removes what goes beyond the limits; cheap to ask. */
  removeOld(): void {
    if (!this.#retention.isNeeded) return;
    const removed = this.#output.withRights(() => this.#retention.enforce(Date.now()));
    if (removed.length > 0) this.#events.onRemoved(removed);
  }

  /** @returns the name that it got, with its directories */
  #publish(closed: string, wanted: string): string {
    let name = wanted;
    for (let tried = 1;; tried++) {
      try {
        const parts = name.split("/");
        const { path, refusal } = this.#output.publishPart(
          closed,
          parts.slice(0, -1),
          parts.at(-1)!,
        );
        if (refusal !== null) {
          this.#events.onWarning(`Cannot give "${path}" to its user: ${refusal}`);
        }
        this.#events.onClosed(path);
        return name;
      } catch (cause) {
        if (cause instanceof RunError) throw cause;
        const isTaken = cause instanceof SystemError && cause.errno === ERRNO.EEXIST;
        if (!isTaken || tried === MAX_NAMES) {
          const shown = `${this.#output.path}`;
          throw new RunError(`Cannot write "${shown}": ${reasonOf(cause)}`, {
            hint: CHOOSE_ANOTHER,
            cause,
          });
        }
        // A millisecond later: it still sorts behind all before, and the next one behind it.
        name = this.#names.after(name);
      }
    }
  }

  #writeState(): void {
    const parts = [...this.#open.values()].map(({ number, name, metadata }) => {
      return { number, name, metadata };
    });
    writeRecordingState(this.#output.workDirectory, parts);
  }
}
