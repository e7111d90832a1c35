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

/** Work of a file before one was closed, as of a segment with many addresses; and what is said of it. */
const FIRST_WORK_BYTES = 2 * 16 * 2 ** 20;
const STATE_BYTES = 4 * 1024;

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
  /** What the file that is open may take beside itself. */
  #workBytes: number;
  #isFirst = true;

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
    this.#workBytes = Math.min(2 * this.#retention.newestBytes, FIRST_WORK_BYTES);
  }

  /** A file has begun: whoever finds what a killed recorder has left knows how to call it. */
  begin(file: SeriesFile): void {
    this.#open.set(file.number, { ...file, name: this.#names.next(file.startedMs) });
    this.#writeState();
    // The one before has its bytes, if no name yet.
    this.removeOld();
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
    const { bytes, workBytes } = finishGrowing(paths, metadata);
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
    this.#workBytes = this.#isFirst ? workBytes : Math.max(this.#workBytes, workBytes);
    this.#isFirst = false;
    this.#retention.add({ directories, name: basename(name), startMs, bytes });
    this.removeOld();
    return bytes;
  }

  /** Removes what goes beyond the limits; cheap to ask. */
  removeOld(): void {
    if (!this.#retention.isNeeded) return;
    const removed = this.#output.withRights(() => {
      const otherBytes = this.#endedBytes() + this.#workBytes + STATE_BYTES;
      return this.#retention.enforce(Date.now(), otherBytes);
    });
    if (removed.length > 0) this.#events.onRemoved(removed);
  }

  /** Bytes of the files that have ended, and have no name yet. */
  #endedBytes(): number {
    return [...this.#open.keys()].slice(0, -1).reduce((sum, number) => {
      return sum + sizeOf(growingPaths(this.#output.workDirectory, number).data);
    }, 0);
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

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0; // It gets its name right now, or is gone.
  }
}
