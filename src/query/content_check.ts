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
  readonly content: Content | null;
}

/** Asks DuckDB. */
export type Ask = (sql: string) => AsyncIterable<Row[]>;

/** Compares packets and bytes; null when all is there. */
export async function contentMismatch(
  files: readonly CountedFile[],
  ask: Ask,
): Promise<ContentMismatch | null> {
  const known = files.filter(({ content }) => content !== null);
  if (known.length === 0) return null;
  const paths = known.map(({ path }) => path);
  const [total] = await contents(paths, "together", ask);
  const sum = (field: keyof Content) => known.reduce((sum, one) => sum + one.content![field], 0n);
  if (total?.[1] === sum("packets") && total[2] === sum("bytes")) return null;
  // Which one it is takes longer to find out.
  const found = new Map(
    (await contents(paths, "each", ask)).map(([path, packets, bytes]) => {
      return [path, { packets, bytes }];
    }),
  );
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

/** Path (none for all together), packets and bytes of files. */
async function contents(
  paths: readonly string[],
  which: "together" | "each",
  ask: Ask,
): Promise<[string, bigint, bigint][]> {
  const list = paths.map((path) => quoteText(path)).join(", ");
  // Grouping by one value costs as much again as the sum.
  const [name, options, group] = which === "each"
    ? ["filename", ", filename = true", "GROUP BY 1"]
    : ["''", "", ""];
  const sql = `SELECT ${name}, count(*)::HUGEINT, coalesce(sum(packet_length), 0)::HUGEINT
    FROM read_parquet([${list}], hive_partitioning = false${options}) ${group}`;
  return (await Array.fromAsync(ask(sql))).flat() as unknown as [string, bigint, bigint][];
}
