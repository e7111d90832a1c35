/**
 * Which of the files that a killed recording has left hold which rows, each once.
 *
 * @module
 */
import {
  closedPart,
  growingPart,
  readTailName,
  segmentNumber,
  type TailName,
} from "../segments/segment_names.ts";

/** A piece of a recording that is not in its file yet. */
export interface LeftPiece {
  readonly name: string;
  readonly segment: number;
  /** The piece ends before this row of the segment; null = it is all of it. */
  readonly endRow: number | null;
}

/** What there is of one file. */
export interface LeftPart {
  readonly number: number;
  readonly kind: "growing" | "closed";
}

/** The files of a recording, in order; only the last can have pieces beside it. */
export function leftParts(names: readonly string[]): LeftPart[] {
  const parts = names.flatMap((name): LeftPart[] => {
    const closed = closedPart(name);
    if (closed !== null) return [{ number: closed, kind: "closed" }];
    const growing = growingPart(name);
    const isWhole = growing?.kind === "data" && names.includes(name.replace(/data$/, "index"));
    return isWhole ? [{ number: growing!.part, kind: "growing" }] : [];
  });
  return parts.sort((one, other) => one.number - other.number);
}

/** Data without an index, and an index without data. */
export function orphans(names: readonly string[]): string[] {
  return names.filter((name) => {
    const other = { data: "index", index: "data" } as const;
    const growing = growingPart(name);
    return growing !== null && !names.includes(name.replace(/\w+$/, other[growing.kind]));
  });
}

/**
 * The pieces that have to be added to what was taken in, in order, so that each row comes once: a segment
 * stands beside its own tails for a moment, and a tail beside those that it has taken in.
 *
 * @param taken the last piece that was taken in: number of its segment, and the row behind it
 */
export function leftPieces(
  names: readonly string[],
  taken: { readonly segment: number; readonly endRow: number | null },
): LeftPiece[] {
  const whole = new Map<number, string>();
  const tails = new Map<number, (TailName & { readonly name: string })[]>();
  for (const name of names) {
    const number = segmentNumber(name);
    if (number !== null) whole.set(number, name);
    const tail = readTailName(name);
    if (tail === null) continue;
    tails.set(tail.segment, [...tails.get(tail.segment) ?? [], { ...tail, name }]);
  }
  const numbers = [...new Set([...whole.keys(), ...tails.keys()])].sort((a, b) => a - b);
  return numbers.flatMap((segment): LeftPiece[] => {
    if (segment < taken.segment || (segment === taken.segment && taken.endRow === null)) return [];
    const name = whole.get(segment);
    const isBegun = segment === taken.segment;
    if (name !== undefined && !isBegun) return [{ name, segment, endRow: null }];
    return chain(tails.get(segment) ?? [], isBegun ? taken.endRow! : 0)
      .map((tail) => ({ name: tail.name, segment, endRow: tail.endRow }));
  });
}

/** Tails without any row twice, the largest first where several begin at one. */
function chain<T extends TailName>(tails: readonly T[], firstRow: number): T[] {
  const sorted = tails.toSorted((a, b) => a.firstRow - b.firstRow || b.endRow - a.endRow);
  let covered = firstRow;
  return sorted.filter((tail) => {
    if (tail.firstRow < covered) return false;
    covered = tail.endRow;
    return true;
  });
}
