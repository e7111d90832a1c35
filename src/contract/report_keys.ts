/**
 * What the keys of the final report mean, for the documentation of `record --json`.
 *
 * @module
 */
import type { RecordingReport } from "./recording_report.ts";

/** The keys in the order in which they are printed. All but the last two are always there. */
export const REPORT_KEYS: Readonly<Record<keyof RecordingReport, string>> = {
  output: "path of the file, or `-`",
  interfaces:
    "for each direction of each interface: name, hook, mode, `ended`, `end_reason` and its counts",
  duration_seconds: "from the last program attached to all detached",
  packets_seen: "packets that the programs were given",
  packets_captured: "packets that became rows",
  packets_dropped: "packets that were lost",
  drops: "lost packets by cause: `ring_full`, `queue_full`, `not_written`",
  packets_sampled_out: "left out by `--sample`",
  packets_filtered: "left out by the filter",
  bytes_captured: "sum of `packet_length`",
  rows_written: "rows of the file; where it could not be made, those that `recover` finds",
  file_bytes: "size of the file",
  sample_rate: "one packet in how many was kept",
  filter: "the expression that packets had to match; empty: none",
  interface_events:
    "what happened to interfaces: `time`, `interface`, `event`, `detail`, as in the file's metadata; " +
    "at most 1,000",
  interface_events_left_out: "those that were more",
  clock_changes:
    "for each time that somebody set the clock of the machine, or it slept: `at`, `kind` (`set`, `slept`) and `seconds`",
  files: "files that were made; only of a recording of several files",
  new_addresses:
    "only where `queue_full` is not 0: addresses that had to be written out, MAC and IP, as often as they were new; where they are more than a quarter of the rows they are the cause",
};
