/**
 * The answer to a statement that a user wrote.
 *
 * @module
 */
import {
  type DuckDBDecimalValue,
  type DuckDBType,
  DuckDBTypeId,
  StatementType,
} from "@duckdb/node-api";
import { RunError } from "../core/errors.ts";
import { statementDamage } from "./damaged_files.ts";
import type { OpenRecording } from "./open_recording.ts";
import type { QuerySession, Row, StatementFacts, Value } from "./session.ts";
import { readingStatement } from "./reading_statement.ts";
import { sqlError } from "./sql_error.ts";
import { type TypedRows, typedRows } from "./typed_rows.ts";

/** A column of the answer. */
export interface ResultHeading {
  readonly name: string;
  /** `time`: nanoseconds since 1970, UTC, or text where they have no room. */
  readonly kind: "text" | "count" | "time";
}

export interface ResultRows {
  readonly columns: readonly ResultHeading[];
  /** The rows as they are computed. They come once. */
  readonly batches: AsyncIterable<readonly Row[]>;
  /** Asks for the rows with their types, instead of {@linkcode batches}. */
  readonly typed: () => TypedRows;
  /** Whether it is how a query is computed, in lines of its own. */
  readonly isExplanation: boolean;
  /** Rows that have come, and whether there are more; right once all have come. */
  readonly tally: { shown: number; isCut: boolean };
}

/** What a statement may be. */
export interface StatementRules {
  readonly isUnrestricted: boolean;
  /** Rows at most; 0 = all. */
  readonly limit: number;
  /** Names of files by what DuckDB calls them. */
  readonly labels: ReadonlyMap<string, string>;
  /** The recordings that it may read. */
  readonly files: readonly OpenRecording[];
}

/** Digits of a decimal that a number of 64 bits has for sure (IEEE 754). */
const NUMBER_DIGITS = 15;

const NUMBERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

/** Nanoseconds of a unit of each type of a point in time, and the unit's name in its value. */
const TIMES: Partial<Readonly<Record<DuckDBTypeId, readonly [unit: bigint, field: string]>>> = {
  [DuckDBTypeId.TIMESTAMP_S]: [1_000_000_000n, "seconds"],
  [DuckDBTypeId.TIMESTAMP_MS]: [1_000_000n, "millis"],
  [DuckDBTypeId.TIMESTAMP]: [1000n, "micros"],
  [DuckDBTypeId.TIMESTAMP_TZ]: [1000n, "micros"],
  [DuckDBTypeId.TIMESTAMP_NS]: [1n, "nanos"],
};

/** Years of four digits: those of others have another notation. */
const FIRST_NS = -62_135_596_800n * 1_000_000_000n;
const LAST_NS = 253_402_300_800n * 1_000_000_000n;

/**
 * Runs one statement.
 *
 * @throws {RunError} it is wrong, or may not be run; so do the rows while they come
 */
export async function runStatement(
  session: QuerySession,
  written: string,
  { isUnrestricted, limit, labels, files }: StatementRules,
): Promise<ResultRows> {
  let facts: StatementFacts;
  let sql = written;
  try {
    facts = await session.describe(written);
    if (facts.parameters > 0) {
      throw new RunError("Cannot run the query: it has a parameter", {
        hint: "Write the value itself",
      });
    }
    if (!isUnrestricted) sql = await readingStatement(session, written, facts);
  } catch (cause) {
    throw sqlError(cause, labels);
  }
  const tally = { shown: 0, isCut: false };
  const { columns } = facts;
  const explained = async function* <T>(start: () => AsyncGenerator<T>): AsyncGenerator<T> {
    try {
      yield* start();
    } catch (cause) {
      throw await statementDamage(session, cause, files) ?? sqlError(cause, labels);
    }
  };
  return {
    columns: columns.map(({ name, type }) => ({ name, kind: kindOf(type) })),
    batches: explained(() => plainRows(session, sql, facts, limit, tally)),
    typed: () => {
      const text = limit === 0 ? sql : `SELECT * FROM (${sql}\n) LIMIT ${limit}`;
      const isQuery = facts.type === StatementType.SELECT;
      if (!isQuery) {
        throw new RunError("Cannot write a file with types: the statement is no query", {
          hint: "Choose another format",
        });
      }
      return typedRows(session, { sql: text, parameters: {} }, [], explained);
    },
    isExplanation: facts.type === StatementType.EXPLAIN,
    tally,
  };
}

async function* plainRows(
  session: QuerySession,
  sql: string,
  { columns }: StatementFacts,
  limit: number,
  tally: ResultRows["tally"],
): AsyncGenerator<Row[]> {
  const converts = columns.map(({ type }) => converterOf(type));
  for await (const chunk of session.chunks(sql)) {
    const left = limit === 0 ? chunk.rowCount : limit - tally.shown;
    tally.isCut = chunk.rowCount > left;
    const rows = chunk.getRows().slice(0, left).map((row) =>
      row.map((value, index) => value === null ? null : converts[index]!(value))
    );
    tally.shown += rows.length;
    if (rows.length > 0) yield rows;
    if (tally.isCut) return;
  }
}

function kindOf({ typeId }: DuckDBType): ResultHeading["kind"] {
  if (TIMES[typeId] !== undefined) return "time";
  return NUMBERS.has(typeId) ? "count" : "text";
}

function converterOf({ typeId }: DuckDBType): (value: unknown) => Value {
  const time = TIMES[typeId];
  if (time !== undefined) {
    const [unit, field] = time;
    return (value) => {
      const ns = (value as Record<string, bigint>)[field]! * unit;
      return ns >= FIRST_NS && ns < LAST_NS ? ns : String(value);
    };
  }
  if (typeId === DuckDBTypeId.DECIMAL) return (value) => decimalValue(value as DuckDBDecimalValue);
  // What is made of parts is text as DuckDB prints it.
  return (value) => typeof value === "object" ? String(value) : value as Value;
}

function decimalValue(value: DuckDBDecimalValue): Value {
  if (value.scale === 0) return value.value;
  const text = value.toString();
  return text.replace(/\D/g, "").length <= NUMBER_DIGITS ? Number(text) : text;
}
