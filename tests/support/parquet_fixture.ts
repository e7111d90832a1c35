/**
 * Parquet files for tests, made by DuckDB in the schema of `src/contract/columns.ts`.
 *
 * @module
 */
import { DuckDBInstance } from "@duckdb/node-api";
import type { RecordedLoss } from "../../src/contract/loss_interval.ts";
import { isoFromNanoseconds } from "../../src/core/timestamps.ts";
import { FILE_METADATA_KEY } from "../../src/contract/file_metadata.ts";
import { COLUMNS, SCHEMA_VERSION } from "../../src/contract/columns.ts";
import { columnValues, type FixturePacket } from "./fixture_packets.ts";

/**
 * Metadata that a complete recording of `packets` has, or one that lost some of others that it saw.
 *
 * @param others packets that were lost or left out
 */
export function metadataOf(
  packets: readonly FixturePacket[],
  others = 0,
  drops: Readonly<Record<string, number>> = {},
): Record<string, string> {
  const bytes = packets.reduce((sum, { packet_length }) => sum + Number(packet_length), 0);
  const content = { packets_captured: packets.length, bytes_captured: bytes };
  return recordingMetadata(packets.length + others, drops, content);
}

/** Metadata that a complete recording of `seen` packets has, or one that lost some of them. */
export function recordingMetadata(
  seen: number,
  drops: Readonly<Record<string, number>> = {},
  content: { readonly packets_captured?: number; readonly bytes_captured?: number } = {},
): Record<string, string> {
  const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
  const { packets_captured = seen - dropped, bytes_captured = 0 } = content;
  const counters = {
    packets_seen: seen,
    packets_captured,
    packets_dropped: dropped,
    drops,
    packets_sampled_out: seen - dropped - packets_captured,
    packets_filtered: 0,
    bytes_captured,
  };
  // All that is lost is lost on the way in.
  const outgoing = Math.floor((seen - dropped) / 2);
  const ingress = { ...counters, packets_seen: seen - outgoing };
  const egress = { ...counters, packets_seen: outgoing, packets_dropped: 0, drops: {} };
  return {
    [FILE_METADATA_KEY.schemaVersion]: String(SCHEMA_VERSION),
    [FILE_METADATA_KEY.toolVersion]: "0.1.0",
    [FILE_METADATA_KEY.host]: "testhost",
    [FILE_METADATA_KEY.started]: "2026-11-23T13:54:00.000000000Z",
    [FILE_METADATA_KEY.ended]: "2026-11-23T13:54:30.500000000Z",
    [FILE_METADATA_KEY.durationSeconds]: "30.5",
    [FILE_METADATA_KEY.sampleRate]: "1",
    [FILE_METADATA_KEY.filter]: "",
    [FILE_METADATA_KEY.attachments]: JSON.stringify([
      {
        slot: 0,
        interface: "eth0",
        direction: "ingress",
        hook: "xdp",
        mode: "native",
        counters: { ...ingress, packets_captured: ingress.packets_seen - dropped },
      },
      {
        slot: 1,
        interface: "eth0",
        direction: "egress",
        hook: "tcx",
        mode: "tcx",
        counters: { ...egress, packets_captured: outgoing },
      },
    ]),
    [FILE_METADATA_KEY.counters]: JSON.stringify(counters),
  };
}

/** What an attachment lost in a time, as {@linkcode lossesOf} takes it: seconds behind the start. */
export interface FixtureLoss {
  readonly from: number;
  readonly to: number;
  readonly seen: number;
  readonly drops: Readonly<Record<string, number>>;
  /** 0 unless given: what comes in. */
  readonly slot?: number;
}

/** Metadata of a recording that says when it lost packets, in place of that it is to be added to. */
export function lossesOf(losses: readonly FixtureLoss[]): Record<string, string> {
  const time = (seconds: number) => {
    const ms = Date.parse("2026-11-23T13:54:00Z") + Math.round(seconds * 1000);
    return isoFromNanoseconds(BigInt(ms) * 1_000_000n);
  };
  const recorded = losses.map(({ from, to, seen, drops, slot = 0 }): RecordedLoss => ({
    slot,
    started: time(from),
    ended: time(to),
    packets_seen: seen,
    packets_filtered: 0,
    drops,
  }));
  return { [FILE_METADATA_KEY.lossIntervals]: JSON.stringify(recorded) };
}

/** Writes packets as a recording. */
export function writeRecording(
  path: string,
  packets: readonly FixturePacket[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const columns = COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(", ");
  const values = COLUMNS.map(({ name }, index) =>
    name === "timestamp" ? `make_timestamp_ns($${index + 1}::BIGINT)` : `$${index + 1}`
  );
  return withDuckdb(async (run) => {
    await run(`CREATE TABLE packets (${columns})`);
    for (const packet of packets) {
      await run(`INSERT INTO packets VALUES (${values.join(", ")})`, columnValues(packet));
    }
    await run(copyStatement("packets", path, metadata));
  });
}

/** Writes the result of any query as a Parquet file: files of another schema. */
export function writeParquet(
  path: string,
  query: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  return withDuckdb((run) => run(copyStatement(`(${query})`, path, metadata)));
}

type Run = (sql: string, values?: ReturnType<typeof columnValues>) => Promise<void>;

async function withDuckdb(action: (run: Run) => Promise<void>): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    await action(async (sql, values) => {
      await connection.run(sql, values);
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function copyStatement(
  source: string,
  path: string,
  metadata: Readonly<Record<string, string>>,
): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `"${key}": ${quote(value)}`);
  const options = [
    "FORMAT parquet",
    "COMPRESSION zstd",
    "PARQUET_VERSION v2",
    ...(pairs.length > 0 ? [`KV_METADATA {${pairs.join(", ")}}`] : []),
  ];
  return `COPY ${source} TO ${quote(path)} (${options.join(", ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
