/**
 * The reports as SQL. Column names and their order are a public contract.
 *
 * File names and sampling rates are bound parameters; the SQL text is put together from constants
 * of this file only.
 *
 * @module
 */
import { escapeGlob, type Parameters } from "./session.ts";

/** The reports that are one table; `summary` shows the first rows of each. */
export const TABULAR_REPORTS = ["traffic", "top", "flows"] as const;
export type TabularReport = (typeof TABULAR_REPORTS)[number];

/** Files that share one sampling rate. */
export interface RateGroup {
  readonly paths: readonly string[];
  /** One packet in this many was kept: packets and bytes are multiplied by it. */
  readonly sampleRate: number;
}

/** SQL text and its bound parameters. */
export interface Query {
  readonly sql: string;
  readonly parameters: Parameters;
}

/** What the values of a column are; renderers choose the notation by it. */
export type ColumnKind =
  | "text"
  | "address"
  | "port"
  | "count"
  | "bytes"
  /** Nanoseconds since 1970, UTC. */
  | "time"
  | "seconds";

export interface ReportColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** Columns of all reports: names are part of the contract. */
const COLUMN_KINDS = {
  direction: "text",
  protocol: "text",
  source_ip: "address",
  destination_ip: "address",
  source_port: "port",
  destination_port: "port",
  packet_count: "count",
  total_bytes: "bytes",
  avg_packet_size: "bytes",
  flow_start: "time",
  flow_end: "time",
  duration_seconds: "seconds",
} as const satisfies Record<string, ColumnKind>;

type ReportColumnName = keyof typeof COLUMN_KINDS;

interface Definition {
  /** What packets are grouped by. NULL is a group of its own. */
  readonly keys: readonly ReportColumnName[];
  /** Columns in the order of the contract. */
  readonly columns: readonly ReportColumnName[];
  /** Packets that the report is about. */
  readonly where: string;
  /** Rows shown unless the user says otherwise; 0 = all. */
  readonly defaultLimit: number;
}

/** A packet without an IP header has no source address: it is counted in `traffic` only. */
const HAS_IP = "source_ip IS NOT NULL";

const DEFINITIONS: Readonly<Record<TabularReport, Definition>> = {
  traffic: {
    keys: ["direction", "protocol"],
    columns: ["direction", "protocol", "packet_count", "total_bytes", "avg_packet_size"],
    where: "true",
    defaultLimit: 0,
  },
  top: {
    keys: ["direction", "source_ip"],
    columns: ["direction", "source_ip", "packet_count", "total_bytes", "avg_packet_size"],
    where: HAS_IP,
    defaultLimit: 10,
  },
  flows: {
    keys: [
      "direction",
      "source_ip",
      "destination_ip",
      "source_port",
      "destination_port",
      "protocol",
    ],
    columns: [
      "direction",
      "source_ip",
      "destination_ip",
      "source_port",
      "destination_port",
      "protocol",
      "packet_count",
      "total_bytes",
      "flow_start",
      "flow_end",
      "duration_seconds",
    ],
    where: HAS_IP,
    defaultLimit: 20,
  },
};

/** How each column that is not a key is computed from the measures of `totals`. */
const EXPRESSIONS: Partial<Record<ReportColumnName, string>> = {
  avg_packet_size: "round(total_bytes / packet_count, 2) AS avg_packet_size",
  duration_seconds: "(flow_end::HUGEINT - flow_start::HUGEINT) / 1e9 AS duration_seconds",
};

/** Rows that a report shows when the user names no limit; 0 = all. */
export function defaultLimit(report: TabularReport): number {
  return DEFINITIONS[report].defaultLimit;
}

/** Columns of a report, in the order of its rows. */
export function reportColumns(report: TabularReport): readonly ReportColumn[] {
  return DEFINITIONS[report].columns.map((name) => ({ name, kind: COLUMN_KINDS[name] }));
}

