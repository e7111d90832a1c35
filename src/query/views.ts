/**
 * The views that questions are asked of. Files, their schema and their sampling rates are dealt with
 * here, once: a report is SQL over `packets` and never mentions a file.
 *
 * - `packets`: one row for each recorded packet, the columns of `src/contract/columns.ts` and
 *   `sample_rate`, how many packets the row stands for. Texts are those of `vocabulary.ts`, so of a
 *   bounded length.
 * - `attachments`: one row for each program that recorded, out of the metadata of its file: `file`,
 *   `interface`, `direction`, `hook`, `mode`, `packets_seen`, `packets_captured`,
 *   `packets_dropped`. NULL where the file does not say; a file without metadata has no row.
 * - `losses`: one row for each cause of loss of each file, out of its metadata: `file` (its path
 *   without the directories that all files have in common), `cause`, `packets_dropped`, `packets_seen`
 *   of the file, `started` and `seconds` of the recording (nanoseconds since 1970, seconds). A file that
 *   lost nothing, or does not say, has one row without a cause; where it does not say, the counts are NULL
 *   too.
 * - `services`: IANA's names of ports: `protocol`, `port`, `name`.
 * - `sum_packets(sample_rate)`: packets, scaled by the sampling rate of their file.
 * - `sum_packets_with(value, sample_rate)`: the same of the packets whose value is not NULL.
 * - `sum_bytes(packet_length, sample_rate)`: bytes, scaled likewise.
 *
 * @module
 */
import { COLUMNS } from "../contract/columns.ts";
import SERVICE_NAMES from "../contract/service_names.json" with { type: "json" };
import type { AttachmentFacts, CaptureCounters } from "./recording_facts.ts";
import type { RecordingSpan } from "./recording_span.ts";
import { quoteText } from "./sql_text.ts";
import { checkedColumn } from "./vocabulary.ts";

/** A file as the views need it. */
export interface ViewFile {
  /** Absolute path, as the user knows it. */
  readonly path: string;
  /** What DuckDB opens. */
  readonly openPath: string;
  /** One packet in this many was kept. */
  readonly sampleRate: number;
  readonly attachments: readonly AttachmentFacts[];
  /** Counts of the whole file; null where it does not say. */
  readonly counters?: CaptureCounters | null;
  readonly span?: RecordingSpan;
}

/** From this rate on, packet length times rate may not fit in 63 bits: both have up to 32. */
const MAX_BIGINT_RATE = 2 ** 31;

/** Statements that create the views; at least one file. */
export function viewStatements(files: readonly ViewFile[]): string[] {
  const byRate = [...Map.groupBy(files, ({ sampleRate }) => sampleRate)];
  const parts = byRate.map(([rate, group]) => {
    const paths = group.map(({ openPath }) => quoteText(openPath)).join(", ");
    // hive_partitioning: a directory named "direction=x" must not replace the column of that name.
    return `SELECT ${
      COLUMNS.map(({ name }) => checkedColumn(name)).join(", ")
    }, ${rate}::BIGINT AS sample_rate
      FROM read_parquet([${paths}], hive_partitioning = false)`;
  });
  return [
    `CREATE TEMP VIEW packets AS ${parts.join("\nUNION ALL\n")}`,
    ...scaledSums(byRate.map(([rate]) => rate)),
    ...attachmentsTable(files),
    ...lossesTable(files),
    servicesView(),
  ];
}

/**
 * Where all files have one rate, the sums are scaled and not the values: the common case costs
 * nothing.
 */
