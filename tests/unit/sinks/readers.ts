/**
 * Two independent readers of Parquet files, with equal results: one object per row, 64-bit integers as
 * bigint, timestamps as nanoseconds.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  DuckDBInstance,
  DuckDBTimestampNanosecondsValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";

type Rows = Record<string, unknown>[];

/** Result of a query; `?` stands for the path. */
export async function query(sql: string, path: string): Promise<Rows> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql, sql.includes("?") ? [path] : []);
    return reader.getRowObjects().map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]))
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** All rows, read by DuckDB. */
export function readWithDuckDb(path: string): Promise<Rows> {
  return query("SELECT * FROM read_parquet(?)", path);
}

/** All rows, read by hyparquet. */
export async function readWithHyparquet(path: string): Promise<Rows> {
  const parsers = { timestampFromNanoseconds: (value: bigint) => value } as never;
  return await parquetReadObjects({ file: arrayBufferOf(path), compressors, parsers });
}

/** The footer, read by hyparquet. */
export function footerOf(path: string) {
  return parquetMetadata(arrayBufferOf(path));
}

function arrayBufferOf(path: string): ArrayBuffer {
  return Deno.readFileSync(path).buffer;
}

function plain(value: DuckDBValue): unknown {
  return value instanceof DuckDBTimestampNanosecondsValue ? value.nanos : value;
}

/**
 * Compares rows one by one: a diff of thousands of rows at once takes minutes and gigabytes.
 */
export function assertRows(actual: readonly unknown[], expected: readonly unknown[]): void {
  assert.equal(actual.length, expected.length, "number of rows");
  expected.forEach((row, index) => assert.deepEqual(actual[index], row, `row ${index}`));
}
