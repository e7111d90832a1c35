/**
 * An interval of a live view as an object, for programs.
 *
 * @module
 */
import type { KnownAttachment } from "../../contract/attachment.ts";
import type { LiveSecond } from "../../contract/live_second.ts";
import type { PacketCounts } from "../../contract/packet_counts.ts";
import type { Json } from "../json.ts";
import { totalsByDirection } from "./live_history.ts";
import { SUM, SUMS, type View, VIEWS, WAYS } from "./live_rows.ts";
import { type BookRow, RowBook, type SecondShare } from "./row_book.ts";
import { firstOf } from "./row_order.ts";

/** What an object is made of. */
export interface Interval {
  /** Whole seconds, in their order; at least one. */
  readonly seconds: readonly LiveSecond[];
  /** Seconds before them that are in no object. */
  readonly leftOut: number;
  readonly rows: IntervalRows;
  /** Rows of each view; 0 = all. */
  readonly limit: number;
  readonly sampleRate: number;
  /** Of the whole capture until now. */
  readonly counts: Pick<PacketCounts, "packets_captured" | "packets_dropped">;
}

/** The object, its keys in the order in which they are documented. */
export function intervalObject(interval: Interval): { readonly [name: string]: Json } {
  const { seconds, rows, sampleRate, counts } = interval;
  const totals = { packets_in: 0, bytes_in: 0, packets_out: 0, bytes_out: 0 };
  const others = { packets: 0, bytes: 0 };
  for (const second of seconds) {
    const one = totalsByDirection(second, rows.places);
    totals.packets_in += one.packetsIn * sampleRate;
    totals.bytes_in += one.bytesIn * sampleRate;
    totals.packets_out += one.packetsOut * sampleRate;
    totals.bytes_out += one.bytesOut * sampleRate;
    others.packets += second.others[0] * sampleRate;
    others.bytes += second.others[1] * sampleRate;
  }
  return {
    from: isoSecond(seconds[0]!.second),
    to: isoSecond(seconds.at(-1)!.second + 1),
    seconds_left_out: interval.leftOut,
    ...totals,
    others,
    packets_captured: counts.packets_captured,
    packets_dropped: counts.packets_dropped,
    sample_rate: sampleRate,
    ...Object.fromEntries(VIEWS.map((view) => [view, rows.of(view, interval)])),
  };
}

/** The rows of intervals: what is known of them is kept from one to the next. */
export class IntervalRows {
  readonly places: readonly KnownAttachment[];
  readonly #books: ReadonlyMap<View, RowBook>;

  constructor(places: readonly KnownAttachment[]) {
    this.places = places;
    this.#books = new Map(VIEWS.map((view) => [view, new RowBook(view, places, SUMS)]));
  }

  /** Rows of a view in an interval, the largest first, with their sums over it. */
  of(view: View, { seconds, limit, sampleRate }: Interval): { readonly [name: string]: Json }[] {
    const book = this.#books.get(view)!;
    for (const second of seconds) addUp(book.share(second));
    for (const row of book.rows) if (!hasPackets(row)) book.forget(row);
    const bytes = ({ sums }: BookRow) => sums[SUM.bytesForth]! + sums[SUM.bytesBack]!;
    const order = (a: BookRow, b: BookRow) =>
      bytes(b) - bytes(a) || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);
    const [forth, back] = WAYS[view];
    const objects = firstOf(book.rows, limit === 0 ? book.size : limit, order).map((
      { about, sums },
    ) => ({
      ...about().fields,
      [`packets_${forth}`]: sums[SUM.packetsForth]! * sampleRate,
      [`bytes_${forth}`]: sums[SUM.bytesForth]! * sampleRate,
      [`packets_${back}`]: sums[SUM.packetsBack]! * sampleRate,
      [`bytes_${back}`]: sums[SUM.bytesBack]! * sampleRate,
      // Where packets are left out it cannot be told what was sent before.
      segments_again: sampleRate > 1 ? null : sums[SUM.again]!,
      refused: sums[SUM.refused]! * sampleRate,
    }));
    for (const row of book.rows) row.sums.fill(0);
    return objects;
  }
}

function addUp({ rows, sums }: SecondShare): void {
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place]!.sums;
    for (let index = 0; index < SUMS; index++) row[index]! += sums[place * SUMS + index]!;
  }
}

function hasPackets({ sums }: BookRow): boolean {
  return sums[SUM.packetsForth] !== 0 || sums[SUM.packetsBack] !== 0;
}

function isoSecond(second: number): string {
  return new Date(second * 1000).toISOString().replace(".000Z", "Z");
}
