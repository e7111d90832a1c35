/**
 * What the finished file says about its recording.
 *
 * @module
 */
import { isoFromNanoseconds } from "../core/timestamps.ts";
import { VERSION } from "../core/version.ts";
import {
  FILE_METADATA_KEY,
  type RecordedAttachment,
  type RecordedCounters,
} from "../contract/file_metadata.ts";
import type { Accounting, RecordingReport } from "../contract/recording_report.ts";
import { SCHEMA_VERSION } from "../contract/columns.ts";
import type { SourceEnd } from "../sources/batch_source.ts";

/** What a stream can say before its first packet. */
export const STREAM_METADATA: Readonly<Record<string, string>> = {
  [FILE_METADATA_KEY.schemaVersion]: String(SCHEMA_VERSION),
  [FILE_METADATA_KEY.toolVersion]: VERSION,
};

/** What the metadata takes from the final report. */
type Totals =
  & Accounting
  & Pick<RecordingReport, "interfaces" | "sample_rate" | "duration_seconds">;

/**
 * Key/value metadata of the Parquet file.
 *
 * @param totals the report; its `interfaces` are in the order of the source's attachments
 */
export function recordingMetadata(
  totals: Totals,
  { attachments: placed, startedNs, endedNs }: Pick<
    SourceEnd,
    "attachments" | "startedNs" | "endedNs"
  >,
): Record<string, string> {
  const attachments: RecordedAttachment[] = placed.map((one, index) => ({
    slot: one.slot,
    interface: one.interface,
    direction: one.direction,
    hook: one.hook,
    mode: one.mode,
    counters: recordedCounters(totals.interfaces[index]!),
  }));
  return {
    ...STREAM_METADATA,
    [FILE_METADATA_KEY.host]: Deno.hostname(),
    [FILE_METADATA_KEY.started]: isoFromNanoseconds(startedNs),
    [FILE_METADATA_KEY.ended]: isoFromNanoseconds(endedNs),
    [FILE_METADATA_KEY.durationSeconds]: String(totals.duration_seconds),
    [FILE_METADATA_KEY.sampleRate]: String(totals.sample_rate),
    [FILE_METADATA_KEY.filter]: "",
    [FILE_METADATA_KEY.attachments]: JSON.stringify(attachments),
    [FILE_METADATA_KEY.counters]: JSON.stringify(recordedCounters(totals)),
  };
}

function recordedCounters(counts: Accounting): RecordedCounters {
  return {
    packets_seen: counts.packets_seen,
    packets_captured: counts.packets_captured,
    packets_dropped: counts.packets_dropped,
    drops: { ...counts.drops },
    packets_sampled_out: counts.packets_sampled_out,
    packets_filtered: counts.packets_filtered,
    bytes_captured: counts.bytes_captured,
  };
}
