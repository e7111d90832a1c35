/**
 * One or several recordings, opened, checked and ready for questions.
 *
 * @module
 */
import { RunError } from "../core/errors.ts";
import type { Progress, ProgressWatcher } from "../core/progress.ts";
import type { TimeRange } from "../parquet/footer_outline.ts";
import type { ForeignFinding } from "../sources/foreign_rows.ts";
import { type CheckedFile, checkFooter, readSchemas } from "./checked_file.ts";
import {
  type Ask,
  bytesOf,
  type ContentMismatch,
  contentMismatch,
  type CountedFile,
  type FileBytes,
  rowsMismatch,
} from "./content_check.ts";
import { answerError, type Damaged } from "./damaged_files.ts";
import { together } from "./joined_notes.ts";
import { type Faults, passes } from "./input_faults.ts";
import { expandNames } from "./input_files.ts";
import { openInput, sayOnTerminal } from "./imported_recording.ts";
import { type LossInTime, lossInTime } from "./loss_intervals.ts";
import type { PacketCopy } from "./packet_copy.ts";
import type { OpenRecording } from "./open_recording.ts";
import { type Overview, OVERVIEW_SQL, overviewOfFooters, overviewOfRow } from "./overview.ts";
import { conditionFault } from "./query_errors.ts";
import { type Completeness, completeness } from "./recording_facts.ts";
import {
  type EarlyEnd,
  recordedSeconds,
  type RepeatedPackets,
  repeatedPackets,
} from "./recording_span.ts";
import { overlaps, recordedEnds, recordedRange, selectedFacts } from "./selected_facts.ts";
import { checkInterfaces, SelectedViews } from "./selected_views.ts";
import { EVERYTHING, isEverything, type Selection } from "./selection.ts";
import { type SeriesGap, seriesGaps } from "./series_place.ts";
import { type Parameters, QuerySession, type Row, type SessionOptions } from "./session.ts";
import { haveOneTime, supposedSpan } from "./supposed_span.ts";
import { hasTime, type TimeWindow, timeWindow } from "./time_window.ts";
import { type Meaning, type TypedRows, typedRows } from "./typed_rows.ts";

export type { LossInTime, Overview };

/** SQL text over the views, and its bound parameters. */
export interface Query {
  readonly sql: string;
  readonly parameters: Parameters;
}

/** How many packets are selected of those that there are. */
export interface Matched {
  readonly matched: bigint;
  readonly total: bigint;
}

/** How recordings are opened. */
export interface OpenOptions extends SessionOptions {
  /** Which packets the questions are about; all unless given. */
  readonly selection?: Selection;
  /** Ends a question that is being answered, which then fails with its reason. */
  readonly stop?: AbortSignal;
  /** Shows how far inputs are that recordings are made of. */
  readonly watcher?: ProgressWatcher | undefined;
  /** More files that statements may open. */
  readonly alsoOpen?: readonly string[];
  /** Files that are left out, if they were found: a question failed over them. */
  readonly damaged?: Damaged;
}

export class Recordings implements Disposable {
  readonly #session: QuerySession;
  readonly #views: SelectedViews;
  readonly #all: readonly CheckedFile[];
  /** Those that the selection is about, as far as it is. */
  readonly #files: readonly CheckedFile[];
  readonly #selection: Selection;
  readonly #window: TimeWindow;
  readonly #total: bigint;
  readonly #resources: DisposableStack;
  #overview: Promise<Overview> | undefined;
  #fileBytes: Promise<FileBytes> | undefined;
  /** What was wrong with files that a pattern or a directory led to; they are not in the answers. */
  readonly skipped: readonly RunError[];

