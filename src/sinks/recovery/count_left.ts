/**
 * Counts what a recording that failed has in files which are not whole.
 *
 * @module
 */
import { addRowCounts, readRowCounts, type RowCounts } from "../../contract/row_counts.ts";
import { openFile, readParquetEnd } from "../../parquet/file_access.ts";
import { metadataOf } from "../../parquet/footer.ts";
import { lastTaken, takenCounts } from "../../parquet/growing_file.ts";
import { growingPaths } from "../segments/segment_names.ts";
import { SEGMENT_COUNTS_KEY } from "../segments/segment_store.ts";
import { leftPieces } from "./left_files.ts";

/**
 * Rows that `recover` would find, each once, by attachment. Never throws: what cannot be read counts for
 * nothing.
 *
 * @param directory the hidden directory
 * @param part number of the file that was open
 */
export function countLeft(directory: string, part: number): RowCounts {
  const paths = growingPaths(directory, part);
  const taken = attempt(() => lastTaken(paths), { segment: 0, endRow: null });
  const names = attempt(() => Array.from(Deno.readDirSync(directory), ({ name }) => name), []);
  return leftPieces(names, taken).reduce<RowCounts>((sum, { name }) => {
    return addRowCounts(sum, attempt(() => segmentCounts(`${directory}/${name}`), []));
  }, attempt(() => takenCounts(paths), []));
}

/** What a segment or a tail says of itself. */
function segmentCounts(path: string): RowCounts {
  using file = openFile(path, "read", { read: true });
  const metadata = metadataOf(readParquetEnd(file).footer.rest);
  return readRowCounts(JSON.parse(metadata.get(SEGMENT_COUNTS_KEY) ?? "[]")) ?? [];
}

function attempt<T>(action: () => T, otherwise: T): T {
  try {
    return action();
  } catch {
    return otherwise;
  }
}
