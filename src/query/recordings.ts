/**
 * One or several recordings, opened, checked and ready for questions.
 *
 * @module
 */
import { InspectorError, RunError } from "../core/errors.ts";
import { OpenRecording } from "./open_recording.ts";
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
import {
  checkNames,
  checkSchema,
  checkWidths,
  type FileColumns,
  topLevelColumns,
} from "./schema_check.ts";
import { type Parameters, QuerySession, type Row } from "./session.ts";
import { expandNames, type InputFile } from "./input_files.ts";
import { quoteText } from "./sql_text.ts";
import { type Meaning, type TypedRows, typedRows } from "./typed_rows.ts";
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
  readonly open: OpenRecording;
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

/** Asks for all packets together: the columns of {@linkcode Overview}. */
export const OVERVIEW_SQL = `
  SELECT sum_packets(sample_rate), sum_packets_with(source_ip, sample_rate),
    sum_bytes(packet_length, sample_rate), epoch_ns(min(timestamp)), epoch_ns(max(timestamp))
  FROM packets`;

export class Recordings implements Disposable {
  readonly #session: QuerySession;
  readonly #files: readonly CheckedFile[];
  readonly #resources: DisposableStack;
  /** What was wrong with files that a pattern or a directory led to; they are not in the answers. */
  readonly skipped: readonly RunError[];

  private constructor(
    session: QuerySession,
    files: CheckedFile[],
    skipped: RunError[],
    resources: DisposableStack,
  ) {
    this.#session = session;
    this.#files = files;
    this.skipped = skipped;
    this.#resources = resources;
  }

