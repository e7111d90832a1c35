/**
 * Tells recordings from other files, by their two ends.
 *
 * @module
 */
import type { Directory } from "../../../ffi/mod.ts";
import { FILE_METADATA_KEY } from "../../contract/file_metadata.ts";
import { readAt } from "../../core/read_at.ts";
import { FOOTER_TAIL_BYTES, isParquetMagic, PARQUET_MAGIC } from "../../parquet/footer.ts";

/**
 * Bytes of the footer that are looked at, from its end. The metadata stands behind the row groups
 * (apache/parquet-format, src/main/thrift/parquet.thrift, FileMetaData), and is some kilobytes.
 */
const LOOKED_AT_BYTES = 1024 * 1024;

/**
 * Whether a file is a complete Parquet file with our metadata. What the file holds besides is not
 * looked at.
 *
 * @param name of a file in the directory; a symbolic link is not followed
 * @returns false also if it cannot be read
 */
export function isRecording(directory: Directory, name: string): boolean {
  try {
    using descriptor = directory.openFile(name);
    if (descriptor.status().kind !== "regular file") return false;
    using file = Deno.openSync(descriptor.path, { read: true });
    return hasBothEnds(file);
  } catch {
    return false;
  }
}

function hasBothEnds(file: Deno.FsFile): boolean {
  const { size } = file.statSync();
  if (size < PARQUET_MAGIC.length + FOOTER_TAIL_BYTES) return false;
  if (!isParquetMagic(readAt(file, 0, PARQUET_MAGIC.length))) return false;
  const tail = readAt(file, size - FOOTER_TAIL_BYTES, FOOTER_TAIL_BYTES);
  if (!isParquetMagic(tail.subarray(FOOTER_TAIL_BYTES - PARQUET_MAGIC.length))) return false;
  const length = new DataView(tail.buffer).getUint32(0, true);
  const end = size - FOOTER_TAIL_BYTES;
  if (length > end - PARQUET_MAGIC.length) return false;
  const looked = Math.min(length, LOOKED_AT_BYTES);
  const footer = new TextDecoder("latin1").decode(readAt(file, end - looked, looked));
  return footer.includes(FILE_METADATA_KEY.schemaVersion);
}
