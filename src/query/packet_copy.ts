/**
 * Copies the selected packets of recordings into a file of the same columns.
 *
 * @module
 */
import { join } from "node:path";
import { COLUMNS } from "../contract/columns.ts";
import { printedAddress, printedMac } from "../contract/printed_text.ts";
import { RunError } from "../core/errors.ts";
import { lowerFirst } from "../core/lower_first.ts";
import type { ChunkColumn } from "../parquet/column_chunk.ts";
import { writeHint } from "../parquet/file_access.ts";
import { joinSegments } from "../parquet/join.ts";
import { rewriteParquet } from "../parquet/rewrite.ts";
import { SequenceColumn } from "../parquet/sequence_chunk.ts";
import type { CheckedFile } from "./checked_file.ts";
import { answerError } from "./damaged_files.ts";
import { joinedMetadata } from "./joined_metadata.ts";
import type { CopiedRows } from "./joined_part.ts";
import type { OpenRecording } from "./open_recording.ts";
import { conditionFault } from "./query_errors.ts";
import { selectedDirection } from "./selected_facts.ts";
import { selectedConditions } from "./selected_views.ts";
import { isEverything, type Selection } from "./selection.ts";
import type { QuerySession, Value } from "./session.ts";
import { quoteText } from "./sql_text.ts";
import type { TimeWindow } from "./time_window.ts";
import { packetsView } from "./views.ts";

/** As the recorder's encoder has them (`src/sinks/segments/segment_encoder.ts`); text has dictionaries there. */
const COPY_OPTIONS =
  "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1, " +
  "ROW_GROUP_SIZE 122880, DICTIONARY_SIZE_LIMIT 65536, STRING_DICTIONARY_PAGE_SIZE_LIMIT 4194304)";

/** DuckDB writes their differences with 33 bits: see `sequence_chunk.ts`. */
const SEQUENCES = ["tcp_sequence", "tcp_acknowledgment"] as const;

/** Bits of {@linkcode SequenceColumn}, of our own here. */
const PRESENCE = { tcp_sequence: 1, tcp_acknowledgment: 2 } as const;

/** Its name is one of those that a recording makes in its directory, where nothing else is removed. */
const ROWS_FILE = "000001.parquet.unfinished";

/** Tells from which file a row came, on the way. */
const PART = "part";

/** SQL for the number of the file that a row came from. */
function partColumn(paths: readonly string[]): string {
  const list = paths.map((path) => quoteText(path)).join(", ");
  return `(list_position([${list}], file.filename) - 1)::UINTEGER AS ${PART}`;
}

/**
 * The order in which files are read, so that the rows of recordings one after the other are in the order
 * of their times.
 *
 * @returns the files, and whether that is enough
 */
function inTimeOrder(
  files: readonly CheckedFile[],
): { files: CheckedFile[]; isOrdered: boolean } {
  const known = files.filter(({ rows }) => rows > 0);
  const sorted = [...files].sort((a, b) => {
    const [one, other] = [a.times?.first ?? 0n, b.times?.first ?? 0n];
    return one < other ? -1 : one > other ? 1 : 0;
  });
  const withRows = sorted.filter(({ rows }) => rows > 0);
  const isOrdered = known.length < 2 || withRows.every(({ times }, index) => {
    const next = withRows[index + 1]?.times;
    if (times === null || next === null) return false;
    return next === undefined || times.last <= next.first;
  });
  return { files: sorted, isOrdered };
}

/** Between texts, and in the place of one that is not there. No text of a recording has either. */
const SEPARATOR = 31;
const MISSING = 30;

/**
 * All texts of a row as one, then the other columns: each text that is taken out of DuckDB's memory costs
 * several hundred bytes that are not soon given back.
 */
const VALUES = [
  COLUMNS.filter(({ type }) => type === "VARCHAR")
    .map(({ name }) => {
      const text = name.endsWith("_ip")
        ? printedAddress(name)
        : name.endsWith("_mac")
        ? printedMac(name)
        : name;
      return `coalesce(${text}, chr(${MISSING}))`;
    }).join(` || chr(${SEPARATOR}) || `),
  ...COLUMNS.filter(({ type }) => type !== "VARCHAR")
    .map(({ name }) => name === "timestamp" ? "epoch_ns(timestamp)" : name),
].join(", ");