/**
 * A report, the rows with most bytes first; ties are broken by packets, then by the keys, so that
 * the same file always gives the same text. `flow_start` and `flow_end` are nanoseconds since 1970
 * (UTC), `avg_packet_size` is rounded to two decimals.
 *
 * @param limit rows; 0 = all
 * @param withFound adds `rows_found`, the rows there are without the limit, as the last column
 */
export function reportQuery(
  report: TabularReport,
  groups: readonly RateGroup[],
  limit: number,
  withFound: boolean,
): Query {
  const { keys, columns } = DEFINITIONS[report];
  const totals = totalsQuery(groups, DEFINITIONS[report]);
  const selected: string[] = columns.map((column) => EXPRESSIONS[column] ?? column);
  if (withFound) selected.push("(SELECT count(*) FROM totals) AS rows_found");
  const order = [
    "total_bytes DESC",
    "packet_count DESC",
    ...keys.map((key) => `${key} NULLS LAST`),
  ];
  const sql = [
    `WITH totals AS ${withFound ? "MATERIALIZED " : ""}(${totals.sql})`,
    `SELECT ${selected.join(", ")} FROM totals`,
    `ORDER BY ${order.join(", ")}`,
    ...(limit > 0 ? ["LIMIT $row_limit"] : []),
  ].join("\n");
  const parameters = limit > 0
    ? { ...totals.parameters, row_limit: BigInt(limit) }
    : totals.parameters;
  return { sql, parameters };
}

/**
 * One row about all packets: packets, packets with an IP header, bytes, and the times of the first
 * and the last packet (nanoseconds since 1970, NULL without packets).
 */
export function overviewQuery(groups: readonly RateGroup[]): Query {
  const parts = groups.map((_, index) =>
    `SELECT count(*)::HUGEINT * $rate_${index} AS packets,
      count(source_ip)::HUGEINT * $rate_${index} AS ip_packets,
      coalesce(sum(packet_length), 0)::HUGEINT * $rate_${index} AS bytes,
      epoch_ns(min(timestamp)) AS first_packet, epoch_ns(max(timestamp)) AS last_packet
    FROM ${packets(index)}`
  );
  const sql = `SELECT sum(packets), sum(ip_packets), sum(bytes), min(first_packet), max(last_packet)
    FROM (${parts.join("\nUNION ALL\n")})`;
  return { sql, parameters: groupParameters(groups) };
}

/**
 * Aggregates each rate group by itself, scales the result, and adds the groups up. The columns of
 * the files are never scaled one by one: the common case, one rate, costs nothing.
 */
function totalsQuery(groups: readonly RateGroup[], { keys, columns, where }: Definition): Query {
  const keyList = keys.join(", ");
  const withTimes = columns.includes("flow_start");
  const times = ", epoch_ns(min(timestamp)) AS flow_start, epoch_ns(max(timestamp)) AS flow_end";
  const parts = groups.map((_, index) =>
    `SELECT ${keyList},
      count(*)::HUGEINT * $rate_${index} AS packet_count,
      coalesce(sum(packet_length), 0)::HUGEINT * $rate_${index} AS total_bytes
      ${withTimes ? times : ""}
    FROM ${packets(index)}
    WHERE ${where} GROUP BY ${keyList}`
  );
  const parameters = groupParameters(groups);
  if (parts.length === 1) return { sql: parts[0]!, parameters };
  const sql = `SELECT ${keyList},
      sum(packet_count) AS packet_count, sum(total_bytes) AS total_bytes
      ${withTimes ? ", min(flow_start) AS flow_start, max(flow_end) AS flow_end" : ""}
    FROM (${parts.join("\nUNION ALL\n")}) GROUP BY ${keyList}`;
  return { sql, parameters };
}

/** hive_partitioning: a directory named "direction=x" must not replace the column of that name. */
function packets(group: number): string {
  return `read_parquet($paths_${group}, hive_partitioning = false)`;
}

function groupParameters(groups: readonly RateGroup[]): Parameters {
  return Object.fromEntries(groups.flatMap(({ paths, sampleRate }, index) => [
    [`paths_${index}`, paths.map(escapeGlob)],
    [`rate_${index}`, BigInt(sampleRate)],
  ]));
}
