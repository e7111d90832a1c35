/**
 * The rows that a packet file becomes, as the program hands them to its reports.
 *
 * @module
 */
import { openInput } from "../../src/query/imported_recording.ts";
import { query, type Row } from "./parquet_rows.ts";

/** Rows in the order of the file. */
export async function packetFileRows(path: string): Promise<Row[]> {
  using recording = await openInput({ path, label: path, named: true });
  return await query(recording.path, "SELECT * FROM packets");
}
