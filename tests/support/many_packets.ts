/**
 * A recording of more packets than fit a few row groups, made by DuckDB in a moment.
 *
 * @module
 */
import { COLUMNS } from "../../src/contract/columns.ts";
import { recordingMetadata, writeParquet } from "./parquet_fixture.ts";

/** 2026-11-23 13:54:00 UTC, the start that `recordingMetadata` says; then a packet each 50 microseconds. */
const START_NS = 1_795_442_040_000_000_000n;
const STEP_NS = 50_000;

/** SQL for the columns of TCP packets of 5,000 flows; what is not named has no value. */
const VALUES: Readonly<Record<string, string>> = {
  timestamp: `make_timestamp_ns(${START_NS} + i * ${STEP_NS})`,
  direction: "CASE WHEN i % 3 = 0 THEN 'egress' ELSE 'ingress' END",
  interface: "'eth0'",
  packet_length: "54 + i % 1400",
  segments: "1",
  ethertype: "2048",
  source_mac: "'02:00:00:00:00:01'",
  destination_mac: "'02:00:00:00:00:02'",
  ip_version: "4",
  source_ip: "'10.0.' || (hash(i) % 20) || '.' || (hash(i) % 250)",
  destination_ip: "'192.0.2.' || (i % 5)",
  protocol: "'TCP'",
  ip_protocol: "6",
  source_port: "40000 + hash(i) % 5000",
  destination_port: "443",
  ttl: "64",
  dscp: "0",
  ecn: "0",
  is_fragment: "false",
  tcp_flags: "16",
  tcp_sequence: "hash(i) % 4294967296",
  tcp_acknowledgment: "i % 4294967296",
  tcp_window: "512",
  payload_length: "i % 1400",
};

/** Writes a recording of `count` packets, in the order of their times. */
export function writeManyPackets(path: string, count: number): Promise<void> {
  const columns = COLUMNS.map(({ name, type }) =>
    `(${VALUES[name] ?? "NULL"})::${type} AS ${name}`
  );
  const query = `SELECT ${columns.join(", ")} FROM range(${count}) AS t(i)`;
  const rounds = Math.floor(count / 1400);
  const rest = count % 1400;
  const bytes = 54 * count + rounds * 1400 * 1399 / 2 + rest * (rest - 1) / 2;
  const content = { packets_captured: count, bytes_captured: bytes };
  return writeParquet(path, query, recordingMetadata(count, {}, content));
}
