/**
 * The rows of a query for formats that keep types, Parquet and Arrow: points in time, counts that are
 * integers of 64 bits, and nothing that is rounded.
 *
 * @module
 */
import { type DuckDBDataChunk, type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import type { Parameters, QuerySession, ResultColumn } from "./session.ts";
import { quoteName } from "./sql_text.ts";

/** `time`: nanoseconds since 1970, UTC. `count`: a whole number, 0 or more. */
export type Meaning = "time" | "count" | null;

export interface TypedRows {
  /** A Parquet file, part by part. */
  parquet(): AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** The columns as Arrow has them, then the rows. All types are among {@linkcode PLAIN_TYPES}. */
  chunks(): AsyncIterable<{
    readonly columns: readonly ResultColumn[];
    /** None in the first, which comes whatever the rows are. */
    readonly chunk: DuckDBDataChunk | null;
  }>;
}

/** Types that Arrow has too, and that are not made of others. */
export const PLAIN_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.BLOB,
]);

/** Types of whole numbers of up to 64 bits. */
const INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);

/** Passes rows on, with errors in the user's words. */
type Explain = <T>(start: () => AsyncGenerator<T>) => AsyncGenerator<T>;

export function typedRows(
  session: QuerySession,
  { sql, parameters }: { readonly sql: string; readonly parameters: Parameters },
  meanings: readonly Meaning[],
  explain: Explain,
): TypedRows {
  return {
    parquet: () => explain(() => parquet(session, sql, parameters, meanings)),
    chunks: () => explain(() => chunks(session, sql, parameters, meanings)),
  };
}

async function* parquet(
  session: QuerySession,
  sql: string,
  parameters: Parameters,
  meanings: readonly Meaning[],
) {
  const columns = await session.columns(sql);
  yield* session.parquet(converted(sql, columns, meanings, storedType), parameters);
}

async function* chunks(
  session: QuerySession,
  sql: string,
  parameters: Parameters,
  meanings: readonly Meaning[],
) {
  const plain = converted(sql, await session.columns(sql), meanings, plainType);
  const columns = await session.columns(plain);
  yield { columns, chunk: null };
  for await (const chunk of session.chunks(plain, parameters)) yield { columns, chunk };
}

/** What a type becomes in Parquet; null = it stays. DuckDB would round integers of 128 bits. */
function storedType({ typeId }: DuckDBType, meaning: Meaning): string | null {
  const isHuge = typeId === DuckDBTypeId.HUGEINT || typeId === DuckDBTypeId.UHUGEINT;
  if (meaning === "count" && (isHuge || INTEGERS.has(typeId))) return "UBIGINT";
  return isHuge ? "DECIMAL(38, 0)" : null;
}

/** What a type becomes in Arrow: all that is made of parts becomes text, as DuckDB prints it. */
function plainType(type: DuckDBType, meaning: Meaning): string | null {
  const stored = storedType(type, meaning);
  return stored === null && !PLAIN_TYPES.has(type.typeId) ? "VARCHAR" : stored;
}

/** The query with other types. Names that occur twice are told apart: no reader wants two columns of one name. */
function converted(
  sql: string,
  columns: readonly ResultColumn[],
  meanings: readonly Meaning[],
  typeOf: (type: DuckDBType, meaning: Meaning) => string | null,
): string {
  const names = uniqueNames(columns.map(({ name }) => name));
  const selected = columns.map(({ type }, index) => {
    const meaning = meanings[index] ?? null;
    const [value, name] = [`c${index}`, quoteName(names[index]!)];
    // DuckDB's other ways to a point in time round to microseconds.
    if (meaning === "time") return `make_timestamp_ns(${value}::BIGINT) AS ${name}`;
    const target = typeOf(type, meaning);
    return target === null ? `${value} AS ${name}` : `${value}::${target} AS ${name}`;
  });
  const aliases = columns.map((_, index) => `c${index}`).join(", ");
  return `SELECT ${selected.join(", ")} FROM (${sql}\n) AS answer(${aliases})`;
}

function uniqueNames(names: readonly string[]): string[] {
  // DuckDB compares names without regard to case.
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 1; taken.has(unique.toLowerCase()); number++) unique = `${name}_${number}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
