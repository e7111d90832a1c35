/**
 * What the Parquet file says about the recording as a whole: key/value metadata beside the columns.
 * Names and forms are a public contract; every value is text.
 *
 * @module
 */
import type { EndReason, PlacedAttachment } from "./attachment.ts";
import type { PacketCounts } from "./packet_counts.ts";

/** Keys of the file's metadata. */
export const FILE_METADATA_KEY = {
  /** Version of the column contract, a decimal integer. */
  schemaVersion: "xdp_inspector.schema_version",
  /** Version of the program that wrote the file. */
  toolVersion: "xdp_inspector.tool_version",
  /** Name of the host that recorded. */
  host: "xdp_inspector.host",
  /** Start of the recording, ISO-8601 in UTC with nine fraction digits. */
  started: "xdp_inspector.started",
  /** End of the recording, as `started`. */
  ended: "xdp_inspector.ended",
  /** Time between both in seconds, a decimal number; by a clock that nobody sets. */
  durationSeconds: "xdp_inspector.duration_seconds",
  /** One packet in how many was kept, a decimal integer, 1 = every packet. */
  sampleRate: "xdp_inspector.sample_rate",
  /** The filter expression, empty when there was none. */
  filter: "xdp_inspector.filter",
  /** JSON array of {@linkcode RecordedAttachment}. */
  attachments: "xdp_inspector.attachments",
  /** JSON object, {@linkcode PacketCounts}. */
  counters: "xdp_inspector.counters",
  /** JSON array of what interface_event.ts describes, as much as it keeps. */
  interfaceEvents: "xdp_inspector.interface_events",
  /** Those that were more, a decimal integer. */
  interfaceEventsLeftOut: "xdp_inspector.interface_events_left_out",
  /** JSON array of `RecordedLoss` of `loss_interval.ts`: when packets were lost. */
  lossIntervals: "xdp_inspector.loss_intervals",
  /** JSON object, `RecordedClock` of `clock_change.ts`; only where there is something to say. */
  clock: "xdp_inspector.clock",
  /** JSON object: what the file was made of by `convert`; a recording has none. */
  selection: "xdp_inspector.selection",
  /** When the rest of a recording that was killed was made a file, as `started`. */
  recovered: "xdp_inspector.recovered",
  /** Of a recording of several files: the same in all of them. */
  recordingId: "xdp_inspector.recording_id",
  /** Of such a file: its number, from 1, a decimal integer. */
  fileNumber: "xdp_inspector.file_number",
  /** JSON array: for each attachment the sum of the counters of all files before. */
  countersBefore: "xdp_inspector.counters_before",
  /** `true` in the last file. */
  lastFile: "xdp_inspector.last_file",
} as const;

/** What the value of each key is, for the documentation. */
export const FILE_METADATA_MEANING: Readonly<Record<keyof typeof FILE_METADATA_KEY, string>> = {
  schemaVersion: "version of names and types of the columns: `1`",
  toolVersion: "version of the program",
  host: "host name",
  started: "ISO-8601, UTC, nanoseconds: the last program was attached",
  ended: "the same: all programs were detached",
  durationSeconds: "time between both, by a clock that nobody sets, without sleep of the machine",
  sampleRate: "one packet in how many was kept",
  filter: "the expression that packets had to match; empty: none",
  attachments:
    "JSON array: `slot`, `interface`, `direction`, `hook`, `mode`, `ended`, `end_reason` " +
    "(`stopped`, `interface_gone`, `never_came`, `detached`, `crashed`), `counters`",
  counters: "JSON object: the counts of the final report",
  interfaceEvents:
    "JSON array, where something happened to an interface while this file was made: `time`, " +
    "`interface`, `event`, `detail`; see [events](#what-happens-to-interfaces)",
  interfaceEventsLeftOut:
    "how many more there were than the 1,000 of that array, if there were more",
  lossIntervals:
    "JSON array, when packets were lost: `slot`, `started`, `ended`, `drops` by cause, and " +
    "`packets_seen` and `packets_filtered` of that time. Seconds; of too many, longer times that " +
    "hold them. The drops add up to the counters of each attachment",
  clock:
    "only where somebody set the clock of the machine, or it slept, JSON object: `changes`, an array of " +
    "`at`, `kind` (`set`: the times of the file did not follow; `slept`: they went on) and `seconds`; " +
    "`ahead_seconds`: how far the wall clock was ahead of the times when the file ended",
  selection:
    "JSON object, in a file that `convert` made: `files`, and what was selected of them; " +
    "packets that were not are counted as filtered. `gaps`: what was missing between files of one " +
    "recording; `recorded_twice`: interfaces that several files recorded at one time",
  recovered:
    "only of a recording that was killed: when `recover` made the file; its end, its length and its " +
    "losses are not known, and `counters` has the rows that were found",
  recordingId: "only of a recording of several files: the same in all of them",
  fileNumber: "only of such a file: its number, from 1",
  countersBefore:
    "only of such a file, JSON array: `slot`, and as `counters` the sum over all files before",
  lastFile: "only of the last of them: `true`",
};

/** One element of the metadata's list of attachments. */
export interface RecordedAttachment extends Omit<PlacedAttachment, "attachment"> {
  /** Number of the attachment. */
  readonly slot: number;
  /** When it ended, as {@linkcode FILE_METADATA_KEY.ended}; noticed at most a second late. */
  readonly ended: string;
  readonly end_reason: EndReason;
  /** What this attachment saw and lost. */
  readonly counters: PacketCounts;
}
