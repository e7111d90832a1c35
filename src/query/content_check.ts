/**
 * Whether files hold what their recorders counted.
 *
 * @module
 */
import type { Content } from "./recording_facts.ts";
import type { Row } from "./session.ts";
import { quoteText } from "./sql_text.ts";

/** Files that do not hold what their recorder counted. */
export interface ContentMismatch {
  readonly files: number;
  /** Name of the first of them, as the user knows it. */
  readonly label: string;
  readonly counted: Content;
  /** Without bytes where only the rows were counted. */
  readonly found: Pick<Content, "packets"> & { readonly bytes: bigint | null };
}

/** A file, and what its recorder counted; null = it does not say. */
export interface CountedFile {
  readonly path: string;
  readonly label: string;
  readonly rows: number;
  readonly sampleRate: number;
  readonly content: Content | null;
}

/** Bytes of the packets of some files. */
export interface FileBytes {
  /** Of all of them, scaled by the sampling rate of each. */
  readonly scaled: bigint;
  /** As they were recorded, of those whose recorder says what it counted. */
  readonly counted: bigint;
}

/** Asks DuckDB. */
export type Ask = (sql: string) => AsyncIterable<Row[]>;

/** Adds up the lengths of all packets; no other column is read. */
export async function bytesOf(files: readonly CountedFile[], ask: Ask): Promise<FileBytes> {
  const groups = [
    ...Map.groupBy(files, ({ sampleRate, content }) => {
      return `${sampleRate} ${content === null}`;
    }).values(),
  ];
  const parts = groups.map((group, index) => {
    return `SELECT ${index}, coalesce(sum(packet_length), 0)::HUGEINT FROM ${source(group)}`;
  });
  let [scaled, counted] = [0n, 0n];
  for await (const rows of ask(parts.join("\nUNION ALL\n"))) {
    for (const [index, bytes] of rows as [number, bigint][]) {
      const [{ sampleRate, content }] = groups[index] as [CountedFile];
      scaled += bytes * BigInt(sampleRate);
      if (content !== null) counted += bytes;
    }
  }
  return { scaled, counted };
}

/**
 * Compares packets and bytes; null when all is there.
 *
 * @param bytes {@linkcode bytesOf} the files
 */
export async function contentMismatch(
  files: readonly CountedFile[],
  bytes: bigint,
  ask: Ask,
): Promise<ContentMismatch | null> {
  const known = files.filter(({ content }) => content !== null);
  const counted = known.reduce((sum, { content }) => sum + content!.bytes, 0n);
  if (counted === bytes && rowsMismatch(files) === null) return null;
  // Which one it is takes longer to find out.
  const sql = `SELECT filename, count(*)::HUGEINT, coalesce(sum(packet_length), 0)::HUGEINT
    FROM ${source(known, ", filename = true")} GROUP BY 1`;
  const rows = (await Array.fromAsync(ask(sql))).flat() as unknown as [string, bigint, bigint][];
  const found = new Map(rows.map(([path, packets, bytes]) => [path, { packets, bytes }]));
  return firstOf(known.flatMap(({ path, label, content }) => {
    const holds = found.get(path) ?? { packets: 0n, bytes: 0n };
    const isRight = holds.packets === content!.packets && holds.bytes === content!.bytes;
    return isRight ? [] : [{ label, counted: content!, found: holds }];
  }));
}

/** Compares packets, without reading one; null when all are there. */
export function rowsMismatch(files: readonly CountedFile[]): ContentMismatch | null {
  return firstOf(files.flatMap(({ label, rows, content }) => {
    if (content === null || content.packets === BigInt(rows)) return [];
    return [{ label, counted: content, found: { packets: BigInt(rows), bytes: null } }];
  }));
}

function firstOf(wrong: readonly Omit<ContentMismatch, "files">[]): ContentMismatch | null {
  return wrong.length === 0 ? null : { files: wrong.length, ...wrong[0]! };
}

function source(files: readonly CountedFile[], options = ""): string {
  const list = files.map(({ path }) => quoteText(path)).join(", ");
  return `read_parquet([${list}], hive_partitioning = false${options})`;
}
