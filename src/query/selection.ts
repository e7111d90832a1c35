/**
 * Which of the recorded packets a command is about, as the user wrote it.
 *
 * @module
 */
import type { WrittenTime } from "../core/written_time.ts";
import type { WrittenFilter } from "../filter/written_filter.ts";

/** All that is given must hold for a packet. */
export interface Selection {
  /** Packets at this time and later; null = from the first. */
  readonly from: WrittenTime | null;
  /** Packets before this time; null = to the last. */
  readonly to: WrittenTime | null;
  /** Names of interfaces; none = all. */
  readonly interfaces: readonly string[];
  readonly direction: "in" | "out" | null;
  /** A condition in SQL over the columns, as the user wrote it. It is checked where it is used. */
  readonly where: string | null;
  /** A filter expression. */
  readonly filter: WrittenFilter | null;
}

/** All packets. */
export const EVERYTHING: Selection = {
  from: null,
  to: null,
  interfaces: [],
  direction: null,
  where: null,
  filter: null,
};

/** Whether a selection leaves anything out. */
export function isEverything(selection: Selection): boolean {
  const { from, to, interfaces, direction, where, filter } = selection;
  return from === null && to === null && interfaces.length === 0 && direction === null &&
    where === null && filter === null;
}
