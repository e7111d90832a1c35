/**
 * One or several recordings, opened, checked and ready for questions.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import { checkParquetFile } from "./file_check.ts";
import {
  type AttachmentFacts,
  type CaptureCounters,
  captureCounters,
  type Completeness,
  completeness,
  type Content,
  recordedAttachments,
  recordedContent,
  sampleRate,
  schemaVersion,
} from "./recording_facts.ts";
import {
  type EarlyEnd,
  recordedSeconds,
  type RecordingSpan,
  recordingSpan,
  type RepeatedPackets,
  repeatedPackets,
} from "./recording_span.ts";
import { checkSchema, topLevelColumns } from "./schema_check.ts";
import { type Parameters, QuerySession, type Row } from "./session.ts";
import { expandSources, type SourceFile } from "./source_files.ts";
import { escapeGlob, isReadablePath, quoteText } from "./sql_text.ts";
import { viewStatements } from "./views.ts";

/** SQL text over the views, and its bound parameters. */
export interface Query {
  readonly sql: string;
  readonly parameters: Parameters;
}

/** All packets of the files together. Counts and bytes are scaled by the sampling rate. */
export interface Overview {
  readonly packets: bigint;
  /** Packets with an IP header; the others appear in `traffic` only. */
  readonly ipPackets: bigint;
  readonly bytes: bigint;
  /** Nanoseconds since 1970 (UTC); null without packets. */
  readonly firstPacket: bigint | null;
  readonly lastPacket: bigint | null;
}

interface CheckedFile {
  readonly source: SourceFile;
  readonly sampleRate: number;
  readonly counters: CaptureCounters | null;
  readonly attachments: readonly AttachmentFacts[];
  readonly span: RecordingSpan;
  readonly content: Content | null;
}

/** Files that do not hold what their recorder counted. */
export interface ContentMismatch {
  readonly files: number;
  /** Name of the first of them, as the user knows it. */
  readonly label: string;
  readonly counted: Content;
  readonly found: Content;
}

const OVERVIEW_SQL = `
  SELECT sum_packets(sample_rate), sum_packets_with(source_ip, sample_rate),
    sum_bytes(packet_length, sample_rate), epoch_ns(min(timestamp)), epoch_ns(max(timestamp))
  FROM packets`;

export class Recordings implements Disposable {
  readonly #session: QuerySession;
  readonly #files: readonly CheckedFile[];
  /** What was wrong with files that a pattern or a directory led to; they are not in the answers. */
  readonly skipped: readonly RunError[];

  private constructor(session: QuerySession, files: CheckedFile[], skipped: RunError[]) {
    this.#session = session;
    this.#files = files;
    this.skipped = skipped;
  }

