/**
 * How the output of a recording is made, from its settings.
 *
 * @module
 */
import type { RecordOptions } from "../../cli/record_options.ts";
import { notices } from "../../core/notices.ts";
import { printable } from "../../core/printable.ts";
import { runningMetadata } from "../../recorder/recording_metadata.ts";
import { usualFreeBytes } from "../../sinks/disk_room.ts";
import type { OutputFile } from "../../sinks/output/output_file.ts";
import type { OutputTarget } from "../../sinks/output/output_target.ts";
import { writeRecordingState } from "../../sinks/output/state_file.ts";
import { countLeftovers } from "../../sinks/recovery/leftovers.ts";
import type { SinkPlan } from "../../sinks/sink_plan.ts";
import type { LiveCapture } from "../../sources/live_capture.ts";
import { Series } from "./series.ts";

/** The sink of a file, or of several. */
export function filePlan(output: OutputFile, options: RecordOptions): SinkPlan {
  const { workDirectory, temporaryPath: path } = output;
  const { flushMs, onError, series } = options;
  const minFreeBytes = freeBytes(output, options);
  return {
    ...{ type: "parquet", workDirectory, path, flushMs, onError, minFreeBytes },
    ...series !== null && { series: { partBytes: series.rotateBytes ?? 0 } },
  };
}

/** @param label of the interfaces */
export function openSeries(
  output: OutputFile,
  options: RecordOptions,
  series: NonNullable<RecordOptions["series"]>,
  label: string,
): Series {
  return new Series(output, series, options.verbosity, label, freeBytes(output, options));
}

function freeBytes({ workDirectory }: OutputFile, { minFreeBytes }: RecordOptions): number {
  return minFreeBytes ?? usualFreeBytes(workDirectory);
}

/** A capture, as far as it is told about. */
type DescribedCapture = Pick<LiveCapture, "attached" | "sampleRate" | "filter" | "startedNs">;

/**
 * For whoever finds what is left if this is killed.
 *
 * @param known what else there is to be said
 */
export function describeOutput(
  output: OutputFile,
  capture: DescribedCapture,
  known: Readonly<Record<string, string>> = {},
): void {
  const metadata = { ...runningMetadata(capture, capture.startedNs), ...known };
  writeRecordingState(output.workDirectory, [{ number: 1, name: output.name, metadata }]);
}

/** The same of what becomes known while it is recorded: of one file, or of the open one of a series. */
export function describeKnown(
  known: Readonly<Record<string, string>>,
  output: OutputFile,
  capture: DescribedCapture,
  series: Pick<Series, "know"> | null,
): void {
  if (series === null) describeOutput(output, capture, known);
  else series.know(known);
}

/** Says what killed recorders have left beside the output. */
export function tellLeftovers({ directory }: OutputTarget): void {
  const count = countLeftovers(directory);
  if (count === 0) return;
  const what = count === 1 ? "a recorder that was killed has" : `${count} killed recorders have`;
  const line = `${what} left packets here: xdp-inspector recover "${directory.shownPath}"`;
  notices.say(`${printable(line)}\n`);
}
