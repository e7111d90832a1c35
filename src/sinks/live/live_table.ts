/**
 * The sink of a live view: a table per second, of all flows, exact and bounded.
 *
 * @module
 */
import type { ColumnBatch } from "../../batch/column_batch.ts";
import {
  COUNTS_PER_FLOW,
  FLOW_COUNT,
  KEY_WORDS,
  type LiveSecond,
} from "../../contract/live_second.ts";
import { PRESENT } from "../../contract/record_layout.ts";
import type { Place } from "../../filter/ebpf/place.ts";
import { parseFilter } from "../../filter/parser.ts";
import { type Predicate, predicates } from "../../filter/predicate.ts";
import type { RowSink, RowSinkOptions } from "../row_sink.ts";
import { filterVersion, readFilter } from "./filter_cell.ts";
import { FlowTable, MAX_FLOWS, NO_ROOM, RUN_ROWS } from "./flow_table.ts";
import { SEGMENT, TcpWatch } from "./tcp_watch.ts";

/**
 * How long a second stays open when it is over, milliseconds: a packet waits half of one until its batch
 * is handed on. What comes later counts in the oldest second that is open.
 */
const LATE_MS = 700;

/** The clock was set back if packets are so many seconds too early. */
const SET_BACK_SECONDS = 5;

/** A flow that has sent nothing for so many seconds may be forgotten, where room is needed. */
const KEPT_SECONDS = 60;

/** What a live view needs of its surroundings. */
export interface LiveTableParts {
  /** Milliseconds since 1970. */
  now(): number;
  /** Takes each second once it is over. */
  onSecond(second: LiveSecond): void;
  /** Flows that are held at most, a power of two. */
  readonly limit?: number;
}

/** One second that is open. */
class OpenSecond {
  readonly counts: Float64Array;
  /** Flows that sent something. */
  readonly touched: Uint32Array;
  readonly totals: Float64Array;
  flows = 0;
  otherPackets = 0;
  otherBytes = 0;

  constructor(limit: number, attachments: number) {
    this.counts = new Float64Array(limit * COUNTS_PER_FLOW);
    this.touched = new Uint32Array(limit);
    this.totals = new Float64Array(2 * attachments);
  }

  clear(): void {
    for (let index = 0; index < this.flows; index++) {
      const first = this.touched[index]! * COUNTS_PER_FLOW;
      for (let number = 0; number < COUNTS_PER_FLOW; number++) this.counts[first + number] = 0;
    }
    this.flows = 0;
    this.totals.fill(0);
    this.otherPackets = 0;
    this.otherBytes = 0;
  }
}

/** Counts every row of every batch. */
export class LiveTable implements RowSink {
  readonly writtenBytes = 0;
  readonly #parts: LiveTableParts;
  readonly #cell: SharedArrayBuffer;
  readonly #places: readonly Place[];
  readonly #flows: FlowTable;
  readonly #tcp: TcpWatch;
  readonly #lastSecond: Float64Array;
  /** Rows of a run that the filter selects, and the numbers of their flows. */
  readonly #chosen = new Uint16Array(RUN_ROWS);
  readonly #numbers = new Int32Array(RUN_ROWS);
  /** The oldest second that is open; undefined before the first. */
  #base: number | undefined;
  /** That one, and the one behind it. */
  #first: OpenSecond;
  #second: OpenSecond;
  #filterVersion = 0;
  #filter: readonly Predicate[] | null = null;
  #rows = 0;

