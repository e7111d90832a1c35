/**
 * Joins Parquet files of one schema without decoding them: their data is copied one after the other,
 * and one footer describes all row groups at their new places.
 *
 * @module
 */
import { PROGRAM_NAME, VERSION } from "../core/version.ts";
import { openFile, readParquetEnd } from "./file_access.ts";
import {
  describeFile,
  isSameSchema,
  moveRowGroup,
  PARQUET_MAGIC,
  type ParquetFooter,
  schemaBytes,
  writeFooter,
} from "./footer.ts";
import { writeThriftStruct } from "./thrift_compact.ts";

/** Bytes copied at a time. */
const COPY_BYTES = 4 * 1024 * 1024;

/**
 * Joins segments into one file.
 *
 * Data is copied in pieces; memory grows with the number of row groups only (about 3 KB each). Bloom
 * filters and statistics stay. Nothing is synced to the disk.
 *
 * @param segments paths of Parquet files with equal schemas, at least one
 * @param output path of the file to be made; it must not exist
 * @param metadata key/value metadata of the new file, in place of that of the segments
 * @returns rows and bytes of the new file
 * @throws {RunError} if a segment cannot be read or the output cannot be written
 */
export function joinSegments(
  segments: readonly string[],
  output: string,
  metadata: Readonly<Record<string, string>>,
): { rows: number; bytes: number } {
  using target = openFile(output, "write", { write: true, createNew: true });
  target.write(PARQUET_MAGIC);
  const buffer = new Uint8Array(COPY_BYTES);
  const rowGroups: Uint8Array[] = [];
  let schema: Uint8Array | null = null;
  let first: ParquetFooter | null = null;
  let rows = 0n;
  for (const path of segments) {
    using segment = openFile(path, "read", { read: true });
    const { footer, dataEnd } = readParquetEnd(segment);
    first ??= footer;
    schema ??= schemaBytes(footer);
    if (!isSameSchema(schema, schemaBytes(footer))) throw segment.error("its columns differ");
    const shift = BigInt(target.position - PARQUET_MAGIC.length);
    for (const rowGroup of footer.rowGroups) {
      rowGroups.push(writeThriftStruct(moveRowGroup(rowGroup, shift)));
    }
    rows += footer.rows;
    segment.seek(PARQUET_MAGIC.length);
    for (let left = dataEnd - PARQUET_MAGIC.length; left > 0;) {
      const piece = buffer.subarray(0, Math.min(left, buffer.length));
      segment.readFull(piece);
      target.write(piece);
      left -= piece.length;
    }
  }
  if (!first) throw new Error("Cannot join no segments");
  const createdBy = `${PROGRAM_NAME} version ${VERSION}`;
  const rest = describeFile(first.rest, createdBy, metadata);
  for (const piece of writeFooter({ rest, rows, rowGroups })) target.write(piece);
  return { rows: Number(rows), bytes: target.position };
}
