/**
 * What a recording says about the clock of the machine.
 *
 * @module
 */
import type { ClockChange, RecordedClock, RecordedClockChange } from "../contract/clock_change.ts";
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import { isoFromNanoseconds } from "../core/timestamps.ts";
import type { BatchSource } from "../sources/batch_source.ts";

/** Changes that are told one by one; the first will do of a clock that is set all the time. */
const MAX_CHANGES = 100;

/** What became of the clock, in the form of report and metadata. */
export function recordedChanges(changes: readonly ClockChange[]): RecordedClockChange[] {
  return changes.slice(0, MAX_CHANGES).map(({ atNs, kind, byNs }) => {
    return { at: isoFromNanoseconds(atNs), kind, seconds: Number(byNs) / 1e9 };
  });
}

/** Tells each file of a recording what happened in its time. */
export class ClockAccount {
  readonly #source: Pick<BatchSource, "clockChanges" | "clockAheadNs">;
  #told = 0;

  constructor(source: Pick<BatchSource, "clockChanges" | "clockAheadNs">) {
    this.#source = source;
  }

  /** Metadata of a file that ends now; empty where there is nothing to say. */
  take(): Record<string, string> {
    const { clockChanges = [], clockAheadNs = 0n } = this.#source;
    const changes = clockChanges.slice(this.#told);
    this.#told = clockChanges.length;
    if (changes.length === 0 && clockAheadNs === 0n) return {};
    const clock: RecordedClock = {
      ahead_seconds: Number(clockAheadNs) / 1e9,
      changes: recordedChanges(changes),
    };
    return { [FILE_METADATA_KEY.clock]: JSON.stringify(clock) };
  }
}
