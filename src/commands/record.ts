/**
 * The `record` command: wires options, recording, signals and output together.
 *
 * @module
 */
import { type AttachPoint, describeChoice, describeHook } from "../attach/attach_plan.ts";
import { attachPoints } from "../attach/attach_points.ts";
import { requireCapabilities } from "../attach/privileges.ts";
import type { RecordOptions } from "../cli/record_options.ts";
import { EXIT, RunError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import { writeStderr, writeStdout } from "../core/standard_streams.ts";
import { systemReason } from "../core/system_reason.ts";
import { Recording } from "../recorder/recording.ts";
import type { RecordingReport } from "../contract/recording_report.ts";
import { renderFinalReport } from "../render/final_report.ts";
import { renderNothingCame } from "../render/nothing_came.ts";
import { formatBytes, formatDuration } from "../core/quantity.ts";
import { OutputFile } from "../sinks/output/output_file.ts";
import { LostInterfaces } from "./lost_interfaces.ts";
import { RecordingMonitor } from "./recording_monitor.ts";
import { StopRequest } from "./stop_request.ts";

/** The output that is a stream on standard output. */
const STDOUT = "-";

interface RecordingResult {
  readonly report: RecordingReport;
  /** Whether it ended because no interface was left. */
  readonly endedEarly: boolean;
}

/**
 * Records until the duration, the count or a signal ends it.
 *
 * @returns exit code
 * @throws {InspectorError} for everything that the user can act on; nothing stays attached and no
 * file has changed then
 */
export async function runRecord(options: RecordOptions): Promise<number> {
  requireCapabilities();
  const { points, leftOut } = attachPoints(options.interfaces, options.direction);
  for (const name of leftOut) {
    writeStderr(`${printable(name)}: left out, its packets have no Ethernet header\n`);
  }
  removeReadyFile(options.readyFile);
  // Until the end: a signal while the file is being published must not cost it.
  using stop = new StopRequest();
  using output = options.output === STDOUT
    ? null
    : OutputFile.prepare(options.output, { noClobber: options.noClobber });
  const result = await recordOrKeep(options, points, output, stop);
  if (result === undefined) return EXIT.INTERRUPTED;
  const { report, endedEarly } = result;
  const warning = output?.publish() ?? null;
  if (warning !== null) writeStderr(`${printable(warning)}\n`);
  if (options.verbosity !== "quiet" || report.packets_dropped > 0) {
    const lines = [...renderFinalReport(report), ...nothingCame(report, options)];
    writeStderr(lines.map((line) => `${line}\n`).join(""));
  }
  if (options.json) writeStdout(`${JSON.stringify(report)}\n`);
  return endedEarly ? EXIT.FAILURE : EXIT.DONE;
}

/** A recording without a single packet is rarely what was wanted. */
function nothingCame(report: RecordingReport, options: RecordOptions): string[] {
  return options.verbosity === "quiet" ? [] : renderNothingCame(report);
}

/** What a recording has closed before it fails is not lost. */
async function recordOrKeep(
  options: RecordOptions,
  points: readonly AttachPoint[],
  output: OutputFile | null,
  stop: StopRequest,
): Promise<RecordingResult | undefined> {
  try {
    return await record(options, points, output, stop);
  } catch (error) {
    const kept = output?.keepSegments();
    if (!kept || !(error instanceof Error)) throw error;
    throw new RunError(error.message, {
      hint: `What was recorded before is in "${kept}": read it with "stats -f", then remove it`,
      cause: error,
    });
  }
}

/** @returns undefined if a second SIGINT asked to leave at once */
async function record(
  options: RecordOptions,
  points: readonly AttachPoint[],
  output: OutputFile | null,
  stop: StopRequest,
): Promise<RecordingResult | undefined> {
  const monitor = new RecordingMonitor(options);
  using recording = await Recording.prepare({
    capture: {
      points,
      mode: options.mode,
      ringBytes: options.bufferBytes,
      captureLimit: options.count ?? 0,
      sampleRate: options.sample,
      sourceStatistics: monitor.showsSources,
    },
    output: options.output,
    file: output,
  });
  const ended = recording.attach();
  announce(recording, options);
  writeReadyFile(options.readyFile);
  monitor.start(recording);
  // They stay after the recording, with nothing to do: without a listener they would end the process.
  let isRecording = true;
  stop.onSignal("SIGUSR1", () => isRecording && monitor.print(recording.snapshot()));
  stop.onSignal("SIGUSR2", () => isRecording && recording.closeSegment());
  let endedEarly = false;
  try {
    using lost = new LostInterfaces(recording);
    const allLost = lost.all.then(() => endedEarly = true);
    await Promise.race([ended, stop.requested, stop.after(options.durationMs), allLost]);
  } finally {
    isRecording = false;
    monitor.stop();
  }
  const report = await Promise.race([recording.finish(), stop.forced]);
  return report && { report, endedEarly };
}

function announce(recording: Recording, options: RecordOptions): void {
  if (options.verbosity === "quiet") return;
  for (const hook of recording.hooks) {
    const choice = describeChoice(hook);
    if (choice !== undefined) writeStderr(`${printable(choice)}\n`);
  }
  const hooks = recording.hooks.map((hook) => printable(describeHook(hook))).join(", ");
  const length = options.durationMs > 0
    ? `for ${formatDuration(options.durationMs / 1000)}, Ctrl-C ends it earlier`
    : "until Ctrl-C";
  writeStderr(
    `recording ${hooks} to "${printable(options.output)}", ring ${
      formatBytes(recording.ringBytes)
    }, ${length}\n`,
  );
}

/** An old ready file would tell a waiting script that this recording has begun. */
function removeReadyFile(path: string | null): void {
  if (path === null) return;
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw readyFileError(path, error);
  }
}

function writeReadyFile(path: string | null): void {
  if (path === null) return;
  try {
    Deno.writeTextFileSync(path, `${Deno.pid}\n`, { createNew: true });
  } catch (error) {
    throw readyFileError(path, error);
  }
}

function readyFileError(path: string, error: unknown): RunError {
  return new RunError(`Cannot create the ready file "${path}": ${systemReason(error)}`, {
    hint: "Name a file in a directory that exists and can be written to",
    cause: error,
  });
}
