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
import { type SecondRow, secondRows, SUM, SUMS, type View, VIEWS, WAYS } from "./live_rows.ts";

/** What an object is made of. */
export interface Interval {
  /** Whole seconds, in their order; at least one. */
  readonly seconds: readonly LiveSecond[];
  /** Seconds before them that are in no object. */
  readonly leftOut: number;
  readonly places: readonly KnownAttachment[];
  /** Rows of each view; 0 = all. */
  readonly limit: number;
  readonly sampleRate: number;
  /** Of the whole capture until now. */
  readonly counts: Pick<PacketCounts, "packets_captured" | "packets_dropped">;
}

/** The object, its keys in the order in which they are documented. */
export function intervalObject(interval: Interval): { readonly [name: string]: Json } {
  const { seconds, places, sampleRate, counts } = interval;
  const totals = { packets_in: 0, bytes_in: 0, packets_out: 0, bytes_out: 0 };
  const others = { packets: 0, bytes: 0 };
  for (const second of seconds) {
    const one = totalsByDirection(second, places);
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
    ...Object.fromEntries(VIEWS.map((view) => [view, rowsOf(view, interval)])),
  };
}

function rowsOf(
  view: View,
  { seconds, places, limit, sampleRate }: Interval,
): { readonly [name: string]: Json }[] {
  const rows = new Map<string, SecondRow>();
  for (const second of seconds) {
    for (const [label, row] of secondRows(view, second, places)) {
      const known = rows.get(label);
      if (known === undefined) rows.set(label, row);
      else for (let index = 0; index < SUMS; index++) known.sums[index]! += row.sums[index]!;
    }
  }
  const bytes = ({ sums }: SecondRow) => sums[SUM.bytesForth]! + sums[SUM.bytesBack]!;
  const sorted = [...rows.values()].sort((a, b) =>
    bytes(b) - bytes(a) || (a.label < b.label ? -1 : 1)
  );
  const [forth, back] = WAYS[view];
  return (limit === 0 ? sorted : sorted.slice(0, limit)).map(({ about, sums }) => ({
    ...about().fields,
    [`packets_${forth}`]: sums[SUM.packetsForth]! * sampleRate,
    [`bytes_${forth}`]: sums[SUM.bytesForth]! * sampleRate,
    [`packets_${back}`]: sums[SUM.packetsBack]! * sampleRate,
    [`bytes_${back}`]: sums[SUM.bytesBack]! * sampleRate,
    // Where packets are left out it cannot be told what was sent before.
    segments_again: sampleRate > 1 ? null : sums[SUM.again]!,
    refused: sums[SUM.refused]! * sampleRate,
  }));
}

function isoSecond(second: number): string {
  return new Date(second * 1000).toISOString().replace(".000Z", "Z");
}
