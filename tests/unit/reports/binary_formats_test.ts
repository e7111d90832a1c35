/**
 * Every report as Parquet and as Arrow, read by others: a DuckDB of its own, hyparquet and
 * apache-arrow.
 */
import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { runStats } from "../../../src/commands/stats/run_stats.ts";
import { REPORTS } from "../../../src/reports/all.ts";
import { type FixtureName, fixturePath, FIXTURES } from "../../support/make_fixture.ts";
import { readRowsWithHyparquet } from "../../support/parquet_rows.ts";
import { TempDirectory } from "../../support/temp_directory.ts";

type Row = Record<string, unknown>;

async function stats(report: string, format: string, fixture: FixtureName, limit: number | null) {
  const parts: (string | Uint8Array<ArrayBuffer>)[] = [];
  await runStats({ report, files: [fixturePath(fixture)], limit, format }, {
    data: (part) => parts.push(part),
    note: () => {},
    screen: { width: null, colour: false },
  });
  return await new Blob(parts).bytes();
}

/** Rows as the format `json` has them, times as nanoseconds, the sections of a summary left out. */
async function expected(report: string, fixture: FixtureName, limit: number | null) {
  const text = new TextDecoder().decode(await stats(report, "json", fixture, limit));
  const parsed: Row | Row[] = JSON.parse(text);
  const rows = Array.isArray(parsed) ? parsed : [parsed];
  const { columns } = REPORTS.find(({ name }) => name === report)!;
  return rows.map((row) => columns.map(({ name, kind }) => plain(row[name], kind === "time")));
}

/** Numbers of any kind as text, so that readers may choose theirs. */
function plain(value: unknown, isTime: boolean): unknown {
  if (isTime && typeof value === "string") {
    const [, seconds, fraction] = /^(.*)\.(\d{9})Z$/.exec(value)!;
    return `${BigInt(Date.parse(`${seconds}Z`)) / 1000n}${fraction}`;
  }
  return typeof value === "number" || typeof value === "bigint" ? String(value) : value ?? null;
}

/** Types of a Parquet file's columns, and its rows, times as nanoseconds. */
async function readParquet(path: string) {
  using directory = TempDirectory.create();
  const instance = await DuckDBInstance.create(directory.file("other.db"));
  const connection = await instance.connect();
  try {
    const file = `read_parquet('${path}')`;
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${file}`);
    const types = described.getRowsJS().map(([name, type]) => [name, type] as [string, string]);
    const values = types.map(([name, type]) => {
      return type === "TIMESTAMP_NS" ? `epoch_ns("${name}")` : `"${name}"`;
    });
    const rows = await connection.runAndReadAll(`SELECT ${values.join(", ")} FROM ${file}`);
    return { types: new Map(types), rows: rows.getRowsJS() };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** What a kind of value is stored as, unless its column says otherwise. */
const STORED = {
  parquet: { time: "TIMESTAMP_NS", count: "UBIGINT", bytes: "UBIGINT", port: "USMALLINT" },
  arrow: {
    time: "Timestamp<NANOSECOND, UTC>",
    count: "Uint64",
    bytes: "Uint64",
    port: "Uint16",
  },
} as const;

for (const report of REPORTS) {
  Deno.test(`the report ${report.name} has the same rows in Parquet as in JSON`, async () => {
    using directory = TempDirectory.create();
    for (
      const [fixture, limit] of [
        ...FIXTURES.map((name) => [name, null] as const),
        ["complete", 2] as const,
      ]
    ) {
      const path = directory.file("answer.parquet");
      Deno.writeFileSync(path, await stats(report.name, "parquet", fixture, limit));
      const { types, rows } = await readParquet(path);
      assert.deepEqual([...types.keys()], report.columns.map(({ name }) => name));
      const found = rows.map((row) => row.map((value) => plain(value, false)));
      assert.deepEqual(found, await expected(report.name, fixture, limit), fixture);
      for (const { name, kind, type } of report.columns) {
        if (type === undefined && kind in STORED.parquet && !["avg_packet_size"].includes(name)) {
          assert.equal(types.get(name), STORED.parquet[kind as keyof typeof STORED.parquet], name);
        }
      }
      assert.equal((await readRowsWithHyparquet(path)).length, rows.length);
    }
  });

  Deno.test(`the report ${report.name} has the same rows in Arrow as in JSON`, async () => {
    for (
      const [fixture, limit] of [
        ...FIXTURES.map((name) => [name, null] as const),
        ["complete", 2] as const,
      ]
    ) {
      const table = tableFromIPC(await stats(report.name, "arrow", fixture, limit));
      const { fields } = table.schema;
      assert.deepEqual(fields.map(({ name }) => name), report.columns.map(({ name }) => name));
      for (const [index, { name, kind, type }] of report.columns.entries()) {
        if (type === undefined && kind in STORED.arrow && !["avg_packet_size"].includes(name)) {
          const stored = STORED.arrow[kind as keyof typeof STORED.arrow];
          assert.equal(String(fields[index]!.type), stored, name);
        }
      }
      const found = Array.from({ length: table.numRows }, (_, row) =>
        fields.map((_, index) => {
          const column = table.getChildAt(index)!;
          // The reader makes milliseconds of times: their nanoseconds are taken out of its memory.
          if (!String(fields[index]!.type).startsWith("Timestamp")) {
            return plain(column.get(row), false);
          }
          return column.get(row) === null ? null : String(column.data[0]!.values[row]);
        }));
      assert.deepEqual(found, await expected(report.name, fixture, limit), fixture);
    }
  });
}