/** The columns in the order of the schema. */
function withTexts(joined: readonly string[], others: readonly (readonly Value[])[]): Value[][] {
  const missing = String.fromCharCode(MISSING);
  const names = COLUMNS.filter(({ type }) => type === "VARCHAR");
  const texts = names.map((): Value[] => []);
  for (const row of joined) {
    row.split(String.fromCharCode(SEPARATOR)).forEach((text, index) => {
      texts[index]!.push(text === missing ? null : text);
    });
  }
  const [left, right] = [texts.values(), others.values()];
  return COLUMNS.map(({ type }) => [...(type === "VARCHAR" ? left : right).next().value!]);
}

/** The selected packets of recordings, ready to be copied. */
export class PacketCopy {
  /** The recordings in the order of their times. */
  readonly files: readonly CheckedFile[];
  readonly #session: QuerySession;
  readonly #selection: Selection;
  readonly #window: TimeWindow;
  readonly #filter: string | null;
  /** Puts rows in order that are not. */
  readonly #order: string;

  private constructor(
    session: QuerySession,
    { files, isOrdered }: ReturnType<typeof inTimeOrder>,
    { selection, window, filter }: {
      readonly selection: Selection;
      readonly window: TimeWindow;
      readonly filter: string | null;
    },
  ) {
    this.files = files;
    this.#session = session;
    this.#selection = selection;
    this.#window = window;
    this.#filter = filter;
    this.#order = isOrdered ? "" : " ORDER BY timestamp";
  }

  /** @throws {RunError} the files have different sampling rates */
  static async open(
    session: QuerySession,
    selected: readonly CheckedFile[],
    selection: Selection,
    window: TimeWindow,
  ): Promise<PacketCopy> {
    checkRates(selected);
    const { interfaces } = selection;
    const order = inTimeOrder(selected);
    const views = order.files.map(({ open, sampleRate }) => ({ openPath: open.path, sampleRate }));
    const rows = { window, interfaces, direction: selectedDirection(selection) };
    const { conditions, filter } = await selectedConditions(selection);
    const part = partColumn(views.map(({ openPath }) => openPath));
    await session.rows(packetsView(views, rows, { conditions, columns: [part] }));
    return new PacketCopy(session, order, { selection, window, filter });
  }

  /**
   * Makes a recording.
   *
   * @param directory where it is made; files are left there
   * @param output path of the file, which must not exist
   * @throws {RunError} it cannot be written, or a file that is read is damaged inside
   */
  async writeRecording(
    directory: string,
    output: string,
  ): Promise<{ rows: bigint; bytes: number }> {
    const whole = this.#wholeRecording();
    if (whole !== null) return await this.#explained(output, () => this.#joined(whole, output));
    const path = join(directory, ROWS_FILE);
    const copied = await this.#explained(path, () => this.#copyRows(path));
    const metadata = this.metadata(copied);
    const values = new SequenceValues(this.#session, path);
    try {
      const bytes = await this.#explained(path, () =>
        rewriteParquet(path, output, {
          without: PART,
          anew: SEQUENCES,
          next: (rows) => values.next(rows),
          metadata,
        }));
      return { rows: copied.reduce((sum, { packets }) => sum + packets, 0n), bytes };
    } finally {
      await values.end();
      removeFile(path);
    }
  }

  /** The recording that was made of an input a moment ago, if all of it is wanted and nothing else. */
  #wholeRecording(): OpenRecording | null {
    const [file, ...others] = this.files;
    const isWhole = others.length === 0 && file!.open.isMade && isEverything(this.#selection);
    return isWhole ? file!.open : null;
  }