  /**
   * Opens files, patterns and directories. A file that the user named must be readable; one that was
   * found otherwise is skipped when it is not, unless none is left.
   *
   * @param stop ends a question that is being answered, which then fails with its reason
   * @throws {RunError} naming the file and what is wrong with it
   */
  static async open(names: readonly string[], stop?: AbortSignal): Promise<Recordings> {
    using resources = new DisposableStack();
    const faults: Faults = new Map();
    const opened: OpenRecording[] = [];
    const inputs = expandNames(names);
    for (const input of inputs) {
      stop?.throwIfAborted();
      passes(input, faults, () => opened.push(resources.use(OpenRecording.open(input))));
    }
    const inOrder = () => inputs.flatMap((input) => faults.get(input) ?? []);
    if (opened.length === 0) throw inOrder()[0]!;
    const session = resources.use(await QuerySession.open(opened.map(({ path }) => path), stop));
    const schemas = await readSchemas(session, opened);
    const files: CheckedFile[] = [];
    for (const open of opened) {
      passes(open.input, faults, () => files.push(checkFooter(open, schemas)));
    }
    if (files.length === 0) throw inOrder()[0]!;
    await createViews(session, files);
    return new Recordings(session, files, inOrder(), resources.move());
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
    const paths = known.map(({ open }) => open.path);
    const [total] = await this.#contents(paths, "together");
    const sum = (field: keyof Content) => known.reduce((sum, one) => sum + one.content![field], 0n);
    if (total?.[1] === sum("packets") && total[2] === sum("bytes")) return null;
    // Which one it is takes longer to find out.
    const found = new Map(
      (await this.#contents(paths, "each")).map(([path, packets, bytes]) => {
        return [path, { packets, bytes }];
      }),
    );
    const wrong = known.flatMap(({ open: { path, input: { label } }, content }) => {
      const holds = found.get(path) ?? { packets: 0n, bytes: 0n };
      const isRight = holds.packets === content!.packets && holds.bytes === content!.bytes;
      return isRight ? [] : [{ label, counted: content!, found: holds }];
    });
    return wrong.length === 0 ? null : { files: wrong.length, ...wrong[0]! };
  }

  /** Path (none for all together), packets and bytes of files. */
  async #contents(
    paths: readonly string[],
    which: "together" | "each",
  ): Promise<[string, bigint, bigint][]> {
    const list = paths.map((path) => quoteText(path)).join(", ");
    // Grouping by one value costs as much again as the sum.
    const [name, options, group] = which === "each"
      ? ["filename", ", filename = true", "GROUP BY 1"]
      : ["''", "", ""];
    const sql = `SELECT ${name}, count(*)::HUGEINT, coalesce(sum(packet_length), 0)::HUGEINT
      FROM read_parquet([${list}], hive_partitioning = false${options}) ${group}`;
    const batches = await Array.fromAsync(this.rows({ sql, parameters: {} }));
    return batches.flat() as unknown as [string, bigint, bigint][];
  }

  /**
   * Makes sure that all answers are about the files as they were opened.
   *
   * @throws {RunError} somebody wrote to a file in the meantime
   */
  checkUnchanged(): void {
    for (const { open } of this.#files) open.checkUnchanged();
  }

  [Symbol.dispose](): void {
    this.#resources[Symbol.dispose]();
  }

  /**
   * The rows of a query in batches, as they are computed.
   *
   * @throws {RunError} a file is damaged inside, or memory and disk do not suffice
   */
  rows({ sql, parameters }: Query): AsyncGenerator<Row[]> {
    return this.#explained(() => this.#session.stream(sql, parameters));
  }

  /**
   * The rows of a query with the types that they are stored in.
   *
   * @param meanings of the columns, in order; null = what their type says
   */
  typed(query: Query, meanings: readonly Meaning[]): TypedRows {
    return typedRows(this.#session, query, meanings, (start) => this.#explained(start));
  }

  /** How far the query is that runs, 0 to 1; null if none does or nobody knows. */
  get progress(): number | null {
    return this.#session.progress;
  }

  /** Absolute paths of the files that are read, as the user knows them. */
  get paths(): readonly string[] {
    return this.#files.map(({ open }) => open.input.path);
  }

  /** Batches whose errors are in the user's words. */
  async *#explained<T>(start: () => AsyncGenerator<T>): AsyncGenerator<T> {
    const batches = start();
    try {
      for (;;) {
        let next: IteratorResult<T>;
        try {
          next = await batches.next();
        } catch (cause) {
          throw queryError(cause, this.#files.map(({ open }) => open));
        }
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await batches.return(undefined);
    }
  }
}

/** What is wrong with each file that is left out. */
type Faults = Map<InputFile, RunError>;

/** Columns by the bytes of the schema, or why DuckDB cannot read that. */
type Schemas = ReadonlyMap<string, FileColumns | RunError>;

/** Recordings have one schema, however many they are: DuckDB is asked once for each that differs. */
async function readSchemas(
  session: QuerySession,
  files: readonly OpenRecording[],
): Promise<Schemas> {
  const schemas = new Map<string, FileColumns | RunError>();
  for (const file of files) {
    const { schema } = file.outline;
    if (schemas.has(schema)) continue;
    try {
      const sql = "SELECT name, duckdb_type, num_children FROM parquet_schema($path)";
      schemas.set(schema, topLevelColumns(await session.rows(sql, { path: file.path })));
    } catch (cause) {
      const error = queryError(cause, [file]);
      if (!(error instanceof RunError)) throw error;
      schemas.set(schema, error);
    }
  }
  return schemas;
}

async function createViews(session: QuerySession, files: readonly CheckedFile[]): Promise<void> {
  const views = files.map(({ open, ...facts }) => {
    return { path: open.input.path, openPath: open.path, ...facts };
  });
  try {
    for (const statement of viewStatements(views)) await session.rows(statement);
  } catch (cause) {
    throw queryError(cause, files.map(({ open }) => open));
  }
}

function checkFooter(open: OpenRecording, schemas: Schemas): CheckedFile {
  const { input: { label }, outline: { metadata, schema, columns, excess } } = open;
  const types = schemas.get(schema)!;
  if (types instanceof RunError) throw types;
  checkSchema(label, schemaVersion(metadata), types);
  checkNames(label, columns.map(({ name }) => name));
  checkWidths(
    label,
    columns.map(({ name, leaf }) => [name, leaf === null ? 0 : excess[leaf] ?? 0]),
  );
  return {
    open,
    sampleRate: sampleRate(metadata, label),
    counters: captureCounters(metadata),
    attachments: recordedAttachments(metadata),
    span: recordingSpan(metadata),
    content: recordedContent(metadata),
  };
}

/** Runs a check. Its fault ends everything for a named file, and is remembered for a found one. */
function passes(input: InputFile, faults: Faults, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (input.named || !(error instanceof RunError)) throw error;
    faults.set(input, error);
  }
}

/** DuckDB's error in our words: its first line has the detail, the rest points into our SQL. */
function queryError(cause: unknown, files: readonly OpenRecording[]): unknown {
  // The answer was called off.
  if (cause instanceof InspectorError) return cause;
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
  try {
    for (const file of files) file.checkUnchanged();
  } catch (error) {
    return error;
  }
  if (detail.startsWith("Permission Error")) {
    for (const { replaced } of files) if (replaced !== null) return replaced;
  }
  const labels = new Map(files.map(({ path, input }) => [path, input.label]));
  const named = detail.replace(/\/proc\/self\/fd\/\d+/g, (path) => labels.get(path) ?? path);
  const subject = files.length === 1
    ? `"${files[0]!.input.label}"`
    : `one of ${files.length} files, "${files[0]!.input.label}" the first`;
  return new RunError(`Cannot read ${subject}: the file is damaged: ${named}`, { cause });
}
