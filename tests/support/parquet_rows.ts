/**
 * Rows of a Parquet file by two readers that share no code with the writer's tests: DuckDB, and
 * hyparquet, which is plain JavaScript.
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

export type Row = Record<string, string | number | bigint | boolean | null>;

/**
 * Rows of `SELECT <query> ...` where the word `packets` stands for the file. A timestamp becomes
 * nanoseconds since 1970 as a bigint.
 */
export async function query(path: string, sql: string): Promise<Row[]> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const quoted = path.replaceAll("'", "''");
    await connection.run(
      `CREATE VIEW packets AS
       SELECT * REPLACE (epoch_ns("timestamp") AS "timestamp") FROM read_parquet('${quoted}')`,
    );
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS() as Row[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** All rows in order of time. */
export function readRows(path: string): Promise<Row[]> {
  return query(path, `SELECT * FROM packets ORDER BY "timestamp"`);
}

/** All rows in file order, by hyparquet. */
export async function readRowsWithHyparquet(path: string): Promise<Record<string, unknown>[]> {
  const file = await asyncBufferFromFile(path);
  return await parquetReadObjects({ file, compressors });
}

/** Number of rows that the footer promises, by hyparquet. */
export async function footerRowCount(path: string): Promise<number> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return Number(metadata.num_rows);
}

/** Key/value metadata of the file, by hyparquet. */
export async function fileMetadata(path: string): Promise<Map<string, string>> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  const pairs = metadata.key_value_metadata ?? [];
  return new Map(pairs.map(({ key, value }) => [key, value ?? ""]));
}