  /**
   * Opens files, patterns and directories. A file that the user named must be readable; one that was
   * found otherwise is skipped when it is not, unless none is left.
   *
   * @throws {RunError} naming the file and what is wrong with it
   */
  static async open(names: readonly string[]): Promise<Recordings> {
    const faults: RunError[] = [];
    const readable = expandSources(names).filter((source) =>
      passes(source, faults, () => {
        checkName(source);
        checkParquetFile(source);
      })
    );
    if (readable.length === 0) throw faults[0]!;
    const session = await QuerySession.open(readable.map(({ path }) => path));
    try {
      const footers = await readFooters(session, readable);
      const files: CheckedFile[] = [];
      for (const [index, source] of readable.entries()) {
        passes(source, faults, () => files.push(checkFooter(source, footers[index]!)));
      }
      if (files.length === 0) throw faults[0]!;
      await createViews(session, files);
      return new Recordings(session, files, faults);
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  }

  /** Files that are read. */
  get fileCount(): number {
    return this.#files.length;
  }

  /** The different sampling rates of the files, ascending; [1] when nothing is scaled. */
  get sampleRates(): readonly number[] {
    return [...new Set(this.#files.map(({ sampleRate }) => sampleRate))].sort((a, b) => a - b);
  }

  get completeness(): Completeness {
    return completeness(this.#files.map(({ counters }) => counters));
  }

  /** Time in which anything was recorded, in seconds; null if a file does not say. */
  get recordedSeconds(): number | null {
    return recordedSeconds(this.#files.map(({ span }) => span));
  }

  /** What ended before the recording that it is a part of. */
  get earlyEnds(): readonly EarlyEnd[] {
    return this.#files.flatMap(({ span }) => span.earlyEnds);
  }

  get repeatedPackets(): RepeatedPackets {
    return repeatedPackets(this.#files.map(({ span }) => span));
  }

  async overview(): Promise<Overview> {
    const batches = await Array.fromAsync(this.rows({ sql: OVERVIEW_SQL, parameters: {} }));
    const [packets, ipPackets, bytes, firstPacket, lastPacket] = batches[0]![0] as [
      bigint,
      bigint,
      bigint,
      bigint | null,
      bigint | null,
    ];
    return { packets, ipPackets, bytes, firstPacket, lastPacket };
  }

  /**
   * Compares packets and bytes with what the recorders counted; null when all is there. Files that do not
   * say are left out.
   */
  async contentMismatch(): Promise<ContentMismatch | null> {
    const known = this.#files.filter(({ content }) => content !== null);
    if (known.length === 0) return null;
    const paths = known.map(({ source: { path } }) => path);
    const [total] = await this.#contents(paths, "''");
    const sum = (field: keyof Content) => known.reduce((sum, one) => sum + one.content![field], 0n);
    if (total?.[1] === sum("packets") && total[2] === sum("bytes")) return null;
    // Which one it is takes longer to find out.
    const found = new Map(
      (await this.#contents(paths, "filename")).map(([path, packets, bytes]) => {
        return [path, { packets, bytes }];
      }),
    );
    const wrong = known.flatMap(({ source: { path, label }, content }) => {
      const holds = found.get(path) ?? { packets: 0n, bytes: 0n };
      const isRight = holds.packets === content!.packets && holds.bytes === content!.bytes;
      return isRight ? [] : [{ label, counted: content!, found: holds }];
    });
    return wrong.length === 0 ? null : { files: wrong.length, ...wrong[0]! };
  }

  /** Path, packets and bytes of files, by `group`. */
  async #contents(paths: readonly string[], group: string): Promise<[string, bigint, bigint][]> {
    const list = paths.map((path) => quoteText(escapeGlob(path))).join(", ");
    const sql = `SELECT ${group}, count(*)::HUGEINT, coalesce(sum(packet_length), 0)::HUGEINT
      FROM read_parquet([${list}], hive_partitioning = false, filename = true) GROUP BY 1`;
    const batches = await Array.fromAsync(this.rows({ sql, parameters: {} }));
    return batches.flat() as unknown as [string, bigint, bigint][];
  }

  [Symbol.dispose](): void {
    this.#session[Symbol.dispose]();
  }

  /**
   * The rows of a query in batches, as they are computed.
   *
   * @throws {RunError} a file is damaged inside, or memory and disk do not suffice
   */
  async *rows({ sql, parameters }: Query): AsyncGenerator<Row[]> {
    const batches = this.#session.stream(sql, parameters);
    for (;;) {
      let next: IteratorResult<Row[]>;
      try {
        next = await batches.next();
      } catch (cause) {
        throw queryError(cause, this.#files.map(({ source }) => source));
      }
      if (next.done) return;
      yield next.value;
    }
  }
}

/** What the footer of one file says, or what is wrong with it. */
type Footer = { columns: Row[]; metadata: Map<string, string> } | RunError;

/** Footers in the order of the files. One query for all; file by file only to find a damaged one. */
async function readFooters(
  session: QuerySession,
  sources: readonly SourceFile[],
): Promise<Footer[]> {
  const footers = new Map(
    sources.map(({ path }) => [path, { columns: [] as Row[], metadata: new Map() }]),
  );
  const paths = sources.map(({ path }) => escapeGlob(path));
  try {
    const columns = await session.rows(
      "SELECT file_name, name, duckdb_type, num_children FROM parquet_schema($paths)",
      { paths },
    );
    for (const [path, ...element] of columns) footers.get(String(path))?.columns.push(element);
    const metadata = await session.rows(
      "SELECT file_name, decode(key), decode(value) FROM parquet_kv_metadata($paths)",
      { paths },
    );
    for (const [path, key, value] of metadata) footers.get(String(path))?.metadata.set(key, value);
    return sources.map(({ path }) => footers.get(path)!);
  } catch (cause) {
    if (sources.length === 1) return [queryError(cause, sources)];
    const each: Footer[] = [];
    for (const source of sources) each.push(...await readFooters(session, [source]));
    return each;
  }
}

async function createViews(session: QuerySession, files: readonly CheckedFile[]): Promise<void> {
  const views = files.map(({ source: { path }, ...facts }) => ({ path, ...facts }));
  try {
    for (const statement of viewStatements(views)) await session.rows(statement);
  } catch (cause) {
    throw queryError(cause, files.map(({ source }) => source));
  }
}

function checkFooter(source: SourceFile, footer: Footer): CheckedFile {
  if (footer instanceof RunError) throw footer;
  const { columns, metadata } = footer;
  checkSchema(source.label, schemaVersion(metadata), topLevelColumns(columns));
  return {
    source,
    sampleRate: sampleRate(metadata, source.label),
    counters: captureCounters(metadata),
    attachments: recordedAttachments(metadata),
    span: recordingSpan(metadata),
    content: recordedContent(metadata),
  };
}

function checkName({ path, label }: SourceFile): void {
  if (isReadablePath(path)) return;
  throw new RunError(
    `Cannot read "${label}": a path with a backslash and one of "*", "?", "[" is not supported`,
    { hint: "Rename the file" },
  );
}

/** Runs a check. Its fault ends everything for a named file, and is remembered for a found one. */
function passes(source: SourceFile, faults: RunError[], check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (source.named || !(error instanceof RunError)) throw error;
    faults.push(error);
    return false;
  }
}

/** DuckDB's error in our words: its first line has the detail, the rest points into our SQL. */
function queryError(cause: unknown, sources: readonly SourceFile[]): RunError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [detail = text] = text.split("\n");
  if (detail.startsWith("Out of Memory Error")) {
    return new RunError(
      "Cannot compute the report: memory and temporary disk space do not suffice",
      {
        cause,
        hint: "Free memory, point TMPDIR to a larger disk, or name fewer files",
      },
    );
  }
  const subject = sources.length === 1
    ? `"${sources[0]!.label}"`
    : `one of ${sources.length} files, "${sources[0]!.label}" the first`;
  return new RunError(`Cannot read ${subject}: the file is damaged: ${detail}`, { cause });
}
