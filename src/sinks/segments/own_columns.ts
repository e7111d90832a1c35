/**
 * Columns of a segment that are written here, beside what DuckDB writes: those with one value in every
 * row, which are the greater part of most recordings and cost DuckDB as much as any other, and sequence
 * numbers.
 *
 * @module
 */
import { COLUMNS } from "../../contract/columns.ts";
import { type ChunkColumn, concatenate, schemaElement } from "../../parquet/column_chunk.ts";
import { openFile, readParquetEnd } from "../../parquet/file_access.ts";
import {
  addColumnChunks,
  addSchemaElements,
  rowsOf,
  withMetadata,
  writeFooter,
} from "../../parquet/footer.ts";
import { SequenceColumn } from "../../parquet/sequence_chunk.ts";
import { isUniform, type StagedColumn } from "./staged_column.ts";
import type { StagingTable } from "./staging_table.ts";
import { writeThriftStruct } from "../../parquet/thrift_compact.ts";
import { UniformColumn, type UniformValue } from "../../parquet/uniform_chunk.ts";

const SEQUENCES: ReadonlySet<string> = new Set(["tcp_sequence", "tcp_acknowledgment"]);

/**
 * Finds the columns of a table that DuckDB need not write. The timestamp is never one of them: DuckDB
 * has to write one column at least. A table without rows has none.
 *
 * @param firstRow the first row that is written
 */
export function findOwnColumns(table: StagingTable, firstRow = 0): ChunkColumn[] {
  if (table.rows === 0) return [];
  const { inAll, inAny } = presenceOf(table);
  return table.columns.flatMap((column): ChunkColumn[] => {
    const { name, type, presence } = column;
    if (type === "TIMESTAMP_NS") return [];
    if (presence !== 0 && !(inAny & presence)) return [new UniformColumn(name, type, null)];
    const isComplete = presence === 0 || (inAll & presence) !== 0;
    const only = isComplete ? column.only : undefined;
    if (only !== undefined) return [new UniformColumn(name, type, valueOf(column, only))];
    if (!SEQUENCES.has(name)) return [];
    const values = (column.values as Uint32Array).subarray(firstRow);
    return [new SequenceColumn(name, values, table.present.subarray(firstRow), presence)];
  });
}

/**
 * Adds columns to a file that DuckDB wrote without them, and puts all columns in the order of the
 * schema. The file is not complete until this returns.
 *
 * @param path of the file, with at least one column
 * @param columns the missing columns
 * @param metadata key/value metadata of the file
 * @param name of the file in messages
 * @throws {RunError} if it cannot be written
 */
export function addOwnColumns(
  path: string,
  columns: readonly ChunkColumn[],
  metadata: Readonly<Record<string, string>>,
  name: string,
): void {
  using file = openFile(path, "write", { read: true, write: true }, name);
  const { footer, dataEnd } = readParquetEnd(file);
  const added = COLUMNS.map((column) => columns.find(({ name }) => name === column.name) ?? null);
  let position = dataEnd;
  let row = 0;
  file.seek(dataEnd);
  const rowGroups = footer.rowGroups.map((rowGroup) => {
    const rows = rowsOf(rowGroup);
    const pieces: Uint8Array[] = [];
    let plainBytes = 0;
    const chunks = added.map((column) => {
      if (!column) return null;
      const chunk = column.chunk(row, rows, position);
      pieces.push(chunk.bytes);
      position += chunk.bytes.length;
      plainBytes += chunk.plainBytes;
      return chunk.column;
    });
    row += rows;
    let bytes = 0;
    for (const piece of pieces) {
      file.write(piece);
      bytes += piece.length;
    }
    return writeThriftStruct(addColumnChunks(rowGroup, chunks, plainBytes, bytes));
  });
  const elements = added.map((column) => column && schemaElement(column.name, column.type));
  const rest = withMetadata(addSchemaElements(footer.rest, elements), metadata);
  file.write(concatenate(...writeFooter({ rest, rows: footer.rows, rowGroups })));
}

/** Presence bits that every row has, and that any row has. */
function presenceOf(table: StagingTable): { inAll: number; inAny: number } {
  const { present, rows } = table;
  let inAll = 0xffff;
  let inAny = 0;
  const different = isUniform(present, 0, rows) ? 1 : rows;
  for (let row = 0; row < different; row++) {
    inAll &= present[row]!;
    inAny |= present[row]!;
  }
  return { inAll, inAny };
}

function valueOf({ type, dictionary }: StagedColumn, element: number): UniformValue {
  if (dictionary) return dictionary.texts()[element]!;
  return type === "BOOLEAN" ? element !== 0 : element;
}
