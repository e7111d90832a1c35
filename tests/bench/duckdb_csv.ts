/**
 * The flows of a CSV file by DuckDB, as somebody would ask for them who has no Parquet. A process of its
 * own, so that whole processes are compared.
 *
 *     deno run -A tests/bench/duckdb_csv.ts convert <parquet> <csv>
 *     deno run -A tests/bench/duckdb_csv.ts flows <csv>
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { say } from "../support/print.ts";

const FLOWS = `
  SELECT direction, source_ip, destination_ip, source_port, destination_port, protocol,
    count(*) AS packet_count, sum(packet_length) AS total_bytes,
    min("timestamp") AS flow_start, max("timestamp") AS flow_end
  FROM read_csv($file)
  WHERE source_ip IS NOT NULL
  GROUP BY ALL ORDER BY total_bytes DESC LIMIT 20`;

const [command, file, target] = Deno.args;
const instance = await DuckDBInstance.create(":memory:");
const connection = await instance.connect();
if (command === "convert") {
  const quoted = target!.replaceAll("'", "''");
  await connection.run(`COPY (FROM read_parquet($file)) TO '${quoted}' (FORMAT csv)`, {
    file: file!,
  });
} else {
  const reader = await connection.runAndReadAll(FLOWS, { file: file! });
  say(JSON.stringify(reader.getRowsJson()));
}
connection.closeSync();
instance.closeSync();
