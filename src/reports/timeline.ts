/**
 * Packets and bytes over time.
 *
 * @module
 */
import { parseLength } from "../core/duration.ts";
import { InvalidValue } from "../core/invalid_value.ts";
import { printedAddress } from "../contract/printed_text.ts";
import type {
  Choices,
  ReportColumn,
  ReportFlag,
  TableCell,
  TableLayout,
  TableReport,
} from "./report.ts";
import {
  BYTE_CELL,
  BYTE_COLUMN,
  DIRECTION,
  DSCP,
  INTERFACE,
  PACKET_CELL,
  PACKET_COLUMN,
  PROTOCOL,
  SUMS_SQL,
  VLAN,
} from "./report_parts.ts";

/** Rows that an automatic width leads to, at most. */
const AUTOMATIC_ROWS = 60;
/** Beyond that, buckets without packets are no rows: a file may say that it is of all centuries. */
const MAX_EMPTY_ROWS = 1_000_000;
/** Groups that have rows of their own; the rest is one more. */
const GROUPS = 5;
const OTHER = "other";
/**
 * Parts of a bucket, of which one must have been covered for a rate: what a few packets come to in a
 * microsecond at the end of a recording is the rate of nothing.
 */
const RATED_PARTS = 10;
/** Stands for losses that are known of a longer time only. */
const UNKNOWN = "?";

const NS_PER_S = 1_000_000_000n;
const MINUTE = 60n * NS_PER_S;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;

/** Round widths in nanoseconds, ascending; the last makes 60 buckets of all that fits into the column. */
const WIDTHS: readonly bigint[] = [
  ...Array.from({ length: 8 }, (_, power) => [1n, 2n, 5n].map((n) => n * 10n ** BigInt(power + 1)))
    .flat(),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((n) => n * NS_PER_S),
  ...[1n, 2n, 5n, 10n, 15n, 30n].map((n) => n * MINUTE),
  ...[1n, 2n, 3n, 6n, 12n].map((n) => n * HOUR),
  ...[1n, 2n, 5n, 10n, 20n, 50n, 100n, 200n, 500n, 1000n, 2000n, 5000n].map((n) => n * DAY),
];

/** Its values are nanoseconds as bigint. */
export const EVERY: ReportFlag = {
  long: "--every",
  valueName: "<time>",
  help: "width of a time bucket: 100ms, 1s, 5m, 1h",
  defaultText: `a round width for about ${AUTOMATIC_ROWS} rows`,
  parse: (text) => {
    const milliseconds = parseLength(text);
    if (milliseconds === 0) throw new InvalidValue("it is 0", 'Write "1ms" or more');
    return BigInt(milliseconds) * 1_000_000n;
  },
};

/**
 * The narrowest round width that makes at most `rows` buckets, or one more, of a time; in nanoseconds. Null
 * where that is less than can be asked for with `--every`, or there is none.
 */
export function roundWidth(first: bigint, last: bigint, rows: number): bigint | null {
  const width = WIDTHS.find((one) => (last - first) / one < BigInt(rows));
  return width === undefined || width < NS_PER_S / 1000n ? null : width;
}

/** SQL for what packets are grouped by, as text. */
const KEYS: Readonly<Record<string, string>> = {
  source: "source_ip",
  destination: "destination_ip",
  protocol: "protocol",
  interface: "interface",
  direction: "direction",
  vlan: "vlan_id",
  dscp: "dscp",
};

const START: ReportColumn = { name: "bucket_start", kind: "time" };
const GROUP: ReportColumn = { name: "group_name", kind: "text" };
const VALUES: readonly ReportColumn[] = [
  { name: "covered_seconds", kind: "seconds" },
  PACKET_COLUMN,
  BYTE_COLUMN,
  { name: "packets_per_second", kind: "packet_rate" },
  { name: "bits_per_second", kind: "bit_rate" },
];

const START_CELL: TableCell = { heading: "Start (UTC)", column: "bucket_start", isExact: true };
const VALUE_CELLS: readonly TableCell[] = [
  { ...PACKET_CELL, leaveOut: "last" },
  { ...BYTE_CELL, leaveOut: "last" },
  { heading: "Packet rate", column: "packets_per_second", leaveOut: "first" },
  { heading: "Bit rate", column: "bits_per_second", bar: "size" },
];

const PLAIN: TableLayout = {
  columns: [START, ...VALUES, { name: "packets_lost", kind: "count" }],
  keys: ["bucket_start"],
  sorts: [],
  cells: [
    START_CELL,
    ...VALUE_CELLS,
    { heading: "Lost", column: "packets_lost", leaveOut: "last", empty: UNKNOWN },
  ],
  note: (_, { isLossy }) =>
    isLossy
      ? `"${UNKNOWN}": packets were lost in a longer time than the bucket, which "loss --by time" tells`
      : null,
};

