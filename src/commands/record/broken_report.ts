/**
 * The report about a recording that has failed.
 *
 * @module
 */
import type { RecordingReport } from "../../contract/recording_report.ts";
import type { Recording } from "../../recorder/recording.ts";

/** Takes the counts of a recording before it is given up. */
export class BrokenReport {
  /** null as long as nothing has failed, and where nothing can be told. */
  report: RecordingReport | null = null;
  #isWatching = false;

  /** @returns on disposal the recording is broken off, unless {@linkcode BrokenReport.end} was called */
  watch(recording: Pick<Recording, "breakOff">): AsyncDisposable {
    this.#isWatching = true;
    return {
      [Symbol.asyncDispose]: async () => {
        if (!this.#isWatching) return;
        // It must not hide why the recording failed.
        this.report = await recording.breakOff().catch(() => null);
      },
    };
  }

  /** The recording has come to its end. */
  end(): void {
    this.#isWatching = false;
  }
}
