/**
 * The `report` command: opens the recordings, asks all that the page shows, and writes the page.
 *
 * @module
 */
import { noteFaults } from "../../cli/file_faults.ts";
import { EXIT } from "../../core/errors.ts";
import { Recordings } from "../../query/recordings.ts";
import type { Selection } from "../../query/selection.ts";
import { renderFooter } from "../../render/footer.ts";
import { capturePage } from "../../render/page/capture_page.ts";
import { matchedLine } from "../../render/selection_lines.ts";
import { withoutDamaged } from "../shared/without_damaged.ts";
import type { StatsOutput } from "../stats/run_stats.ts";
import { StatsStop } from "../stats/stats_stop.ts";
import { askCapture, QUESTIONS } from "./ask_capture.ts";
import { Questions } from "./questions.ts";

/** Spill files hold addresses: they are nobody else's to read. */
const PRIVATE_UMASK = 0o077;

/** What the command line asks for. */
export interface ReportRequest {
  /** Files, globs and directories, as written by the user; at least one. */
  readonly files: readonly string[];
  readonly selection: Selection;
  /** Rows of each table; null = the default of each. */
  readonly limit: number | null;
  /** Longest time that it may take in milliseconds; 0 = no limit. */
  readonly timeoutMs: number;
}

/**
 * Writes the page.
 *
 * @returns exit code: 1 when a file that a pattern or directory led to had to be left out, or not all of
 * a packet file could be read
 * @throws {RunError} a file cannot be read, or the output not be written
 * @throws {InspectorError} a signal or the clock ended the report
 */
export async function runReport(
  { files, selection, limit, timeoutMs }: ReportRequest,
  output: StatsOutput,
): Promise<number> {
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    using stop = new StatsStop(timeoutMs);
    await using progress = output.showProgress?.();
    const options = { selection, stop: stop.signal, watcher: progress, isReport: true };
    return await withoutDamaged(output, async (attempt) => {
      using recordings = await Recordings.open(files, { ...options, damaged: attempt.damaged });
      output.checkNoneIs?.(recordings.paths);
      await progress?.clear();
      const questions = new Questions(recordings, QUESTIONS);
      progress?.follow(questions);
      const isPartial = noteFaults(recordings, attempt.note);
      attempt.hold(recordings);
      const answers = await askCapture(recordings, limit, () => questions.next());
      for await (const part of capturePage(answers)) {
        await progress?.clear(part);
        await stop.until(attempt.data(part));
      }
      const matched = await matchedLine(answers.trust.selected);
      await progress?.clear();
      await stop.until(attempt.flush());
      if (matched?.isWarning) {
        output.note(renderFooter([matched], { width: null, colour: false }));
      }
      // Last: also what is said of the files must be about the files that were opened.
      recordings.checkUnchanged();
      output.publish?.();
      return isPartial ? EXIT.FAILURE : EXIT.DONE;
    });
  } finally {
    Deno.umask(umask);
  }
}
