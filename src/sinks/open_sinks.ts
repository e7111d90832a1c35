/**
 * Opens the sinks of a recording.
 *
 * @module
 */
import type { LiveSecond } from "../contract/live_second.ts";
import { writeStdout } from "../core/standard_streams.ts";
import { FanOut } from "./fan_out.ts";
import type { RowSink, RowSinkOptions, SinkEvents } from "./row_sink.ts";
import type { SinkPlan } from "./sink_plan.ts";

/**
 * Opens all of them, as one. The first is the one whose bytes are told.
 *
 * @param plans at least one
 * @throws {RunError} if one cannot be opened; then none is open
 */
export async function openSinks(
  plans: readonly SinkPlan[],
  options: RowSinkOptions,
  events: SinkEvents,
): Promise<RowSink> {
  using opened = new DisposableStack();
  const sinks: RowSink[] = [];
  for (const plan of plans) sinks.push(opened.use(await openSink(plan, options, events)));
  opened.move();
  return sinks.length === 1 ? sinks[0]! : new FanOut(sinks);
}

/** Milliseconds since 1970 by the clock that stamps the rows. */
async function clockOf({ clock }: RowSinkOptions): Promise<() => number> {
  if (clock === undefined) return Date.now;
  const [{ RecordingClock }, { readClocks }] = await Promise.all([
    import("../drain/capture_clock.ts"),
    import("../../ffi/mod.ts"),
  ]);
  const recording = new RecordingClock(clock, readClocks);
  return () => Number(recording.now().wallNs) / 1e6;
}

/** Each kind of sink brings a large library: only those in use are loaded. */
async function openSink(
  plan: SinkPlan,
  options: RowSinkOptions,
  events: SinkEvents,
): Promise<RowSink> {
  switch (plan.type) {
    case "parquet": {
      const { ParquetFile } = await import("./parquet_file.ts");
      return await ParquetFile.open(plan, options, events);
    }
    case "arrow": {
      const { ArrowStream } = await import("./arrow_stream.ts");
      return new ArrowStream({ ...options, write: writeStdout });
    }
    case "live": {
      const { LiveTable } = await import("./live/live_table.ts");
      const onSecond = (second: LiveSecond) => events.onSecond(second);
      return new LiveTable(plan.filter, options, { now: await clockOf(options), onSecond });
    }
  }
}