  /** @param cell of {@linkcode createFilterCell} */
  constructor(
    cell: SharedArrayBuffer,
    { attachments }: Pick<RowSinkOptions, "attachments">,
    parts: LiveTableParts,
  ) {
    const limit = parts.limit ?? MAX_FLOWS;
    this.#parts = parts;
    this.#cell = cell;
    this.#places = attachments.map((one) => ({
      interface: one.interface ?? "",
      direction: one.direction ?? "ingress",
    }));
    this.#flows = new FlowTable(limit);
    this.#tcp = new TcpWatch(limit);
    this.#lastSecond = new Float64Array(limit);
    this.#first = new OpenSecond(limit, attachments.length);
    this.#second = new OpenSecond(limit, attachments.length);
  }

  append(batch: ColumnBatch, rows: number): void {
    this.#followFilter();
    this.#rows += rows;
    for (let row = 0; row < rows;) row = this.#appendRun(batch, row, rows);
  }

  /**
   * Counts rows that belong to the same second.
   *
   * @returns the first row behind them
   */
  #appendRun(batch: ColumnBatch, first: number, end: number): number {
    const { timestamp, attachment } = batch;
    const filter = this.#filter;
    const chosen = this.#chosen;
    const second = this.#secondOf(timestamp, first);
    let count = 0;
    let row = first;
    for (; row < end && count < RUN_ROWS; row++) {
      if (this.#secondOf(timestamp, row) !== second) break;
      chosen[count] = row;
      if (filter === null || filter[attachment[row]!]!(batch, row)) count++;
    }
    if (count === 0) return row;
    if (second !== this.#base) this.#open(second);
    const known = this.#flows.size;
    this.#flows.find(batch, chosen, count, this.#numbers);
    for (let flow = known; flow < this.#flows.size; flow++) this.#tcp.forget(flow);
    this.#count(second > this.#base! ? this.#second : this.#first, batch, count);
    return row;
  }

  #secondOf(timestamp: Uint32Array, row: number): number {
    return Math.floor((timestamp[2 * row + 1]! * 4_294_967_296 + timestamp[2 * row]!) / 1e9);
  }

  #count(open: OpenSecond, batch: ColumnBatch, count: number): void {
    const { counts, totals } = open;
    const { attachment, packetLength, present } = batch;
    const chosen = this.#chosen;
    const numbers = this.#numbers;
    for (let index = 0; index < count; index++) {
      const row = chosen[index]!;
      const bytes = packetLength[row]!;
      const total = 2 * attachment[row]!;
      totals[total]!++;
      totals[total + 1]! += bytes;
      const flow = numbers[index]!;
      if (flow === NO_ROOM) {
        open.otherPackets++;
        open.otherBytes += bytes;
        continue;
      }
      const first = flow * COUNTS_PER_FLOW;
      if (counts[first] === 0) {
        open.touched[open.flows++] = flow;
        this.#lastSecond[flow] = this.#base!;
      }
      counts[first + FLOW_COUNT.packets]!++;
      counts[first + FLOW_COUNT.bytes]! += bytes;
      if ((present[row]! & PRESENT.TCP) === 0) continue;
      const found = this.#tcp.see(flow, batch, row);
      if (found & SEGMENT.AGAIN) counts[first + FLOW_COUNT.again]!++;
      if (found & SEGMENT.REFUSED) counts[first + FLOW_COUNT.refused]!++;
    }
  }

  /** Sees to it that packets of a second can be counted. */
  #open(second: number): void {
    if (this.#base === undefined) this.#base = second;
    if (second < this.#base - SET_BACK_SECONDS || second > this.#base + KEPT_SECONDS) {
      this.#close();
      this.#close();
      this.#base = second;
    }
    while (second > this.#base + 1) this.#close();
  }

  /** Hands the oldest second on. */
  #close(): void {
    const open = this.#first;
    const flows = open.touched.slice(0, open.flows);
    this.#parts.onSecond({
      second: this.#base!,
      filterVersion: this.#filterVersion,
      flows,
      numbering: this.#flows.numbering,
      keys: gather(this.#flows.keys, flows, KEY_WORDS, Uint32Array),
      counts: gather(open.counts, flows, COUNTS_PER_FLOW, Float64Array),
      roles: gather(this.#tcp.roles, flows, 1, Uint8Array),
      totals: open.totals.slice(),
      others: [open.otherPackets, open.otherBytes],
    });
    open.clear();
    this.#first = this.#second;
    this.#second = open;
    this.#base!++;
    if (this.#flows.size > this.#flows.limit * 3 / 4) this.#makeRoom();
  }

  /** Forgets flows that are silent; if those are few, all that have sent nothing in the second to come. */
  #makeRoom(): void {
    const { size, limit } = this.#flows;
    const open = this.#first;
    const kept = new Uint8Array(size);
    let count = 0;
    for (let flow = 0; flow < size; flow++) {
      if (this.#lastSecond[flow]! < this.#base! - KEPT_SECONDS) continue;
      kept[flow] = 1;
      count++;
    }
    if (count > limit / 2) kept.fill(0);
    for (let index = 0; index < open.flows; index++) kept[open.touched[index]!] = 1;
    const moved = this.#flows.compact(kept);
    const touched = new Uint8Array(size);
    for (let index = 0; index < open.flows; index++) touched[open.touched[index]!] = 1;
    let flows = 0;
    for (let old = 0; old < size; old++) {
      const now = moved[old]!;
      if (now === NO_ROOM) continue;
      this.#tcp.move(old, now);
      this.#lastSecond[now] = this.#lastSecond[old]!;
      if (touched[old] === 0) continue;
      open.touched[flows++] = now;
      if (now === old) continue;
      const first = old * COUNTS_PER_FLOW;
      open.counts.copyWithin(now * COUNTS_PER_FLOW, first, first + COUNTS_PER_FLOW);
      open.counts.fill(0, first, first + COUNTS_PER_FLOW);
    }
  }

  /** Begins anew when another filter was asked for. */
  #followFilter(): void {
    if (filterVersion(this.#cell) === this.#filterVersion) return;
    const filter = readFilter(this.#cell);
    if (filter === undefined) return;
    this.#filterVersion = filter.version;
    this.#filter = filter.text === "" ? null : predicates(parseFilter(filter.text), this.#places);
    this.#first.clear();
    this.#second.clear();
    this.#flows.clear();
  }

  tend(): number {
    this.#followFilter();
    const now = this.#parts.now();
    this.#base ??= Math.floor(now / 1000);
    if (now < (this.#base - SET_BACK_SECONDS) * 1000) this.#open(Math.floor(now / 1000));
    for (;;) {
      const leftMs = (this.#base + 1) * 1000 + LATE_MS - now;
      if (leftMs > 0) return leftMs;
      if (leftMs < -KEPT_SECONDS * 1000) this.#open(Math.floor(now / 1000));
      else this.#close();
    }
  }

  closeSegment(): void {}

  /** Hands on what is still open. */
  finish(): number {
    this.#followFilter();
    if (this.#base !== undefined) {
      this.#close();
      this.#close();
    }
    return this.#rows;
  }

  complete(): number {
    return 0;
  }

  [Symbol.dispose](): void {}
}

/** The entries of some flows, one after the other. */
function gather<Entries extends Uint8Array | Uint32Array | Float64Array>(
  all: Entries,
  flows: Uint32Array,
  length: number,
  make: new (length: number) => Entries,
): Entries {
  const some = new make(flows.length * length);
  for (let index = 0; index < flows.length; index++) {
    const from = flows[index]! * length;
    for (let at = 0; at < length; at++) some[index * length + at] = all[from + at]!;
  }
  return some;
}
