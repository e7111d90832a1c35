/**
 * A recording for pages: half a minute of a network with a scan, a gap and losses.
 *
 * @module
 */
import { COLUMNS } from "../../src/contract/columns.ts";
import { FILE_METADATA_KEY } from "../../src/contract/file_metadata.ts";
import { START_NS } from "./fixture_packets.ts";
import { recordingMetadata, writeParquet } from "./parquet_fixture.ts";

/** Attempts of 10.0.0.7 at closed ports of 192.168.1.10, all within 10 ms. */
export const SCANNED_PORTS = 498;
/** Packets besides the scan. */
const PACKETS = 50_000;

/** Values of columns, as SQL over the number of a packet `i`; the columns that are missing are NULL. */
const TRAFFIC: Readonly<Record<string, string>> = {
  timestamp: `make_timestamp_ns(${START_NS} + (i * 600000)::BIGINT)`,
  direction: "CASE WHEN i % 3 = 0 THEN 'egress' ELSE 'ingress' END",
  interface: "'eth0'",
  packet_length: "60 + hash(i) % 1400",
  segments: "1",
  ethertype: "2048",
  ip_version: "4",
  protocol: "CASE WHEN i % 5 = 0 THEN 'UDP' WHEN i % 97 = 0 THEN 'ICMP' ELSE 'TCP' END",
  ip_protocol: "CASE WHEN i % 5 = 0 THEN 17 WHEN i % 97 = 0 THEN 1 ELSE 6 END",
  source_ip: "CASE WHEN i % 3 = 0 THEN '192.168.1.10' ELSE '10.0.1.' || (hash(i) % 200) END",
  destination_ip: "CASE WHEN i % 3 = 0 THEN '10.0.1.' || (hash(i) % 200) ELSE '192.168.1.10' END",
  source_port: "CASE WHEN i % 3 = 0 THEN 443 ELSE 40000 + i % 50 END",
  destination_port: "CASE WHEN i % 3 = 0 THEN 40000 + i % 50 ELSE 443 END",
  tcp_flags: "CASE WHEN i % 5 <> 0 AND i % 97 <> 0 THEN 16 END",
  tcp_window: "CASE WHEN i % 5 <> 0 AND i % 97 <> 0 THEN 500 END",
};

/** A SYN and the RST that answers it. */
const SCAN: Readonly<Record<string, string>> = {
  ...TRAFFIC,
  timestamp: `make_timestamp_ns(${START_NS} + 1000000000 + (i * 10000)::BIGINT)`,
  direction: "CASE WHEN i % 2 = 0 THEN 'ingress' ELSE 'egress' END",
  packet_length: "60",
  protocol: "'TCP'",
  ip_protocol: "6",
  source_ip: "CASE WHEN i % 2 = 0 THEN '10.0.0.7' ELSE '192.168.1.10' END",
  destination_ip: "CASE WHEN i % 2 = 0 THEN '192.168.1.10' ELSE '10.0.0.7' END",
  source_port: "CASE WHEN i % 2 = 0 THEN 50000 ELSE 1000 + i // 2 END",
  destination_port: "CASE WHEN i % 2 = 0 THEN 1000 + i // 2 ELSE 50000 END",
  tcp_flags: "CASE WHEN i % 2 = 0 THEN 2 ELSE 20 END",
  tcp_window: "500",
};

/** Writes two recordings: one of 30.5 seconds that lost something, and one that began a minute later. */
export async function writePageCapture(first: string, second: string): Promise<void> {
  const count = PACKETS + 2 * SCANNED_PORTS;
  const query = `SELECT * FROM (${select(TRAFFIC, PACKETS)} UNION ALL ${
    select(SCAN, 2 * SCANNED_PORTS)
  }) ORDER BY timestamp`;
  await writeParquet(first, query, lossy(count + 100, 100));
  const later = {
    ...TRAFFIC,
    timestamp: `make_timestamp_ns(${START_NS} + 90000000000 + (i * 60000000)::BIGINT)`,
  };
  await writeParquet(second, select(later, 500), {
    ...lossy(500, 0),
    [FILE_METADATA_KEY.started]: "2026-11-23T13:55:30.000000000Z",
    [FILE_METADATA_KEY.ended]: "2026-11-23T13:56:00.500000000Z",
  });
}

/** Metadata that says nothing of bytes. */
function lossy(seen: number, dropped: number): Record<string, string> {
  return recordingMetadata(seen, dropped > 0 ? { ring_full: dropped } : {});
}

function select(values: Readonly<Record<string, string>>, count: number): string {
  const columns = COLUMNS.map(({ name, type }) =>
    `(${values[name] ?? "NULL"})::${type} AS ${name}`
  );
  return `SELECT ${columns.join(", ")} FROM range(${count}) AS r(i)`;
}
