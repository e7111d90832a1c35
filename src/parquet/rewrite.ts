/**
 * Copies a Parquet file chunk by chunk: without a column that was for the way only, with some column
 * chunks encoded anew, and with other metadata. Nothing else is decoded; Bloom filters come along.
 *
 * @module
 */
import { PROGRAM_NAME, VERSION } from "../core/version.ts";
import { type ChunkColumn, ENCODING } from "./column_chunk.ts";
import {
  columnPlaces,
  filterPlace,
  rowGroupOf,
  withFilterAt,
  withoutColumn,
} from "./chunk_places.ts";
import { type OpenFile, openFile, readParquetEnd } from "./file_access.ts";
import { describeFile, PARQUET_MAGIC, rowsOf, writeFooter } from "./footer.ts";
import { type ThriftStruct, writeThriftStruct } from "./thrift_compact.ts";

/** How a file is changed on the way. */
export interface RewritePlan {
  /** Name of a column of a flat schema that is left out; null = none. */
  readonly without: string | null;
  /** Columns whose chunks of differences are encoded anew, by name. */
  readonly anew: readonly string[];
  /**
   * The values of those columns in the next row group: what encodes them from its first row on.
   *
   * @param rows of the row group
   */
  readonly next: (rows: number) => Promise<readonly ChunkColumn[]>;
  /** Key/value metadata of the new file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes copied at a time. */
const COPY_BYTES = 4 * 1024 * 1024;

/**
 * Makes a new file out of one. Nothing is synced to the disk.
 *
 * @param output must not exist
 * @returns bytes of the new file
 * @throws {RunError} if one cannot be read, or the other not be written
 */
export async function rewriteParquet(
  input: string,
  output: string,
  { without, anew, next, metadata }: RewritePlan,
): Promise<number> {
  using source = openFile(input, "read", { read: true });
  using target = openFile(output, "write", { write: true, createNew: true });
  const { footer } = readParquetEnd(source);
  const copy = copier(source, target);
  target.write(PARQUET_MAGIC);
  const groups: { rows: number; columns: ThriftStruct[]; from: ThriftStruct }[] = [];
  for (const from of footer.rowGroups) {
    const rows = rowsOf(from);
    const encoded = await next(rows);
    const columns: ThriftStruct[] = [];
    for (const place of columnPlaces(from)) {
      if (place.name === without) continue;
      const column =
        anew.includes(place.name) && place.encodings.includes(ENCODING.DELTA_BINARY_PACKED)
          ? encoded.find(({ name }) => name === place.name)!
          : null;
      if (column === null) {
        const position = target.position;
        copy(place.start, place.bytes);
        columns.push(place.movedTo(position));
      } else {
        const chunk = column.chunk(0, rows, target.position);
        target.write(chunk.bytes);
        columns.push(chunk.column);
      }
    }
    groups.push({ rows, columns, from });
  }
  const rowGroups = groups.map(({ columns, from }) => {
    const placed = columns.map((column) => {
      const filter = filterPlace(column);
      if (filter === null) return column;
      const position = target.position;
      copy(filter.start, filter.bytes);
      return withFilterAt(column, position);
    });
    return writeThriftStruct(rowGroupOf(from, placed));
  });
  const createdBy = `${PROGRAM_NAME} version ${VERSION}`;
  const schema = without === null ? footer.rest : withoutColumn(footer.rest, without);
  const rest = describeFile(schema, createdBy, metadata);
  for (const piece of writeFooter({ rest, rows: footer.rows, rowGroups })) target.write(piece);
  return target.position;
}

/** Copies a part of one file to the end of another. */
function copier(source: OpenFile, target: OpenFile): (start: number, bytes: number) => void {
  const buffer = new Uint8Array(COPY_BYTES);
  return (start, bytes) => {
    source.seek(start);
    for (let left = bytes; left > 0;) {
      const piece = buffer.subarray(0, Math.min(left, buffer.length));
      source.readFull(piece);
      target.write(piece);
      left -= piece.length;
    }
  };
}
