/**
 * The reports on TCP over made-up packets, in a database that has the views of recordings.
 *
 * @module
 */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { COLUMNS } from "../../src/contract/columns.ts";
import { viewStatements } from "../../src/query/views.ts";
import {
  type Choices,
  defaultChoices,
  tableOf,
  type TableReport,
} from "../../src/reports/report.ts";
import type { Segment } from "./tcp_reference.ts";

/** Values of one row by the report's columns. */
export type ReportRow = Readonly<Record<string, unknown>>;

export class SegmentRows implements Disposable {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /** @param settings of DuckDB, beside its default ones with one thread */
  static async create(settings: Readonly<Record<string, string>> = {}): Promise<SegmentRows> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1", ...settings });
    const connection = await instance.connect();
    const columns = COLUMNS.map(({ name, type }) => `"${name}" ${type}`);
    await connection.run(`CREATE TABLE packets (${columns.join(", ")}, sample_rate BIGINT)`);
    await connection.run("CREATE TABLE attachments (interface VARCHAR, direction VARCHAR)");
    const files = [1, 10].map((sampleRate) => ({ openPath: "", sampleRate }));
    const all = { window: { from: null, to: null }, interfaces: [], direction: null };
    for (const statement of viewStatements(files, all)) {
      if (statement.startsWith("CREATE TEMP MACRO")) await connection.run(statement);
    }
    return new SegmentRows(instance, connection);
  }

  /** Has these packets in the place of those before. */
  async set(segments: readonly Segment[], sampleRate = 1): Promise<void> {
    await this.#connection.run("DELETE FROM packets");
    if (segments.length === 0) return;
    const rows = segments.map((one) =>
      `(
      make_timestamp_ns(${one.time}::BIGINT), '${one.direction}', '${one.interface}', ${one.bytes},
      ${one.wire}, '${one.source.ip}', '${one.destination.ip}', 'TCP', 6, ${one.source.port},
      ${one.destination.port}, false, ${one.flags}, ${one.seq}, ${one.ack}, ${one.window},
      ${one.length}, ${sampleRate})`
    );
    await this.#connection.run(`INSERT INTO packets (
      timestamp, direction, interface, packet_length, segments, source_ip, destination_ip, protocol,
      ip_protocol, source_port, destination_port, is_fragment, tcp_flags, tcp_sequence,
      tcp_acknowledgment, tcp_window, payload_length, sample_rate) VALUES ${rows.join(", ")}`);
  }

  /**
   * Puts the packets into a file, in no order and in small row groups, from where several threads read them.
   *
   * @param path where nothing is yet
   */
  async scatter(path: string): Promise<void> {
    await this.#connection.run(`COPY (SELECT * FROM packets ORDER BY hash(timestamp, tcp_sequence))
      TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
    await this.#connection.run("DROP TABLE packets");
    await this.#connection.run(`CREATE VIEW packets AS FROM '${path}'`);
  }

  /** All rows of a report, whole numbers as numbers. */
  async ask(report: TableReport, choices: Choices = defaultChoices(report)): Promise<ReportRow[]> {
    const { sql, columns } = tableOf(report, choices);
    const names = columns.map(({ name }) => name);
    const result = await this.#connection.runAndReadAll(`SELECT ${names.join(", ")} FROM (${sql})`);
    return result.getRows().map((row) =>
      Object.fromEntries(names.map((name, index) => {
        const value = row[index];
        const isTime = columns[index]!.kind === "time";
        return [name, typeof value === "bigint" && !isTime ? Number(value) : value];
      }))
    );
  }

  [Symbol.dispose](): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
