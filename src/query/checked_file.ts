/**
 * What is known of a file before any of its packets is read, once it turned out to be a recording.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import { type JoinedNotes, joinedNotes } from "./joined_notes.ts";
import type { OpenRecording } from "./open_recording.ts";
import { fileLosses } from "./loss_intervals.ts";
import { damageError, queryError } from "./query_errors.ts";
import {
  captureCounters,
  type Content,
  recordedAttachments,
  recordedContent,
  recordedFilter,
  sampleRate,
  schemaVersion,
} from "./recording_facts.ts";
import { recordingSpan } from "./recording_span.ts";
import {
  checkNames,
  checkSchema,
  checkWidths,
  type FileColumns,
  topLevelColumns,
} from "./schema_check.ts";
import type { FileFacts } from "./selected_facts.ts";
import { type SeriesPlace, seriesPlace } from "./series_place.ts";
import type { QuerySession } from "./session.ts";

/** A recording that can be asked. */
export interface CheckedFile extends FileFacts {
  readonly open: OpenRecording;
  readonly sampleRate: number;
  readonly content: Content | null;
  /** The expression that its packets had to match; empty = none. */
  readonly filter: string;
  /** Of a file of a recording of several. */
  readonly place: SeriesPlace | null;
  /** What was wrong between the recordings that it was made of. */
  readonly notes: JoinedNotes;
}

/** Columns by the bytes of the schema, or why DuckDB cannot read that. */
export type Schemas = ReadonlyMap<string, FileColumns | RunError>;

/** Recordings have one schema, however many they are: DuckDB is asked once for each that differs. */
export async function readSchemas(
  session: QuerySession,
  files: readonly OpenRecording[],
): Promise<Schemas> {
  const schemas = new Map<string, FileColumns | RunError>();
  for (const file of files) {
    const { schema } = file.outline;
    if (schemas.has(schema)) continue;
    try {
      const sql = "SELECT name, duckdb_type, num_children FROM parquet_schema($path)";
      schemas.set(schema, topLevelColumns(await session.rows(sql, { path: file.path })));
    } catch (cause) {
      const error = queryError(cause, [file]) ?? damageError(cause, [file]);
      if (!(error instanceof RunError)) throw error;
      schemas.set(schema, error);
    }
  }
  return schemas;
}

/**
 * Checks what the footer of a file says.
 *
 * @throws {RunError} naming the file and what is wrong with it
 */
export function checkFooter(open: OpenRecording, schemas: Schemas): CheckedFile {
  const { input: { label }, outline } = open;
  const { metadata, schema, columns, excess, rows, times, addresses } = outline;
  const types = schemas.get(schema)!;
  if (types instanceof RunError) throw types;
  checkSchema(label, schemaVersion(metadata), types);
  checkNames(label, columns.map(({ name }) => name));
  checkWidths(
    label,
    columns.map(({ name, leaf }) => [name, leaf === null ? 0 : excess[leaf] ?? 0]),
  );
  const counters = captureCounters(metadata);
  const attachments = recordedAttachments(metadata);
  const span = recordingSpan(metadata);
  return {
    open,
    rows,
    times,
    addresses,
    sampleRate: sampleRate(metadata, label),
    counters,
    attachments,
    span,
    losses: fileLosses(metadata, counters, attachments, span),
    content: recordedContent(metadata),
    filter: recordedFilter(metadata),
    place: seriesPlace(metadata),
    notes: joinedNotes(metadata),
  };
}
