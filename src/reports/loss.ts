/**
 * What recordings lost, by cause and file.
 *
 * @module
 */
import { INVALID_TEXT } from "../contract/printed_text.ts";
import type { TableReport } from "./report.ts";

export const LOSS: TableReport = {
  kind: "table",
  name: "loss",
  help: "packets lost by cause and file, and when",
  columns: [
    { name: "file", kind: "text" },
    { name: "cause", kind: "text" },
    { name: "packets_dropped", kind: "count" },
    { name: "packets_seen", kind: "count" },
    { name: "loss_share", kind: "share" },
    { name: "recording_start", kind: "time" },
    { name: "recording_end", kind: "time" },
  ],
  defaultLimit: 0,
  definitions: [
    "Lost are packets that a program of the recorder was given and that are in no row, though they were to " +
    "be: not those that were sampled out, or left out by the filter of the recording. The counts are the recorder's own, of the whole file, whatever " +
    "was selected; they are not scaled.",
    "The share is of all packets that were seen for the file and matched its filter. A file without a cause lost nothing, or, " +
    "where the counts are missing too, does not say. Start and end are those of the recording: when in it " +
    "packets were lost is not known.",
  ],
  keys: ["file", "cause"],
  sorts: ["packets_dropped"],
  sql: `
    SELECT file, CASE WHEN NOT regexp_full_match(cause, '[a-z][a-z0-9_]{0,63}')
        THEN '${INVALID_TEXT}' ELSE cause END AS cause,
      packets_dropped, packets_seen,
      CASE WHEN packets_seen > packets_filtered
        THEN packets_dropped / (packets_seen - packets_filtered) END AS loss_share,
      started AS recording_start,
      started + (seconds * 1e9)::HUGEINT AS recording_end
    FROM losses`,
  cells: [
    { heading: "File", column: "file" },
    { heading: "Cause", column: "cause" },
    { heading: "Lost", column: "packets_dropped" },
    { heading: "Seen", column: "packets_seen", leaveOut: "first" },
    { heading: "Loss", column: "loss_share" },
    { heading: "Start (UTC)", column: "recording_start", leaveOut: "first" },
    { heading: "End (UTC)", column: "recording_end", leaveOut: "first" },
  ],
};
