/**
 * What was done to the clock of the machine while it recorded. The names are a public contract.
 *
 * @module
 */

/** A change of the clock. */
export interface ClockChange {
  /**
   * `set`: somebody set the wall clock, and the times of the recording did not follow. `slept`: the machine
   * slept, and they went on by that.
   */
  readonly kind: "set" | "slept";
  /** When it was noticed, in the time of the recording: wall-clock nanoseconds since 1970. */
  readonly atNs: bigint;
  /** Nanoseconds by which the clock went on; less than 0 if it was set back. */
  readonly byNs: bigint;
}

/** The same in the file's metadata and in the final report. */
export interface RecordedClockChange {
  /** ISO-8601 in UTC with nine fraction digits. */
  readonly at: string;
  readonly kind: ClockChange["kind"];
  readonly seconds: number;
}

/** What is to be said of the clock of one file. */
export interface RecordedClock {
  /** Seconds that the wall clock was ahead of the times in the file when it ended. */
  readonly ahead_seconds: number;
  /** The first of them; there may have been more. */
  readonly changes: readonly RecordedClockChange[];
}

/** A moment of a recording. */
export interface Moment {
  /** Nanoseconds since 1970 by the wall clock as it was when the recording began. */
  readonly wallNs: bigint;
  /** Nanoseconds of a clock that nobody sets and that stands still while the machine sleeps. */
  readonly steadyNs: bigint;
}
