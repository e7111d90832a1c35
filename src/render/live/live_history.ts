/**
 * The last seconds of a live view, and the sums of its rows over them.
 *
 * @module
 */
import type { KnownAttachment } from "../../contract/attachment.ts";
import { COUNTS_PER_FLOW, FLOW_COUNT, type LiveSecond } from "../../contract/live_second.ts";
import { SUM, SUMS, type View } from "./live_rows.ts";
import { type BookRow, RowBook, type SecondShare } from "./row_book.ts";

/** Seconds that rates are taken over. */
export const WINDOWS = [2, 10, 40] as const;

const LONGEST = WINDOWS[2];

/** Seconds of which the totals are kept, for the sparklines. */
const TOTALS_KEPT = 600;

/** A gap above that begins a new history, as does a clock that was set back. */
const LONGEST_GAP = 60;

/** Packets and bytes by direction. */
export interface Totals {
  readonly packetsIn: number;
  readonly bytesIn: number;
  readonly packetsOut: number;
  readonly bytesOut: number;
}

const NOTHING: Totals = { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0 };

/** A row, whose sums are those over each of {@linkcode WINDOWS}, one after the other. */
export type LiveRow = BookRow;

/** The sum of packets or bytes of a row both ways. */
export function sumOf(row: LiveRow, window: number, unit: "packets" | "bytes"): number {
  const first = window * SUMS + (unit === "packets" ? SUM.packetsForth : SUM.bytesForth);
  return row.sums[first]! + row.sums[first + SUM.packetsBack]!;
}

/** The rows of one view: each second is added once and taken away once for each window. */
class ViewSums {
  readonly book: RowBook;
  readonly #seconds: SecondShare[] = [];

  constructor(readonly name: View, places: readonly KnownAttachment[]) {
    this.book = new RowBook(name, places, SUMS * WINDOWS.length);
  }

  add(second: LiveSecond): void {
    const share = this.book.share(second);
    this.#seconds.push(share);
    WINDOWS.forEach((length, window) => {
      sumUp(share, window, 1);
      const passed = this.#seconds.at(-1 - length);
      if (passed !== undefined) sumUp(passed, window, -1);
    });
    if (this.#seconds.length <= LONGEST) return;
    for (const row of this.#seconds.shift()!.rows) {
      if (sumOf(row, WINDOWS.length - 1, "packets") === 0) this.book.forget(row);
    }
  }
}

function sumUp({ rows, sums }: SecondShare, window: number, sign: 1 | -1): void {
  const first = window * SUMS;
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place]!.sums;
    for (let index = 0; index < SUMS; index++) {
      row[first + index]! += sign * sums[place * SUMS + index]!;
    }
  }
}

/** Takes the seconds as they come. */
export class LiveHistory {
  readonly places: readonly KnownAttachment[];
  readonly #scale: number;
  #seconds: LiveSecond[] = [];
  #totals: Totals[] = [];
  /** The view that was asked for last. */
  #view: ViewSums | undefined;
  #version = 0;
  /** The last second that was told; undefined before the first, of which only a part was seen. */
  #latest: number | undefined;

  /** @param sampleRate one packet in how many was kept: all is scaled up by it */
  constructor(places: readonly KnownAttachment[], sampleRate = 1) {
    this.places = places;
    this.#scale = sampleRate;
  }

  /** Whole seconds that are known, at most the longest window. */
  get length(): number {
    return this.#seconds.length;
  }

  /** The last second; undefined before the first. */
  get last(): number | undefined {
    return this.#seconds.at(-1)?.second;
  }

  /** Packets of the last second that belong to no row, for want of room. */
  get others(): number {
    return (this.#seconds.at(-1)?.others[0] ?? 0) * this.#scale;
  }

  /** Totals of the last seconds, the oldest first. */
  get totals(): readonly Totals[] {
    return this.#totals;
  }

  /** Begins anew, for packets that another filter selects. */
  restart(filterVersion: number): void {
    this.#version = filterVersion;
    this.#clear();
  }

  /** Seconds of another filter are left out. */
  add(second: LiveSecond): void {
    if (second.filterVersion !== this.#version) return;
    const gap = second.second - (this.#latest ?? second.second);
    if (gap < 1 || gap > LONGEST_GAP) this.#clear();
    const isFirst = this.#latest === undefined;
    this.#latest = second.second;
    if (isFirst) return;
    for (let missing = gap - 1; missing > 0; missing--) {
      this.#take(silence(second, second.second - missing));
    }
    this.#take(this.#scaled(second));
  }

  /** Rows that sent something within the longest window. Valid until the next second. */
  rows(view: View): Pick<RowBook, "rows" | "size" | "row"> {
    if (this.#view?.name !== view) {
      this.#view = new ViewSums(view, this.places);
      for (const second of this.#seconds) this.#view.add(second);
    }
    return this.#view.book;
  }

  /** Seconds that a window really has, at the start fewer than it wants. */
  secondsOf(window: number): number {
    return Math.min(WINDOWS[window]!, this.#seconds.length);
  }

  /** Totals of the last `count` seconds. */
  totalsOf(count: number): Totals {
    return this.#totals.slice(-count).reduce((sum, one) => ({
      packetsIn: sum.packetsIn + one.packetsIn,
      bytesIn: sum.bytesIn + one.bytesIn,
      packetsOut: sum.packetsOut + one.packetsOut,
      bytesOut: sum.bytesOut + one.bytesOut,
    }), NOTHING);
  }

  #take(second: LiveSecond): void {
    this.#seconds.push(second);
    if (this.#seconds.length > LONGEST) this.#seconds.shift();
    this.#view?.add(second);
    this.#totals.push(totalsByDirection(second, this.places));
    if (this.#totals.length > TOTALS_KEPT) this.#totals.shift();
  }

  #clear(): void {
    this.#seconds = [];
    this.#totals = [];
    this.#view = undefined;
    this.#latest = undefined;
  }

  #scaled(second: LiveSecond): LiveSecond {
    if (this.#scale === 1) return second;
    const times = (numbers: Float64Array) => numbers.map((one) => one * this.#scale);
    const counts = times(second.counts);
    // Whether a segment was sent before cannot be told where packets are left out.
    for (let at: number = FLOW_COUNT.again; at < counts.length; at += COUNTS_PER_FLOW) {
      counts[at] = 0;
    }
    return { ...second, counts, totals: times(second.totals) };
  }
}

/** Packets and bytes of a second by direction. */
export function totalsByDirection(
  { totals }: LiveSecond,
  places: readonly KnownAttachment[],
): Totals {
  const sums = { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0 };
  for (const { attachment, direction } of places) {
    const way = direction === "ingress" ? "In" : "Out";
    sums[`packets${way}`] += totals[2 * attachment]!;
    sums[`bytes${way}`] += totals[2 * attachment + 1]!;
  }
  return sums;
}

/** A second in which nothing came. */
function silence({ filterVersion, numbering, totals }: LiveSecond, second: number): LiveSecond {
  return {
    second,
    filterVersion,
    numbering,
    flows: new Uint32Array(),
    keys: new Uint32Array(),
    counts: new Float64Array(),
    roles: new Uint8Array(),
    totals: new Float64Array(totals.length),
    others: [0, 0],
  };
}
