/**
 * A moment of a recording, for tests of what shows it.
 *
 * @module
 */
import type { RecordingSnapshot } from "../../src/contract/recording_report.ts";

/** After `seconds` seconds with `packets` packets, none of them lost. */
export function snapshotOf(seconds: number, packets: number): RecordingSnapshot {
  return {
    elapsedMs: seconds * 1000,
    counts: {
      packets_seen: packets,
      packets_captured: packets,
      packets_dropped: 0,
      drops: { ring_full: 0, queue_full: 0, not_written: 0 },
      packets_sampled_out: 0,
      packets_filtered: 0,
      bytes_captured: packets * 100,
    },
    rowsWritten: packets,
    fileBytes: 0,
    topSenders: [],
  };
}