  /** It is as the recorder's encoder writes it: nothing needs to be decoded. */
  async #joined(whole: OpenRecording, output: string): Promise<{ rows: bigint; bytes: number }> {
    const copied = await this.#counts("packets");
    const { bytes } = joinSegments([whole.path], output, this.metadata(copied));
    return { rows: copied.reduce((sum, { packets }) => sum + packets, 0n), bytes };
  }

  /**
   * The packets as text, some lines at a time.
   *
   * @param line SQL for the line of a packet, without its end
   */
  async *lines(line: string): AsyncGenerator<{ text: string; rows: number }> {
    const rows = this.#session.chunks(`SELECT ${line} FROM packets${this.#order}`);
    for (;;) {
      const next = await this.#explained(null, () => rows.next());
      if (next.done) return;
      const lines = next.value.getColumnValues(0);
      yield { text: `${lines.join("\n")}\n`, rows: lines.length };
    }
  }

  /** The values of the columns, in the order of the schema; times are nanoseconds since 1970. */
  async *columns(): AsyncGenerator<{ rows: number; columns: readonly (readonly Value[])[] }> {
    const rows = this.#session.chunks(`SELECT ${VALUES} FROM packets${this.#order}`);
    for (;;) {
      const next = await this.#explained(null, () => rows.next());
      if (next.done) return;
      const [texts, ...others] = next.value.getColumns() as Value[][];
      yield { rows: next.value.rowCount, columns: withTexts(texts as string[], others) };
    }
  }

  /** How many packets there are, and from where. */
  async count(): Promise<CopiedRows[]> {
    return await this.#explained(null, () => this.#counts("packets"));
  }

  /** What a file with these packets says of itself. */
  metadata(copied: readonly CopiedRows[]): Record<string, string> {
    const parts = this.files.map(({ open, ...facts }) => {
      return { ...facts, label: open.input.label, metadata: open.outline.metadata };
    });
    return joinedMetadata(parts, copied, this.#selection, this.#window, this.#filter);
  }

  async #copyRows(path: string): Promise<CopiedRows[]> {
    const names = COLUMNS.map(({ name }) => name).join(", ");
    const query = `SELECT ${names}, ${PART} FROM packets${this.#order}`;
    await this.#session.rows(`COPY (${query}) TO ${quoteText(path)} ${COPY_OPTIONS}`);
    return await this.#counts(`read_parquet(${quoteText(path)})`);
  }

  async #counts(from: string): Promise<CopiedRows[]> {
    const rows = await this.#session.rows(
      `SELECT ${PART}, interface, direction, count(*)::HUGEINT, sum(packet_length)::HUGEINT
      FROM ${from} GROUP BY ALL ORDER BY ALL`,
    );
    return rows.map(([part, name, direction, packets, bytes]) => ({
      part: Number(part),
      interface: name as string | null,
      direction: direction as string | null,
      packets: packets as bigint,
      bytes: bytes as bigint,
    }));
  }

  /** @param path of a file that is written; null = none is */
  async #explained<T>(path: string | null, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      throw writeFault(path, cause) ?? await conditionFault(this.#selection, cause) ??
        await answerError(this.#session, cause, this.files.map(({ open }) => open));
    }
  }
}

/** A file of one rate cannot say which of its rows stand for how many. */
function checkRates(files: readonly CheckedFile[]): void {
  const rates = [...new Set(files.map(({ sampleRate }) => sampleRate))].sort((a, b) => a - b);
  if (rates.length < 2) return;
  throw new RunError(
    `Cannot join recordings of different sampling rates: 1 packet in ${rates.join(", ")}`,
    { hint: "Convert those of each rate into a file of their own; `stats` reads them together" },
  );
}

/** DuckDB's error about the file that it writes: `IO Error: Could not write file "...": No space left`. */
function writeFault(path: string | null, cause: unknown): RunError | null {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [, detail] = /^(?:IO|Permission) Error: ([^\n]*)/.exec(text) ?? [];
  if (path === null || detail === undefined || !detail.includes(path)) return null;
  const reason = detail.split(": ").at(-1)!;
  return new RunError(`Cannot write "${path}": ${lowerFirst(reason)}`, {
    hint: writeHint(reason, path),
    cause,
  });
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Not even begun.
  }
}

/** Sequence numbers in the order of the rows. */
class SequenceValues {
  readonly #chunks: AsyncGenerator<readonly (readonly (number | null)[])[]>;
  #waiting: readonly (readonly (number | null)[])[] = [];
  #taken = 0;

  constructor(session: QuerySession, path: string) {
    this.#chunks = columnsOf(session, path);
  }

  async next(rows: number): Promise<ChunkColumn[]> {
    const present = new Uint16Array(rows);
    const columns = SEQUENCES.map(() => new Uint32Array(rows));
    for (let row = 0; row < rows; row++) {
      if (this.#taken === (this.#waiting[0]?.length ?? 0)) await this.#more();
      columns.forEach((column, index) => {
        const value = this.#waiting[index]![this.#taken]!;
        if (value === null) return;
        column[row] = value;
        present[row]! |= PRESENCE[SEQUENCES[index]!];
      });
      this.#taken++;
    }
    return SEQUENCES.map((name, index) =>
      new SequenceColumn(name, columns[index]!, present, PRESENCE[name])
    );
  }

  /** Ends the query. */
  async end(): Promise<void> {
    await this.#chunks.return(undefined);
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done) throw new Error("A row group has more rows than its file");
    this.#waiting = next.value;
    this.#taken = 0;
  }
}

async function* columnsOf(session: QuerySession, path: string) {
  const sql = `SELECT ${SEQUENCES.join(", ")} FROM read_parquet(${quoteText(path)})`;
  for await (const chunk of session.chunks(sql)) {
    yield SEQUENCES.map((_, index) => chunk.getColumnValues(index) as (number | null)[]);
  }
}
