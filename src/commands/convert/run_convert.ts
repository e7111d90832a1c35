/**
 * The `convert` command: opens the recordings, copies what is selected, and gives the file its name.
 *
 * @module
 */
import { noteFaults } from "../../cli/file_faults.ts";
import type { ConvertOptions } from "../../cli/convert_options.ts";
import { EXIT, RunError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { formatAmount, formatBytes, formatCount } from "../../core/quantity.ts";
import { isClosedStdout, sendToStdout, writeStderr } from "../../core/standard_streams.ts";
import type { PacketCopy } from "../../query/packet_copy.ts";
import { Recordings } from "../../query/recordings.ts";
import { trustOf } from "../../reports/answer.ts";
import { renderFooter, trustLines } from "../../render/footer.ts";
import { matchedLine } from "../../render/selection_lines.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";
import { type Attempt, withoutDamaged } from "../shared/without_damaged.ts";
import { ProgressLine } from "../stats/progress_line.ts";
import { StatsStop } from "../stats/stats_stop.ts";
import { type Destination, fileDestination, standardOutput } from "./destination.ts";
import { writeArrow } from "./write_arrow.ts";
import { writeText } from "./write_text.ts";

/** Spill files hold addresses: they are nobody else's to read. */
const PRIVATE_UMASK = 0o077;

/** Takes what is said beside the output. */
export type Say = (text: string) => void;

/** What was written. */
interface Written {
  readonly rows: bigint;
  readonly bytes: number;
}

/**
 * Converts.
 *
 * @param output where the file is made; null = standard output
 * @returns exit code: 1 when a file that a pattern or directory led to had to be left out, or not all of
 * a packet file could be read
 * @throws {RunError} a file cannot be read, or the output not be written; nothing is left of it then
 * @throws {InspectorError} a signal ended it
 * @throws {BrokenPipe} nobody reads standard output any more
 */
export async function runConvert(
  options: ConvertOptions,
  output: OutputFile | null,
  say: Say = writeStderr,
): Promise<number> {
  if (output === null && isClosedStdout()) {
    throw new RunError("Cannot write to standard output: it is closed", {
      hint: "Send it to a file or program, or name a file with --output",
    });
  }
  const umask = Deno.umask(PRIVATE_UMASK);
  try {
    return await withoutDamaged(
      { data: sendToStdout, note: say },
      (attempt) => convert(options, output, say, attempt),
    );
  } catch (error) {
    throw error instanceof Error && output !== null ? outputFault(error, output) : error;
  } finally {
    Deno.umask(umask);
  }
}

/** Files on the way, as {@linkcode OutputFile} names them: they are nothing that the user knows. */
const ON_THE_WAY = /"[^"]*\/\.[^"/]*\.xdp-inspector-[0-9a-f]+\/[^"/]*"/;

function outputFault(error: Error, output: OutputFile): Error {
  const explained = output.explain(error);
  const message = explained.message.replace(ON_THE_WAY, () => `"${output.path}"`);
  if (!(explained instanceof RunError) || message === explained.message) return explained;
  const { hint } = explained;
  return new RunError(message, { cause: explained, ...hint !== undefined && { hint } });
}

async function convert(
  { files, selection, format, quiet }: ConvertOptions,
  output: OutputFile | null,
  say: Say,
  attempt: Attempt,
): Promise<number> {
  using stop = new StatsStop(0, undefined, undefined, "output");
  await using progress = new ProgressLine();
  using recordings = await Recordings.open(files, {
    selection,
    stop: stop.signal,
    watcher: progress,
    keepsOrder: true,
    damaged: attempt.damaged,
    ...(output !== null && { writesTo: output.workDirectory }),
  });
  checkNotInput(output, recordings.paths);
  await progress.clear();
  progress.follow(recordings);
  const isPartial = noteFaults(recordings, attempt.note);
  attempt.hold(recordings);
  // The attempt before may have begun it.
  if (output !== null && attempt.damaged.size > 0) removeFile(output.temporaryPath);
  const packets = await recordings.copy();
  const written = output !== null && format === "parquet"
    ? await packets.writeRecording(output.workDirectory, output.temporaryPath)
    : await writeRows(packets, format, output, stop, attempt);
  await progress.clear();
  await stop.until(attempt.flush());
  // What was copied must be of the files that were opened.
  recordings.checkUnchanged();
  const warning = output?.publish() ?? null;
  if (warning !== null) say(`${printable(warning)}\n`);
  if (!quiet) say(closingLine(output, written, recordings));
  await sayTrust(recordings, written.rows, say);
  return isPartial ? EXIT.FAILURE : EXIT.DONE;
}

async function writeRows(
  packets: PacketCopy,
  format: ConvertOptions["format"],
  output: OutputFile | null,
  stop: StatsStop,
  attempt: Attempt,
): Promise<Written> {
  using target: Destination = output === null
    ? standardOutput(stop, attempt)
    : fileDestination(output.temporaryPath);
  const rows = format === "arrow"
    ? await writeArrow(packets, target)
    : await writeText(packets, format === "csv" ? "csv" : "ndjson", target);
  return { rows, bytes: target.bytes };
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Not even begun.
  }
}

/** Replacing what is read would be safe, and hardly ever meant. */
function checkNotInput(output: OutputFile | null, paths: readonly string[]): void {
  const path = output?.path;
  const target = path === undefined ? null : statusOf(path);
  if (target === null) return;
  for (const input of paths) {
    const status = statusOf(input);
    if (status === null || status.dev !== target.dev || status.ino !== target.ino) continue;
    throw new RunError(`Cannot write "${path}": it is one of the inputs`, {
      hint: "Choose another path with --output",
    });
  }
}

function statusOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}

/** `"part.parquet": 360 of 83,048 packets, 12.1 kB`. */
function closingLine(
  output: OutputFile | null,
  { rows, bytes }: Written,
  { rowCount }: Recordings,
): string {
  const name = output === null ? "standard output" : `"${printable(output.path)}"`;
  const packets = rows === rowCount
    ? formatAmount(rows, "packet")
    : `${formatCount(rows)} of ${formatAmount(rowCount, "packet")}`;
  return `${name}: ${packets}, ${formatBytes(bytes)}\n`;
}

/** What the packets alone do not tell. */
async function sayTrust(recordings: Recordings, rows: bigint, say: Say): Promise<void> {
  // Rows that stand for several stand for them in the output.
  const trust = { ...trustOf(recordings), sampleRates: [] };
  const lines = [
    rows === 0n ? await matchedLine(trust.selected) : null,
    ...await trustLines(trust),
  ];
  const warnings = lines.filter((line) => line?.isWarning);
  say(renderFooter(warnings, { width: null, colour: false }));
}