export const TIMELINE: TableReport = {
  kind: "table",
  name: "timeline",
  help: "packets and bytes over time, with rates",
  ...PLAIN,
  defaultLimit: 0,
  definitions: [
    "Buckets are as wide as `--every` says and begin at multiples of that since 1970 (UTC); without it, " +
    `the narrowest of a list of round widths is taken that makes at most ${AUTOMATIC_ROWS} or ` +
    `${
      AUTOMATIC_ROWS + 1
    } of them. The first is that of the first packet, the last that of the last one; ` +
    "those between without a packet are rows too, unless they would be more than a million. Whether " +
    "nothing came or nothing was recorded then, a bucket does not say.",
    "Rates are over the part of the bucket between the first and the last packet (`covered_seconds`), which " +
    `is the whole one but at both ends. Where that is less than one part in ${RATED_PARTS} of the bucket, ` +
    "there is no rate: a packet or two would make any. If all packets are in one bucket, there is one, unless " +
    "all came at one moment.",
    "`packets_lost` counts what the recorder lost in the bucket at the selected interfaces, whatever else is " +
    `selected, and is not scaled. It is empty, \`${UNKNOWN}\` in a table, where packets were lost in a longer time that the ` +
    "bucket is only a part of, or the file does not say: `loss --by time` tells those times.",
    `\`--by\` makes ${
      GROUPS + 1
    } rows of each bucket: the ${GROUPS} groups with most bytes over the whole ` +
    `time, and \`${OTHER}\`. The packets of a bucket are those of its rows together. Packets that have no ` +
    "such value (no IP header, no VLAN tag) are a group without a name.",
  ],
  by: {
    default: null,
    groupings: [
      { name: "source", help: "source address" },
      { name: "destination", help: "destination address" },
      PROTOCOL,
      INTERFACE,
      DIRECTION,
      VLAN,
      DSCP,
    ],
  },
  flags: [EVERY],
  layout: ({ by }) =>
    by === null ? PLAIN : {
      columns: [START, GROUP, ...VALUES],
      keys: ["bucket_start", "group_rank"],
      sorts: [],
      cells: [START_CELL, { heading: heading(by.name), column: "group_name" }, ...VALUE_CELLS],
      note: undefined,
    },
  sql: (choices) => timelineSql(choices),
};

function heading(name: string): string {
  return name === "vlan" || name === "dscp"
    ? name.toUpperCase()
    : name[0]!.toUpperCase() + name.slice(1);
}

/**
 * Times before 1970 are those of damaged files, but must not share a bucket with those behind; and no
 * step may leave 64 bits.
 */
function timelineSql({ by, flags }: Choices): string {
  const every = flags.get(EVERY.long) as bigint | undefined;
  const width = every === undefined ? "(SELECT width FROM span)" : `${every}`;
  const bucket = (ns: string, of: string) =>
    `CASE WHEN ${ns} < 0 THEN (${ns} + 1) // ${of} - 1 ELSE ${ns} // ${of} END`;
  const key = by === null ? null : KEYS[by.name]!;
  const parts = [
    `span AS MATERIALIZED (
      SELECT *, ${bucket("first_ns", "width")} AS first_bucket,
        ${bucket("last_ns", "width")} AS last_bucket
      FROM (
        SELECT first_ns, last_ns, ${every ?? automaticWidth()} AS width
        FROM (
          SELECT epoch_ns(min(timestamp)) AS first_ns, epoch_ns(max(timestamp)) AS last_ns
          FROM packets
        )
        WHERE first_ns IS NOT NULL
      )
    )`,
    `counted AS MATERIALIZED (
      SELECT ${bucket("epoch_ns(timestamp)", width)} AS bucket${
      key === null ? "" : `, ${key} AS name`
    },
        ${SUMS_SQL}
      FROM packets
      GROUP BY bucket${key === null ? "" : ", name"}
    )`,
    `buckets AS (
      SELECT bucket FROM counted
      UNION
      SELECT unnest(CASE WHEN last_bucket::HUGEINT - first_bucket < ${MAX_EMPTY_ROWS}
        THEN range(first_bucket, last_bucket + 1) ELSE [] END) FROM span
    )`,
    ...(key === null ? [] : groupParts(key)),
  ];
  const from = key === null
    ? `buckets LEFT JOIN counted USING (bucket) LEFT JOIN lost_inside USING (bucket)
      ASOF LEFT JOIN open_losses ON bucket >= open_losses.begins`
    : `buckets CROSS JOIN groups
      LEFT JOIN ranked USING (bucket, group_rank)`;
  const group = key === null ? "" : "group_name, group_rank, ";
  const lost = key === null ? "packets_lost" : null;
  if (lost !== null) parts.push(...lossParts(bucket));
  return `
    WITH ${parts.join(",\n    ")}
    SELECT bucket_start, ${group}covered_seconds, packet_count, total_bytes,
      ${roundedRate("packet_count / rated_seconds")} AS packets_per_second,
      ${roundedRate("total_bytes * 8 / rated_seconds")} AS bits_per_second${
    lost === null ? "" : `, ${lost}`
  }
    FROM (
      SELECT bucket::HUGEINT * width AS bucket_start, ${group}
        least((bucket::HUGEINT + 1) * width, last_ns) -
          greatest(bucket::HUGEINT * width, first_ns) AS covered_ns,
        covered_ns / 1e9 AS covered_seconds,
        CASE WHEN covered_ns > 0 AND (
            first_bucket = last_bucket OR covered_ns * ${RATED_PARTS} >= width
          ) THEN covered_seconds END AS rated_seconds,
        coalesce(packet_count, 0)::HUGEINT AS packet_count,
        coalesce(total_bytes, 0)::HUGEINT AS total_bytes${
    lost === null ? "" : `,
        CASE WHEN coalesce(open_losses, 0) = 0 AND NOT EXISTS (FROM lost WHERE started IS NULL)
          THEN coalesce(lost_here, 0)::HUGEINT END AS ${lost}`
  }
      FROM ${from} CROSS JOIN span
    )`;
}