function scaledSums(rates: readonly number[]): string[] {
  const [packets, withValue, bytes] = rates.length === 1
    ? [
      `count(*) * ${rates[0]}::HUGEINT`,
      `count(value) * ${rates[0]}::HUGEINT`,
      `sum(length) * ${rates[0]}::HUGEINT`,
    ]
    : ["sum(rate)", "sum(CASE WHEN value IS NOT NULL THEN rate END)", `sum(${product(rates)})`];
  return [
    `CREATE TEMP MACRO sum_packets(rate) AS coalesce(${packets}, 0)::HUGEINT`,
    `CREATE TEMP MACRO sum_packets_with(value, rate) AS coalesce(${withValue}, 0)::HUGEINT`,
    `CREATE TEMP MACRO sum_bytes(length, rate) AS coalesce(${bytes}, 0)::HUGEINT`,
  ];
}

/** Products of 128 bits take several times as long as those of 64. */
function product(rates: readonly number[]): string {
  return Math.max(...rates) < MAX_BIGINT_RATE ? "length::BIGINT * rate" : "length::HUGEINT * rate";
}

function attachmentsTable(files: readonly ViewFile[]): string[] {
  const rows = files.flatMap(({ path, attachments }) =>
    attachments.map((one) => {
      const texts = [path, one.interface, one.direction, one.hook, one.mode];
      const { seen, captured, dropped } = one.counters ?? {};
      const values = [
        ...texts.map((text) => text === null ? "NULL" : quoteText(text)),
        ...[seen, captured, dropped].map((count) => String(count ?? "NULL")),
      ];
      return `(${values.join(", ")})`;
    })
  );
  const create = `CREATE TEMP TABLE attachments (file VARCHAR, interface VARCHAR, direction VARCHAR,
    hook VARCHAR, mode VARCHAR, packets_seen BIGINT, packets_captured BIGINT,
    packets_dropped BIGINT)`;
  return rows.length === 0
    ? [create]
    : [create, `INSERT INTO attachments VALUES ${rows.join(", ")}`];
}

function lossesTable(files: readonly ViewFile[]): string[] {
  const start = commonDirectory(files.map(({ path }) => path)).length;
  const rows = files.flatMap(({ path, counters = null, span }) => {
    const file = path.slice(start);
    const { startedMs = null, seconds = null } = span ?? {};
    const times = [startedMs === null ? "NULL" : `${startedMs}000000`, seconds ?? "NULL"];
    const lost = [...counters?.drops ?? []].filter(([, count]) => count > 0n);
    if (lost.length === 0) {
      const counts = [counters?.dropped ?? "NULL", counters?.seen ?? "NULL"];
      return [`(${[quoteText(file), "NULL", ...counts, ...times].join(", ")})`];
    }
    return lost.map(([cause, count]) => {
      const texts = [quoteText(file), quoteText(cause.replaceAll("\0", ""))];
      return `(${[...texts, count, counters!.seen, ...times].join(", ")})`;
    });
  });
  return [
    `CREATE TEMP TABLE losses (file VARCHAR, cause VARCHAR, packets_dropped BIGINT,
      packets_seen BIGINT, started HUGEINT, seconds DOUBLE)`,
    `INSERT INTO losses VALUES ${rows.join(", ")}`,
  ];
}

/** What all paths begin with, up to a slash. */
function commonDirectory([first = "", ...others]: readonly string[]): string {
  let length = first.lastIndexOf("/") + 1;
  for (const path of others) {
    while (!path.startsWith(first.slice(0, length))) {
      length = first.slice(0, length - 1).lastIndexOf("/") + 1;
    }
  }
  return first.slice(0, length);
}

/** A view, so that it costs nothing where nobody asks. */
function servicesView(): string {
  const groups = Object.entries(SERVICE_NAMES)
    .map(([protocols, services]) => `(${quoteText(protocols)}, ${quoteText(services)})`);
  return `CREATE TEMP VIEW services AS
    SELECT unnest(str_split(protocols, ',')) AS protocol,
      split_part(service, '/', 2)::USMALLINT AS port, split_part(service, '/', 1) AS name
    FROM (
      SELECT protocols, unnest(str_split(services, ' ')) AS service
      FROM (VALUES ${groups.join(", ")}) AS registry(protocols, services)
    )`;
}
