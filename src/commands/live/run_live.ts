/**
 * Runs `live`: a recording whose view is a screen, or lines.
 *
 * @module
 */
import type { RecordOptions } from "../../cli/record_options.ts";
import { stdoutLook } from "../../core/terminal.ts";
import { createFilterCell } from "../../sinks/live/filter_cell.ts";
import type { LiveTablePlan } from "../../sinks/sink_plan.ts";
import { runRecord } from "../record/run_record.ts";
import { LinesView } from "./lines_view.ts";
import { ScreenView } from "./screen_view.ts";

/** Settings of `live`. */
export interface LiveOptions {
  readonly record: RecordOptions;
  /** Whole seconds, in milliseconds. */
  readonly everyMs: number;
  /** Rows of each kind in an object; 0 = all. */
  readonly limit: number;
  /** Whether standard output is a terminal to be drawn on. */
  readonly isScreen: boolean;
  /** Path of the file to record at the same time; null = none. */
  readonly file: string | null;
}

/**
 * Shows packets until a key, the duration, the count or a signal ends it.
 *
 * @returns exit code
 * @throws as {@linkcode runRecord}; the terminal is as it was then
 */
export function runLive(options: LiveOptions): Promise<number> {
  const { record, everyMs, limit, isScreen, file } = options;
  const { sample: sampleRate, filter } = record;
  const plan: LiveTablePlan = { type: "live", filter: createFilterCell() };
  if (!isScreen) {
    return runRecord(
      record,
      new LinesView(plan, { everySeconds: everyMs / 1000, limit, sampleRate }),
    );
  }
  const { colour, unicode } = stdoutLook();
  const text = filter === null ? "" : filter.text ?? `the filter in "${filter.file}"`;
  const look = { colour, unicode };
  return runRecord(record, new ScreenView(plan, { everyMs, sampleRate, file, filter: text, look }));
}
