/**
 * What files say about themselves, and what is known beside them, as tables beside the view `packets`.
 *
 * - `attachments`: one row for each program that recorded, out of the metadata of its file: `file`,
 *   `interface`, `direction`, `hook`, `mode`, `packets_seen`, `packets_captured`,
 *   `packets_dropped`, `packets_filtered`. NULL where the file does not say; a file without metadata has no row.
 * - `losses`: one row for each cause of loss of each file, out of its metadata: `file` (its path
 *   without the directories that all files have in common), `cause`, `packets_dropped`, `packets_seen`, `packets_filtered`
 *   of the file, `started` and `seconds` of the recording (nanoseconds since 1970, seconds). A file that
 *   lost nothing, or does not say, has one row without a cause; where it does not say, the counts are NULL
 *   too.
 * - `loss_intervals`: one row for each cause of loss in each time in which a file lost packets: `file`,
 *   `interface`, `direction`, `cause`, `packets_dropped`, `packets_seen` and `packets_filtered` of that time,
 *   `started` and `ended` (nanoseconds since 1970). Where a file does not say when, that is the time of its
 *   recording; where it does not say what it lost, it has one row without a cause and without counts.
 * - `services`: IANA's names of ports (`services_view.ts`).
 *
 * @module
 */
import type { FileLosses } from "./loss_intervals.ts";
import type { AttachmentFacts, CaptureCounters } from "./recording_facts.ts";
import type { RecordingSpan } from "./recording_span.ts";
import { servicesView } from "./services_view.ts";
import { quoteText } from "./sql_text.ts";

/** A file as the tables need it. */
export interface FactFile {
  /** Absolute path, as the user knows it. */
  readonly path: string;
  readonly attachments: readonly AttachmentFacts[];
  /** Counts of the whole file; null where it does not say. */
  readonly counters: CaptureCounters | null;
  readonly span: RecordingSpan;
  readonly losses: FileLosses;
}

/** What creates each of the tables, by its name. */
export function factTables(
  files: readonly FactFile[],
): Map<string, () => Promise<readonly string[]> | readonly string[]> {
  return new Map<string, () => Promise<readonly string[]> | readonly string[]>([
    ["attachments", () => attachmentsTable(files)],
    ["losses", () => lossesTable(files)],
    ["loss_intervals", () => intervalsTable(files)],
    ["services", async () => [await servicesView()]],
  ]);
}

function attachmentsTable(files: readonly FactFile[]): string[] {
  const attachments = files.flatMap(({ path, attachments }) =>
    attachments.map((one) => ({ ...one, file: path }))
  );
  const rows = attachments.map((one) => {
    const texts = [one.file, one.interface, one.direction, one.hook, one.mode];
    const { seen, captured, dropped, filtered } = one.counters ?? {};
    const values = [
      ...texts.map((text) => text === null ? "NULL" : quoteText(text)),
      ...[seen, captured, dropped, filtered].map((count) => String(count ?? "NULL")),
    ];
    return `(${values.join(", ")})`;
  });
  const create = `CREATE TEMP TABLE attachments (file VARCHAR, interface VARCHAR, direction VARCHAR,
    hook VARCHAR, mode VARCHAR, packets_seen BIGINT, packets_captured BIGINT,
    packets_dropped BIGINT, packets_filtered BIGINT)`;
  return rows.length === 0
    ? [create]
    : [create, `INSERT INTO attachments VALUES ${rows.join(", ")}`];
}

function lossesTable(files: readonly FactFile[]): string[] {
  const start = commonDirectory(files.map(({ path }) => path)).length;
  const rows = files.flatMap(({ path, counters = null, span }) => {
    const file = path.slice(start);
    const { startedMs = null, seconds = null } = span ?? {};
    const times = [startedMs === null ? "NULL" : `${startedMs}000000`, seconds ?? "NULL"];
    const lost = [...counters?.drops ?? []].filter(([, count]) => count > 0n);
    if (lost.length === 0) {
      const { dropped = "NULL", seen = "NULL", filtered = "NULL" } = counters ?? {};
      const counts = [dropped, seen, filtered];
      return [`(${[quoteText(file), "NULL", ...counts, ...times].join(", ")})`];
    }
    return lost.map(([cause, count]) => {
      const texts = [quoteText(file), quoteText(cause.replaceAll("\0", ""))];
      const { seen, filtered } = counters!;
      return `(${[...texts, count, seen, filtered, ...times].join(", ")})`;
    });
  });
  return [
    `CREATE TEMP TABLE losses (file VARCHAR, cause VARCHAR, packets_dropped BIGINT,
      packets_seen BIGINT, packets_filtered BIGINT, started HUGEINT, seconds DOUBLE)`,
    ...rows.length === 0 ? [] : [`INSERT INTO losses VALUES ${rows.join(", ")}`],
  ];
}

function intervalsTable(files: readonly FactFile[]): string[] {
  const start = commonDirectory(files.map(({ path }) => path)).length;
  const text = (value: string | null) => value === null ? "NULL" : quoteText(value);
  const rows = files.flatMap(({ path, counters, losses, span }) => {
    const file = quoteText(path.slice(start));
    const known = losses.intervals.flatMap((one) =>
      [...one.drops].filter(([, count]) => count > 0n).map(([cause, count]) => [
        ...[file, text(one.interface), text(one.direction), quoteText(cause.replaceAll("\0", ""))],
        ...[count, one.seen, one.filtered, one.startNs ?? "NULL", one.endNs ?? "NULL"],
      ])
    );
    if (counters !== null) return known;
    const { startedMs, seconds } = span;
    const times = startedMs === null || seconds === null
      ? ["NULL", "NULL"]
      : [`${startedMs}000000`, `${startedMs}000000::HUGEINT + (${seconds} * 1e9)::HUGEINT`];
    return [...known, [file, ...Array(6).fill("NULL"), ...times]];
  });
  return [
    `CREATE TEMP TABLE loss_intervals (file VARCHAR, interface VARCHAR, direction VARCHAR,
      cause VARCHAR, packets_dropped BIGINT, packets_seen BIGINT, packets_filtered BIGINT,
      started HUGEINT, ended HUGEINT)`,
    ...rows.length === 0 ? [] : [
      `INSERT INTO loss_intervals VALUES ${rows.map((row) => `(${row.join(", ")})`).join(", ")}`,
    ],
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
