/**
 * What recordings lost, by cause and file.
 *
 * @module
 */
import { INVALID_TEXT } from "../contract/printed_text.ts";
import type { TableLayout, TableReport } from "./report.ts";

const CAUSE = `CASE WHEN NOT regexp_full_match(cause, '[a-z][a-z0-9_]{0,63}')
        THEN '${INVALID_TEXT}' ELSE cause END`;

const SHARE = `CASE WHEN packets_seen > packets_filtered
        THEN packets_dropped / (packets_seen - packets_filtered) END`;

const BY_FILE: TableLayout = {
  columns: [
    { name: "file", kind: "text" },
    { name: "cause", kind: "text" },
    { name: "packets_dropped", kind: "count" },
    { name: "packets_seen", kind: "count" },
    { name: "loss_share", kind: "share" },
    { name: "recording_start", kind: "time" },
    { name: "recording_end", kind: "time" },
    { name: "loss_start", kind: "time" },
    { name: "loss_end", kind: "time" },
  ],
  keys: ["file", "cause"],
  sorts: ["packets_dropped"],
  cells: [
    { heading: "File", column: "file" },
    { heading: "Cause", column: "cause" },
    { heading: "Lost", column: "packets_dropped" },
    { heading: "Seen", column: "packets_seen", leaveOut: "first" },
    { heading: "Loss", column: "loss_share" },
    { heading: "First loss (UTC)", column: "loss_start", leaveOut: "last" },
    { heading: "Last loss (UTC)", column: "loss_end", leaveOut: "last" },
    { heading: "Start (UTC)", column: "recording_start", leaveOut: "first" },
    { heading: "End (UTC)", column: "recording_end", leaveOut: "first" },
  ],
};

const BY_TIME: TableLayout = {
  columns: [
    { name: "loss_start", kind: "time" },
    { name: "loss_end", kind: "time" },
    { name: "interface", kind: "text" },
    { name: "direction", kind: "text" },
    { name: "cause", kind: "text" },
    { name: "packets_dropped", kind: "count" },
    { name: "packets_seen", kind: "count" },
    { name: "loss_share", kind: "share" },
    { name: "file", kind: "text" },
  ],
  keys: ["loss_start", "loss_end", "interface", "direction", "cause", "file"],
  sorts: [],
  cells: [
    { heading: "From (UTC)", column: "loss_start" },
    { heading: "Until (UTC)", column: "loss_end" },
    { heading: "Interface", column: "interface" },
    { heading: "Direction", column: "direction" },
    { heading: "Cause", column: "cause" },
    { heading: "Lost", column: "packets_dropped" },
    { heading: "Seen", column: "packets_seen", leaveOut: "last" },
    { heading: "Loss", column: "loss_share" },
    { heading: "File", column: "file", leaveOut: "first" },
  ],
};

export const LOSS: TableReport = {
  kind: "table",
  name: "loss",
  help: "packets lost by cause and file, and when",
  ...BY_FILE,
  defaultLimit: 0,
  definitions: [
    "Lost are packets that a program of the recorder was given and that are in no row, though they were to " +
    "be: not those that were sampled out, or left out by the filter of the recording. The counts are the recorder's own, of the whole file, whatever " +
    "was selected; they are not scaled.",
    "The share is of all packets that were seen for the file and matched its filter. A file without a cause lost nothing, or, " +
    "where the counts are missing too, does not say. Start and end are those of the recording, `loss_start` and " +
    "`loss_end` the first and the last moment in which it lost packets by that cause.",
    "`--by time` has a row for each second in which packets were lost, at each interface, of the time that is selected. " +
    "Where there were thousands of such seconds, a row is a longer time that holds some of them; in recordings of " +
    "earlier versions it is the whole recording. The share is of the packets seen in that time. What could not be written counts when it was " +
    "seen.",
  ],
  by: {
    default: null,
    groupings: [{ name: "time", help: "seconds in which packets were lost, at each interface" }],
  },
  layout: ({ by }) => by === null ? BY_FILE : BY_TIME,
  sql: ({ by }) =>
    by === null
      ? `
    SELECT losses.file, ${CAUSE} AS cause,
      packets_dropped, packets_seen, ${SHARE} AS loss_share,
      losses.started AS recording_start,
      losses.started + (seconds * 1e9)::HUGEINT AS recording_end,
      loss_start, loss_end
    FROM losses
    LEFT JOIN (
      SELECT file, cause, min(started) AS loss_start, max(ended) AS loss_end
      FROM loss_intervals
      WHERE cause IS NOT NULL
      GROUP BY file, cause
    ) AS times USING (file, cause)`
      : `
    SELECT started AS loss_start, ended AS loss_end, interface, direction, ${CAUSE} AS cause,
      packets_dropped, packets_seen, ${SHARE} AS loss_share, file
    FROM loss_intervals
    WHERE packets_dropped IS NOT NULL`,
};
