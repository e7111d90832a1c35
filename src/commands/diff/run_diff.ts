/**
 * The `diff` command: asks both captures the same, compares the answers as they come, and hands the
 * largest changes to a renderer.
 *
 * @module
 */
import type { DiffOptions } from "../../cli/diff_options.ts";
import { noteFaults } from "../../cli/file_faults.ts";
import { EXIT, RunError } from "../../core/errors.ts";
import { formatCount } from "../../core/quantity.ts";
import { Recordings } from "../../query/recordings.ts";
import type { Row } from "../../query/session.ts";
import { renderFooter, timeSpanLine, trustLines } from "../../render/footer.ts";
import { findFormat } from "../../render/formats.ts";
import { matchedLine } from "../../render/selection_lines.ts";
import { type ClosingLine, type TableAnswer, trustOf } from "../../reports/answer.ts";
import {
  comparedBy,
  type Counts,
  DIFFERENCE,
  differences,
  type Side,
  usualComparisons,
} from "../../reports/difference.ts";
import { meanings, rowsQuery } from "../../reports/stored_types.ts";
import { type Attempt, withoutDamaged } from "../shared/without_damaged.ts";
import type { StatsOutput } from "../stats/run_stats.ts";
import { StatsStop } from "../stats/stats_stop.ts";

/** Spill files hold addresses: they are nobody else's to read. */
const PRIVATE_UMASK = 0o077;

/** As for reports: where nobody can press Ctrl-C, a file made to take for ever must not. */
const UNATTENDED_TIMEOUT_MS = 600_000;

/** A side, opened. */
interface Capture {
  /** `A` or `B`. */
  readonly letter: string;
  readonly recordings: Recordings;
  readonly bytes: bigint;
  readonly seconds: number;
}

/**
 * Compares two captures.
 *
 * @returns exit code: 1 with `--exit-code` when something is new, or when a file that a pattern or
 * directory led to had to be left out
 * @throws {RunError} a file cannot be read, or the output not be written
 * @throws {InspectorError} a signal or the clock ended it
 * @throws {BrokenPipe} nobody reads the output any more
 */
export async function runDiff(options: DiffOptions, output: StatsOutput): Promise<number> {
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    const limitMs = Deno.stdout.isTerminal() ? 0 : UNATTENDED_TIMEOUT_MS;
    using stop = new StatsStop(options.timeoutMs ?? limitMs, undefined, undefined, "answer");
    return await withoutDamaged(output, (attempt) => compare(options, output, stop, attempt));
  } finally {
    Deno.umask(umask);
  }
}

async function compare(
  { sides, selection, by, limit, format, exitCode }: DiffOptions,
  output: StatsOutput,
  stop: StatsStop,
  attempt: Attempt,
): Promise<number> {
  const open = (side: string) =>
    Recordings.open([side], {
      selection,
      stop: stop.signal,
      isReport: true,
      sessions: sides.length,
      damaged: attempt.damaged,
    });
  using first = await open(sides[0]);
  using second = await open(sides[1]);
  output.checkNoneIs?.([...first.paths, ...second.paths]);
  const isPartial = [first, second].map((recordings) => noteFaults(recordings, attempt.note))
    .includes(true);
  attempt.hold(first, second);
  const captures = [await captured("A", first, sides[0]), await captured("B", second, sides[1])];
  const rows: Row[] = [];
  const counts: Counts[] = [];
  for (const compared of by === null ? usualComparisons() : [comparedBy(by)]) {
    const ask = ({ recordings, bytes, seconds }: Capture): Side => ({
      rows: recordings.rows({ sql: compared.sql, parameters: {} }),
      bytes,
      seconds,
    });
    const found = await differences(compared.kind, [ask(captures[0]!), ask(captures[1]!)], limit);
    rows.push(...found.rows);
    counts.push(found.counts);
  }
  const closing = async () => [
    ...counts.map(countsLine),
    ...(await Promise.all(captures.map(captureLines))).flat(),
  ];
  const { hasNotes, render } = findFormat(format);
  for await (const part of render(answerOf(rows, counts, second, closing), output.screen)) {
    await stop.until(attempt.data(part));
  }
  const warnings = hasNotes ? null : (await closing()).filter(({ isWarning }) => isWarning);
  await stop.until(attempt.flush());
  if (warnings !== null) {
    output.note(renderFooter(warnings, { width: null, colour: false }));
  }
  for (const { recordings } of captures) recordings.checkUnchanged();
  output.publish?.();
  const hasNew = counts.some(({ fresh }) => fresh > 0);
  return isPartial || (exitCode && hasNew) ? EXIT.FAILURE : EXIT.DONE;
}

/** @throws {RunError} nobody knows how long it was recorded */
async function captured(letter: string, recordings: Recordings, name: string): Promise<Capture> {
  const { bytes, firstPacket, lastPacket } = await recordings.overview();
  const span = firstPacket === null || lastPacket === null
    ? 0
    : Number(lastPacket - firstPacket) / 1e9;
  const seconds = recordings.recordedSeconds ?? span;
  if (bytes > 0n && seconds <= 0) {
    throw new RunError(`Cannot compute rates of "${name}": nobody knows how long it was recorded`, {
      hint: "Compare recordings that say so, or that have packets of different times",
    });
  }
  return { letter, recordings, bytes, seconds };
}

function answerOf(
  rows: readonly Row[],
  counts: readonly Counts[],
  recordings: Recordings,
  closing: () => Promise<readonly ClosingLine[]>,
): TableAnswer {
  const found = BigInt(counts.reduce((sum, { all }) => sum + all, 0));
  return {
    kind: "table",
    section: {
      report: DIFFERENCE,
      batches: inBatches(rows),
      typed: () =>
        recordings.typed(rowsQuery(DIFFERENCE.columns, rows), meanings(DIFFERENCE.columns)),
      tally: { shown: rows.length, found },
    },
    trust: trustOf(recordings),
    overview: () => recordings.overview(),
    closing,
  };
}

async function* inBatches(rows: readonly Row[]): AsyncGenerator<readonly Row[]> {
  if (rows.length > 0) yield await Promise.resolve(rows);
}

/** `host: 2 new, 1 gone of 40`. */
function countsLine({ kind, fresh, gone, all }: Counts): ClosingLine {
  return {
    text: `${kind}: ${formatCount(fresh)} new, ${formatCount(gone)} gone of ${formatCount(all)}`,
  };
}

/** What is to be known of a side. */
async function captureLines({ letter, recordings }: Capture): Promise<ClosingLine[]> {
  const trust = trustOf(recordings);
  const isThinned = recordings.sampleRates.some((rate) => rate > 1);
  const lines = [
    await matchedLine(trust.selected),
    timeSpanLine(await recordings.overview(), recordings.recordedSeconds),
    ...await trustLines(trust),
    isThinned
      ? { text: "what is new or gone may only not have been sampled", isWarning: true }
      : null,
  ];
  return lines.filter((line) => line !== null)
    .map((line) => ({ ...line, text: `${letter}: ${line.text}` }));
}
