/**
 * How long packets are: by classes, with percentiles.
 *
 * @module
 */
import type { TableReport } from "./report.ts";
import { BYTE_CELL, BYTE_COLUMN, PACKET_CELL, PACKET_COLUMN, SUMS_SQL } from "./report_parts.ts";

/**
 * The smallest length of each class, and its name. As those of RFC 2819, 5 (etherStatsPkts64Octets and so
 * on), but without the FCS, which no hook sees, and with what is longer than a standard frame.
 */
const CLASSES: readonly (readonly [from: number, name: string])[] = [
  [0, "0-63"],
  [64, "64-127"],
  [128, "128-255"],
  [256, "256-511"],
  [512, "512-1023"],
  [1024, "1024-1514"],
  [1515, "1515-9014"],
  [9015, "9015 and more"],
];

const ALL = "all";

/** The first and the last percentile that is asked for, as parts of 100. */
const PERCENTILES = [50, 90, 99] as const;

export const SIZES: TableReport = {
  kind: "table",
  name: "sizes",
  help: "packet sizes by class: mean, median, 90th and 99th percentile",
  columns: [
    { name: "size_class", kind: "text" },
    { name: "min_size", kind: "bytes" },
    PACKET_COLUMN,
    { name: "packet_share", kind: "share" },
    BYTE_COLUMN,
    { name: "avg_packet_size", kind: "bytes" },
    ...PERCENTILES.map((part) => ({ name: `p${part}`, kind: "bytes" }) as const),
  ],
  defaultLimit: 0,
  definitions: [
    "Sizes are frame bytes without the FCS; a buffer of several packets (GSO, GRO) is one, which is what " +
    "the classes above 1514 bytes are about. The last row is about all packets.",
    "A percentile is a size that was there: the smallest one that at least so many of the packets do not " +
    "exceed (nearest rank).",
  ],
  keys: ["min_size"],
  sorts: [],
  // Packets of one size are one row before anything is sorted. The row of all has no smallest size and so
  // comes last.
  sql: `
    SELECT size_class, min_size, packet_count,
      packet_count / sum(packet_count) FILTER (min_size IS NOT NULL) OVER () AS packet_share,
      total_bytes, avg_packet_size, ${PERCENTILES.map((part) => `p${part}`).join(", ")}
    FROM (
      SELECT coalesce(any_value(name), '${ALL}') AS size_class, min_size,
        sum(packet_count)::HUGEINT AS packet_count,
        sum(total_bytes)::HUGEINT AS total_bytes,
        round(sum(total_bytes) / sum(packet_count), 2) AS avg_packet_size,
        ${
    PERCENTILES.map((part) =>
      `min(packet_length) FILTER (up_to * 100 >= of_all * ${part})::BIGINT AS p${part}`
    ).join(",\n        ")
  }
      FROM (
        SELECT *,
          sum(packet_count) OVER (PARTITION BY min_size ORDER BY packet_length) AS up_to,
          sum(packet_count) OVER (PARTITION BY min_size) AS of_all
        FROM (
          SELECT packet_length, packet_count, total_bytes,
            unnest([{name: class_name, min_size: class_min}, {name: NULL, min_size: NULL}],
              recursive := true)
          FROM (
            SELECT packet_length, ${classOf((_, name) => `'${name}'`)} AS class_name,
              ${classOf(String)} AS class_min,
              ${SUMS_SQL}
            FROM packets
            GROUP BY packet_length
          )
        )
      )
      GROUP BY min_size
    )`,
  cells: [
    { heading: "Size", column: "size_class" },
    PACKET_CELL,
    { heading: "Share", column: "packet_share", leaveOut: "first", bar: "size" },
    BYTE_CELL,
    { heading: "Mean", column: "avg_packet_size", leaveOut: "last" },
    { heading: "Median", column: "p50", leaveOut: "first" },
    { heading: "p90", column: "p90", leaveOut: "first" },
    { heading: "p99", column: "p99", leaveOut: "first" },
  ],
};

function classOf(value: (from: number, name: string) => string): string {
  const cases = CLASSES.toReversed().map(([from, name]) =>
    `WHEN packet_length >= ${from} THEN ${value(from, name)}`
  );
  return `CASE ${cases.join("\n              ")} END`;
}