/** Of what is less than one in a second, such as three packets in an hour, two digits would be nothing. */
function roundedRate(rate: string): string {
  return `round(${rate}, CASE WHEN ${rate} < 1 THEN 9 ELSE 2 END)`;
}

/**
 * What was lost in times that are within one bucket; and of each bucket in which one begins or has ended, how
 * many that are not go on in it.
 */
function lossParts(bucket: (ns: string, of: string) => string): string[] {
  return [
    `lost AS MATERIALIZED (
      SELECT *, ${bucket("started", "width")} AS first_bucket,
        ${bucket("greatest(started, ended - 1)", "width")} AS last_bucket
      FROM (
        SELECT started, ended,
          CASE WHEN NOT bool_or(packets_dropped IS NULL) THEN sum(packets_dropped) END AS packets
        FROM loss_intervals
        GROUP BY started, ended
      ) CROSS JOIN (SELECT width FROM span)
    )`,
    `lost_inside AS (
      SELECT first_bucket AS bucket, sum(packets) AS lost_here FROM lost
      WHERE first_bucket = last_bucket GROUP BY ALL
    )`,
    `open_losses AS (
      SELECT begins, sum(sum(step)) OVER (ORDER BY begins) AS open_losses
      FROM (
        SELECT unnest([first_bucket, last_bucket + 1]) AS begins, unnest([1, -1]) AS step FROM lost
        WHERE first_bucket <> last_bucket OR packets IS NULL
      )
      GROUP BY begins
    )`,
  ];
}

function automaticWidth(): string {
  return `(
          SELECT min(width) FROM (VALUES ${
    WIDTHS.map((width) => `(${width})`).join(", ")
  }) AS w(width)
          WHERE (last_ns::HUGEINT - first_ns) // width < ${AUTOMATIC_ROWS}
        )`;
}

/** The largest groups, the rest as one, and what was counted of each. */
function groupParts(key: string): string[] {
  const isAddress = key.endsWith("_ip");
  const name = isAddress ? printedAddress("name") : "name::VARCHAR";
  return [
    `largest AS (
      SELECT name, row_number() OVER (
        ORDER BY sum(total_bytes) DESC, sum(packet_count) DESC, name NULLS LAST
      ) AS group_rank
      FROM counted
      GROUP BY name
    )`,
    `groups AS (
      SELECT ${name} AS group_name, group_rank FROM largest WHERE group_rank <= ${GROUPS}
      UNION ALL
      SELECT '${OTHER}', ${GROUPS + 1} FROM largest WHERE group_rank = ${GROUPS + 1}
    )`,
    `ranked AS (
      SELECT bucket, least(group_rank, ${GROUPS + 1}) AS group_rank,
        sum(packet_count) AS packet_count, sum(total_bytes) AS total_bytes
      FROM counted
      JOIN largest ON counted.name IS NOT DISTINCT FROM largest.name
      GROUP BY ALL
    )`,
  ];
}