  private constructor(
    session: QuerySession,
    views: SelectedViews,
    { all, selected, selection, window }: {
      readonly all: readonly CheckedFile[];
      readonly selected: readonly CheckedFile[];
      readonly selection: Selection;
      readonly window: TimeWindow;
    },
    skipped: RunError[],
    resources: DisposableStack,
  ) {
    this.#session = session;
    this.#views = views;
    this.#all = all;
    this.#files = selected;
    this.#selection = selection;
    this.#window = window;
    this.#total = all.reduce((sum, { rows, sampleRate }) => {
      return sum + BigInt(rows) * BigInt(sampleRate);
    }, 0n);
    this.skipped = skipped;
    this.#resources = resources;
  }

  /**
   * Opens files, patterns and directories. A file that the user named must be readable; one that was
   * found otherwise is skipped when it is not, unless none is left.
   *
   * @throws {RunError} naming the file and what is wrong with it, or what cannot be selected
   * @throws {UsageError} the selected time ends before it begins, or the filter cannot be understood
   */
  static async open(
    names: readonly string[],
    { selection = EVERYTHING, stop, watcher, alsoOpen = [], damaged, ...ofSession }: OpenOptions =
      {},
  ): Promise<Recordings> {
    // Before anything is read, which may take long.
    if (selection.filter !== null) {
      (await import("../filter/written_filter.ts")).checkFilter(selection.filter);
    }
    using resources = new DisposableStack();
    const faults: Faults = new Map();
    const opened: OpenRecording[] = [];
    const inputs = expandNames(names);
    const say = async (text: string) => {
      await watcher?.clear();
      sayOnTerminal(text);
    };
    for (const input of inputs) {
      stop?.throwIfAborted();
      await passes(input, faults, async () => {
        const damage = damaged?.get(input.path);
        if (damage !== undefined && !input.named) throw damage;
        opened.push(resources.use(await openInput(input, { stop, say, watcher })));
      });
    }
    const inOrder = () => inputs.flatMap((input) => faults.get(input) ?? []);
    if (opened.length === 0) throw inOrder()[0]!;
    const paths = [...opened.map(({ path }) => path), ...alsoOpen];
    const session = resources.use(await QuerySession.open(paths, stop, ofSession));
    const schemas = await readSchemas(session, opened);
    const files: CheckedFile[] = [];
    for (const open of opened) {
      await passes(open.input, faults, () => void files.push(checkFooter(open, schemas)));
    }
    if (files.length === 0) throw inOrder()[0]!;
    const window = timeWindow(selection, recordedRange(files));
    const read = files.filter((file) => overlaps(file, window));
    const selected = read.map((file) => selectedFacts(file, selection, window))
      .filter((file) => file !== null);
    await checkInterfaces(session, files, selection);
    const viewed = { read, selected, all: files };
    const views = await SelectedViews.create(session, viewed, selection, window);
    const parts = { all: files, selected, selection, window };
    return new Recordings(session, views, parts, inOrder(), resources.move());
  }

  /** What is to be said of inputs that recordings were made of, selected or not. */
  get findings(): readonly ForeignFinding[] {
    return this.#all.flatMap(({ open }) => open.findings);
  }

  /** Whether something is left out by the selection. */
  get isSelective(): boolean {
    return !isEverything(this.#selection);
  }

  /** Whether a condition may have left out packets of a conversation. */
  get hasCondition(): boolean {
    return this.#selection.where !== null || this.#selection.filter !== null;
  }

  /** What was lost in the selected time; null where none is selected, or a file does not say when it lost. */
  get lossInTime(): LossInTime | null {
    return hasTime(this.#window) ? lossInTime(this.#files) : null;
  }

  /** Whether counters are about more than the selection: they are known of interfaces, not of times. */
  get isNarrower(): boolean {
    return this.hasCondition || hasTime(this.#window);
  }

  /** From the start of the first recording to the end of the last, selected or not; null = nobody knows. */
  get recordedRange(): TimeRange | null {
    return recordedRange(this.#all);
  }

  /** When what is selected ended, as {@linkcode recordedEnds} finds it. */
  endsBefore(leastNs: bigint): bigint[] {
    return recordedEnds(this.#files, this.#window, leastNs);
  }

  /** Files that the selection is about. */
  get fileCount(): number {
    return this.#files.length;
  }

  /** Packets that the files have, selected or not, without regard to sampling. */
  get rowCount(): bigint {
    return this.#all.reduce((sum, { rows }) => sum + BigInt(rows), 0n);
  }

  /** The different sampling rates of the files, ascending; [1] when nothing is scaled. */
  get sampleRates(): readonly number[] {
    return [...new Set(this.#files.map(({ sampleRate }) => sampleRate))].sort((a, b) => a - b);
  }

  /** The different filters that the files were recorded with; not none, but what was left out. */
  get filters(): readonly string[] {
    return [...new Set(this.#files.map(({ filter }) => filter))].filter((text) => text !== "");
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

  /** What is missing between files of one recording. */
  get seriesGaps(): readonly SeriesGap[] {
    return [
      ...this.#all.flatMap(({ notes }) => notes.gaps),
      ...seriesGaps(this.#all.map(({ place }) => place)),
    ];
  }

  get repeatedPackets(): RepeatedPackets {
    const found = repeatedPackets(this.#files.map(supposedSpan));
    const noted = this.#files.map(({ notes }) => notes.recordedTwice);
    const recordedTwice = together([found.recordedTwice, ...noted]);
    return { ...found, recordedTwice, ...haveOneTime(this.#files) && { unnamed: true } };
  }

  /** Asked for once. */
  overview(): Promise<Overview> {
    return this.#overview ??= this.#askOverview();
  }

  async #askOverview(): Promise<Overview> {
    const known = this.isSelective ? null : overviewOfFooters(this.#all);
    if (known !== null) return { ...known, bytes: (await this.#bytes()).scaled };
    const batches = await Array.fromAsync(this.#ask(OVERVIEW_SQL));
    return overviewOfRow(batches[0]![0]!);
  }

  /** How many of the packets are selected, scaled by the sampling rate. */
  async matched(): Promise<Matched> {
    return { matched: (await this.overview()).packets, total: this.#total };
  }

  /**
   * Compares packets and bytes with what the recorders counted, selected or not; null when all is there.
   * Files that do not say are left out.
   */
  async contentMismatch(): Promise<ContentMismatch | null> {
    const files = this.#counted();
    // Who wants a small part must not wait for a look at all.
    if (this.isSelective) return rowsMismatch(files);
    if (files.every(({ content }) => content === null)) return null;
    return await contentMismatch(files, (await this.#bytes()).counted, this.#ask);
  }

  /** Looks at the length of each packet, once. */
  #bytes(): Promise<FileBytes> {
    return this.#fileBytes ??= bytesOf(this.#counted(), this.#ask);
  }

  #counted(): CountedFile[] {
    return this.#all.map(({ open: { path, input: { label } }, rows, sampleRate, content }) => {
      return { path, label, rows, sampleRate, content };
    });
  }

  readonly #ask: Ask = (sql) => this.rows({ sql, parameters: {} });

  /**
   * Gets the packets ready to be copied. Questions are about them in the order of their times from then
   * on.
   *
   * @throws {RunError} the files have different sampling rates
   */
  async copy(): Promise<PacketCopy> {
    // What writes Parquet: no question needs it.
    const { PacketCopy } = await import("./packet_copy.ts");
    const selected = this.#files.length > 0 ? this.#files : this.#all.slice(0, 1);
    this.#views.leavePackets();
    return await PacketCopy.open(this.#session, selected, this.#selection, this.#window);
  }

  /** Absolute paths of the files that are read, as the user knows them; none for standard input. */
  get paths(): readonly string[] {
    return this.#all.filter(({ open }) => !open.input.isStandardInput)
      .map(({ open }) => open.input.path);
  }

  /**
   * Makes sure that all answers are about the files as they were opened.
   *
   * @throws {RunError} somebody wrote to a file in the meantime
   */
  checkUnchanged(): void {
    for (const { open } of this.#all) open.checkUnchanged();
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
    return this.#explained(sql, () => this.#session.stream(sql, parameters));
  }

  /**
   * The rows of a query with the types that they are stored in.
   *
   * @param meanings of the columns, in order; null = what their type says
   */
  typed(query: Query, meanings: readonly Meaning[]): TypedRows {
    return typedRows(this.#session, query, meanings, (start) => this.#explained(query.sql, start));
  }

  /** Must be called before there is more than its time to tell about a query. */
  watch(): void {
    this.#session.watch();
  }

  /** How far the query is that runs. */
  get progress(): Progress {
    const reading = this.#session.reading;
    if (reading === null) return { what: "querying", share: null, done: null };
    const { share, scans } = reading;
    const rows = this.#files.reduce((sum, file) => sum + file.rows, 0);
    const done = { amount: share * scans * rows, unit: "packets" } as const;
    return { what: "querying", share, done };
  }

  /** For statements that are not ours. It ends with this. */
  get session(): QuerySession {
    return this.#session;
  }

  /** Makes all tables, which otherwise are made for queries of ours that name them. */
  async provideTables(): Promise<void> {
    await this.#views.provideTables();
  }

  /** What is known of each file that is read. */
  get files(): readonly CheckedFile[] {
    return this.#all;
  }

  /** Batches whose errors are in the user's words. */
  async *#explained<T>(sql: string, start: () => AsyncGenerator<T>): AsyncGenerator<T> {
    const batches = start();
    let isProvided = false;
    try {
      for (;;) {
        let next: IteratorResult<T>;
        try {
          if (!isProvided) await this.#views.provide(sql);
          isProvided = true;
          next = await batches.next();
        } catch (cause) {
          throw await conditionFault(this.#selection, cause) ??
            await answerError(this.#session, cause, this.#all.map(({ open }) => open));
        }
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await batches.return(undefined);
    }
  }
}
