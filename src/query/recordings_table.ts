/**
 * The tables `recordings` and `interface_events` of `sql`: what files say about themselves.
 *
 * @module
 */
import { FILE_METADATA_KEY } from "../contract/file_metadata.ts";
import type { CheckedFile } from "./checked_file.ts";
import { recordedEvents } from "./interface_events.ts";
import { quoteText } from "./sql_text.ts";

/** A column of the table. */
export interface RecordingColumn {
  readonly name: string;
  readonly type: string;
  readonly description: string;
}

/** Text of a file that is longer is cut: nothing of ours is. */
const MAX_TEXT = 1000;

const COLUMNS: readonly (RecordingColumn & {
  readonly value: (file: CheckedFile) => string | number | bigint | boolean | null | undefined;
})[] = [
  {
    name: "file",
    type: "VARCHAR",
    description: "path of the file",
    value: ({ open }) => open.input.path,
  },
  {
    name: "host",
    type: "VARCHAR",
    description: "host that recorded",
    value: (file) => metadata(file, "host"),
  },
  {
    name: "interfaces",
    type: "VARCHAR",
    description: "interfaces with commas between them",
    value: ({ attachments }) =>
      [...new Set(attachments.map((one) => one.interface))].join(",") || null,
  },
  {
    name: "started",
    type: "TIMESTAMP_NS",
    description: "start of the recording, UTC",
    value: (file) => time(metadata(file, "started")),
  },
  {
    name: "ended",
    type: "TIMESTAMP_NS",
    description: "end of the recording, UTC",
    value: (file) => time(metadata(file, "ended")),
  },
  {
    name: "recorded_seconds",
    type: "DOUBLE",
    description: "time between both, by a clock that nobody sets",
    value: ({ span }) => span.seconds,
  },
  {
    name: "row_count",
    type: "UBIGINT",
    description: "packets in the file",
    value: ({ rows }) => rows,
  },
  {
    name: "sample_rate",
    type: "UBIGINT",
    description: "one packet in how many was kept",
    value: ({ sampleRate }) => sampleRate,
  },
  {
    name: "packets_seen",
    type: "UBIGINT",
    description: "packets that came to the programs",
    value: ({ counters }) => counters?.seen,
  },
  {
    name: "packets_captured",
    type: "UBIGINT",
    description: "packets that were recorded",
    value: ({ counters }) => counters?.captured,
  },
  {
    name: "packets_dropped",
    type: "UBIGINT",
    description: "packets that were lost",
    value: ({ counters }) => counters?.dropped,
  },
  {
    name: "bytes_captured",
    type: "UBIGINT",
    description: "sum of the lengths of recorded packets",
    value: ({ content }) => content?.bytes,
  },
  {
    name: "filter",
    type: "VARCHAR",
    description: "filter expression of the recording",
    value: (file) => metadata(file, "filter") || null,
  },
  {
    name: "tool_version",
    type: "VARCHAR",
    description: "version of the program that recorded",
    value: (file) => metadata(file, "toolVersion"),
  },
];

/** The columns, in order. */
export const RECORDINGS_COLUMNS: readonly RecordingColumn[] = COLUMNS;

/** The columns of the table `interface_events`, in order. */
export const EVENT_COLUMNS: readonly RecordingColumn[] = [
  { name: "file", type: "VARCHAR", description: "path of the file" },
  { name: "time", type: "TIMESTAMP_NS", description: "when it was noticed, UTC" },
  { name: "interface", type: "VARCHAR", description: "name of the interface" },
  {
    name: "event",
    type: "VARCHAR",
    description: "what happened: down, up, deleted, came_back, ...",
  },
  { name: "detail", type: "VARCHAR", description: "more of it" },
];

/** Statements that create the table of what happened to interfaces. */
export function eventStatements(files: readonly CheckedFile[]): string[] {
  const columns = EVENT_COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ");
  const create = `CREATE TEMP TABLE interface_events (${columns})`;
  const rows = files.flatMap(({ open }) =>
    recordedEvents(open.outline.metadata).map((one) => {
      const values = [open.input.path, time(one.time), one.interface, one.event, one.detail];
      return `(${values.map((value) => value === null ? "NULL" : quoteText(value)).join(", ")})`;
    })
  );
  return rows.length === 0
    ? [create]
    : [create, `INSERT INTO interface_events VALUES ${rows.join(", ")}`];
}

/** Statements that create the table. */
export function recordingsStatements(files: readonly CheckedFile[]): string[] {
  const columns = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(", ");
  const create = `CREATE TEMP TABLE recordings (${columns})`;
  const rows = files.map((file) => {
    const values = COLUMNS.map(({ value }) => {
      const found = value(file) ?? null;
      return typeof found === "string" ? quoteText(found) : String(found ?? "NULL");
    });
    return `(${values.join(", ")})`;
  });
  return rows.length === 0
    ? [create]
    : [create, `INSERT INTO recordings VALUES ${rows.join(", ")}`];
}

function metadata({ open }: CheckedFile, key: keyof typeof FILE_METADATA_KEY): string | null {
  const text = open.outline.metadata.get(FILE_METADATA_KEY[key]);
  return text === undefined || text.includes("\0") ? null : text.slice(0, MAX_TEXT);
}

/** A point in time as the recorder writes it; null for anything else. */
function time(text: string | null): string | null {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z$/.exec(text ?? "");
  return found === null || Number.isNaN(Date.parse(text!)) ? null : `${found[1]} ${found[2]}`;
}
