/**
 * The `stats` command: opens the recordings, asks for the report, and hands rows to a renderer as
 * they come, so that a report of any size needs little memory.
 *
 * @module
 */
import { noteFaults } from "../../cli/file_faults.ts";
import type { StatsOptions } from "../../cli/stats_options.ts";
import { EXIT } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { sendToStdout, writeStderr } from "../../core/standard_streams.ts";
import { stdoutLook } from "../../core/terminal.ts";
import { directoriesWithLeftovers } from "../../query/leftovers.ts";
import { Recordings } from "../../query/recordings.ts";
import { EVERYTHING } from "../../query/selection.ts";
import { type FooterLine, renderFooter, trustLines } from "../../render/footer.ts";
import type { Format, Part } from "../../render/format.ts";
import { findFormat, FORMATS } from "../../render/formats.ts";
import { matchedLine } from "../../render/selection_lines.ts";
import type { Screen } from "../../render/table.ts";
import { findReport, REPORTS } from "../../reports/all.ts";
import { type Answer, answerReport, explainReport } from "../../reports/answer.ts";
import type { Report } from "../../reports/report.ts";
import { withoutDamaged } from "../shared/without_damaged.ts";
import { ProgressLine } from "./progress_line.ts";
import { StatsStop } from "./stats_stop.ts";

/** Spill files hold addresses: they are nobody else's to read. */
const PRIVATE_UMASK = 0o077;

/** Where a report goes. */
export interface StatsOutput {
  /** Takes the report part by part, text or the bytes of a binary format; a promise is waited for. */
  data(part: Part): unknown;
  /** Takes everything else: what was skipped, and what the reader of the numbers must know. */
  note(text: string): void;
  readonly screen: Screen;
  /** Shows how far what it follows is, until it is disposed. */
  showProgress?(): ProgressLine;
  /** Refuses to replace files that are read. */
  checkNoneIs?(paths: readonly string[]): void;
  /** Called when the report is complete, and about files that did not change. */
  publish?(): void;
}

/** A file that a report goes to. */
type StatsFile = Required<Pick<StatsOutput, "checkNoneIs" | "publish">> & {
  write(part: Part): void;
};

/** The report goes to a file, as text without a width. */
export function fileOutput(file: StatsFile): StatsOutput {
  return {
    data: (part) => file.write(part),
    note: writeStderr,
    screen: { width: null, colour: false },
    showProgress: () => new ProgressLine(),
    checkNoneIs: (paths) => file.checkNoneIs(paths),
    publish: () => file.publish(),
  };
}

/** What there is to choose from. */
export interface StatsLists {
  readonly reports: readonly Report[];
  readonly formats: readonly Format[];
}

/**
 * Prints a report.
 *
 * @returns exit code: 1 when a file that a pattern or directory led to had to be left out, or not all of
 * a packet file could be read
 * @throws {RunError} a file cannot be read, or the output not be written
 * @throws {InspectorError} a signal or the clock ended the report
 * @throws {BrokenPipe} nobody reads the output any more
 */
export async function runStats(
  {
    report: name,
    choices,
    explain = false,
    files,
    selection = EVERYTHING,
    limit,
    format,
    timeoutMs = 0,
  }: StatsOptions,
  output: StatsOutput = processOutput(),
  { reports, formats }: StatsLists = { reports: REPORTS, formats: FORMATS },
): Promise<number> {
  const { hasNotes, render } = findFormat(format, formats);
  const report = findReport(name, reports);
  if (explain) {
    await output.data(explainReport(report, { limit, choices, reports }));
    return EXIT.DONE;
  }
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    using stop = new StatsStop(timeoutMs);
    // Said first: it may be what the reader misses.
    for (const directory of directoriesWithLeftovers(files)) {
      const where = printable(directory);
      output.note(`A recorder that was killed left packets: xdp-inspector recover "${where}"\n`);
    }
    await using progress = output.showProgress?.();
    const options = { selection, stop: stop.signal, watcher: progress, isReport: true };
    return await withoutDamaged(output, async (attempt) => {
      using recordings = await Recordings.open(files, { ...options, damaged: attempt.damaged });
      output.checkNoneIs?.(recordings.paths);
      await progress?.clear();
      progress?.follow(recordings);
      const isPartial = noteFaults(recordings, attempt.note);
      attempt.hold(recordings);
      const request = { limit, withFound: hasNotes, choices, reports };
      const answer = await answerReport(recordings, report, request);
      for await (const part of render(answer, output.screen)) {
        await progress?.clear(typeof part === "string" ? part : undefined);
        await stop.until(attempt.data(part));
      }
      // The numbers alone do not tell that they are incomplete or scaled.
      const warnings = hasNotes ? null : await warningsOf(answer);
      await progress?.clear();
      await stop.until(attempt.flush());
      if (warnings !== null) {
        output.note(renderFooter(warnings, { width: null, colour: false }));
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

async function warningsOf(answer: Answer): Promise<FooterLine[]> {
  const lines = await trustLines(answer.trust);
  const matched = await isEmpty(answer) ? await matchedLine(answer.trust.selected) : null;
  return [
    ...matched === null ? [] : [matched],
    ...lines.filter(({ isWarning }) => isWarning),
  ];
}

async function isEmpty(answer: Answer): Promise<boolean> {
  if (answer.kind === "table") return answer.section.tally.shown === 0;
  return (await answer.overview()).packets === 0n;
}

/** The report goes to standard output. */
export function processOutput(): StatsOutput {
  return {
    data: sendToStdout,
    note: writeStderr,
    screen: stdoutLook(),
    showProgress: () => new ProgressLine(),
  };
}
